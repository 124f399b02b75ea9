/**
 * Runs every example the way somebody does who has set nothing up: no keys, no models, the built package.
 *
 * An example is a folder below `examples`. Its program is `train.ts`; where that needs a service, `offline.ts`
 * starts one on this machine and is run instead. Folders that are given as arguments are left out: `.ci/run` runs the mail
 * filter as the quickstart. So are folders with packages of their own, which have their own scripts.
 *
 * @module
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pLimit from "p-limit";
import { runProgram, withoutModels } from "./run-program.ts";

const maxAtOnce = 2;
const timeoutMs = 180_000;

const folders = existsSync("examples")
  ? readdirSync("examples", { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join("examples", entry.name))
      .filter((folder) => !process.argv.slice(2).includes(folder) && !existsSync(join(folder, "package.json")))
      .sort()
  : [];
const results = await pLimit(maxAtOnce).map(folders, runExample);
const failed = results.filter((passed) => !passed).length;
console.log(`${results.length} examples, ${failed} failed`);
if (failed > 0 || results.length === 0) process.exitCode = 1;

async function runExample(folder: string): Promise<boolean> {
  const program = ["offline.ts", "train.ts"].map((name) => join(folder, name)).find((path) => existsSync(path));
  if (program === undefined) {
    console.error(`${folder}: expected train.ts or offline.ts, found neither`);
    return false;
  }
  const started = performance.now();
  const { code, output } = await runProgram(process.execPath, ["--import", fileURLToPath(import.meta.resolve("tsx")), program], {
    env: { ...withoutModels(), TSX_TSCONFIG_PATH: "tsconfig.build.json", NO_COLOR: "1" },
    timeoutMs,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`== ${program} (${seconds} s${code === 0 ? "" : `, ended with ${code ?? "a timeout"}`})\n${output.trimEnd()}\n`);
  return code === 0;
}
