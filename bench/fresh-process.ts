/**
 * Measures inside a new process, where nothing is loaded yet.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { runProgram } from "../scripts/run-program.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * The number that a program prints. `opto` is the built package there.
 *
 * @param program an ES module as plain JavaScript; `gc()` is defined
 */
export async function measureInFreshProcess(program: string): Promise<number> {
  const flags = ["--expose-gc", "--input-type=module"];
  const { code, stdout, output } = await runProgram(process.execPath, [...flags, "--eval", program], { cwd: root });
  const value = stdout.trim() === "" ? Number.NaN : Number(stdout);
  if (code !== 0 || Number.isNaN(value))
    throw new Error(`Expected the program to print a number, got (exit code ${code}) ${output}`);
  return value;
}
