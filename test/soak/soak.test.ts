/**
 * The soak, short: `npm run test:soak` is the long one.
 *
 * @module
 */
import { expect, it } from "vitest";
import { soak } from "./soak.ts";

it("answers every call once over HTTPS through a proxy with resets and slow bodies, as the ledger has it", async () => {
  const { problems } = await soak({ calls: 400, width: 64, seed: "0" });
  expect(problems).toEqual([]);
});
