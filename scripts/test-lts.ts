/**
 * Runs the tests on the newest long-term-support line of Node, whatever Node is installed. Arguments go to vitest.
 *
 * @module
 */
import { delimiter, dirname } from "node:path";
import { ltsNode } from "./lts-node.ts";
import { runProgram } from "./run-program.ts";

const node = await ltsNode();
const { code } = await runProgram(node, ["node_modules/vitest/vitest.mjs", "run", ...process.argv.slice(2)], {
  env: {
    ...process.env,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`,
    // The sources and the replies are the same on every Node; all of them are read on the installed one.
    STATIC_CHECKS: "off",
    FUZZ_RUNS: process.env.FUZZ_RUNS ?? "1000",
  },
  timeoutMs: 2_400_000,
  inherit: true,
});
process.exitCode = code ?? 1;
