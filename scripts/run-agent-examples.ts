/**
 * Runs the examples with agents of other frameworks against the real packages, which are installed in their folder (about 650 MB), and a local
 * server. `--installed` leaves out the installation; other arguments are those of `node --test`.
 *
 * @module
 */
import { lstatSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram, withoutModels } from "./run-program.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "examples", "with-agents");
const args = process.argv.slice(2).filter((arg) => arg !== "--installed");

// Not without optional packages: the OpenAI Agents SDK does not load without one of them.
if (!process.argv.includes("--installed")) await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
// By hand: npm would install the packages of this folder for a dependency on it.
const link = join(folder, "node_modules", "opto");
if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(root, link, "dir");
const tsx = fileURLToPath(import.meta.resolve("tsx"));
await run(process.execPath, ["--import", tsx, "--test", "--test-reporter=spec", ...args, "agents.test.mjs"]);

async function run(command: string, given: readonly string[]): Promise<void> {
  const env = {
    ...withoutModels(),
    TSX_TSCONFIG_PATH: join(root, "tsconfig.build.json"),
    NO_COLOR: "1",
    MASTRA_TELEMETRY_DISABLED: "1",
  };
  const { code } = await runProgram(command, given, { cwd: folder, env, timeoutMs: 1_200_000, inherit: true });
  if (code !== 0) process.exit(code ?? 1);
}
