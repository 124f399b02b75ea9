/**
 * The soak: `npm run test:soak -- [--calls 100000] [--width 64] [--seed 0]`. Calls over HTTPS through a proxy, with resets, cut and slow
 * bodies and refusals: every call has its own answer, none is lost or paid for twice, the ledger has what the server has counted, and
 * nothing is left behind.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { soak } from "./soak.ts";

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "100000" },
    width: { type: "string", default: "64" },
    seed: { type: "string", default: "0" },
  },
});
const { problems, summary } = await soak({ calls: Number(values.calls), width: Number(values.width), seed: values.seed });
console.log(summary);
assert.deepEqual(problems, []);
