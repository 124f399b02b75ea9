/**
 * The Python environments of the originals: made below the cache on first use.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "../../../scripts/run-program.ts";
import type { Original } from "./originals.ts";

/** An interpreter that has the package of an original. */
export interface PythonEnvironment {
  readonly python: string;
  readonly version: string;
}

/**
 * Installs what is missing.
 *
 * @param given an interpreter that has all the packages already @default an environment of its own below `cache`
 * @throws Error when the package cannot be installed
 */
export async function pythonEnvironment(original: Original, cache: string, given?: string): Promise<PythonEnvironment> {
  const python = given ?? (await installed(original, join(cache, "python", original.package)));
  const asked = `import importlib.metadata as m; print(m.version(${JSON.stringify(original.package)}))`;
  return { python, version: (await run(python, ["-c", asked])).trim() };
}

async function installed({ requirements }: Original, folder: string): Promise<string> {
  const python = join(folder, "bin", "python");
  const mark = join(folder, ".installed");
  if (existsSync(mark)) return python;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await run("python3", ["-m", "venv", folder]);
  await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...requirements]);
  await writeFile(mark, "");
  return python;
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const result = await runProgram(command, args, { timeoutMs: 1_800_000 }).catch((error: Error) => ({
    code: 1,
    stdout: "",
    output: error.message,
  }));
  if (result.code !== 0)
    throw new Error(`\`${command} ${args.slice(0, 3).join(" ")}\` failed: ${result.output.trim().slice(-400)}`);
  return result.stdout;
}
