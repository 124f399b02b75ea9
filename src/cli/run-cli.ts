/**
 * `runCli`: one command line from start to exit code.
 *
 * @module
 */
import { CommanderError } from "commander";
import { packageVersion } from "../data/package-version.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { createOutput } from "./output.ts";
import { createProgram } from "./program.ts";
import { tellError } from "./tell-error.ts";

/** Runs what the arguments say. Never rejects. */
export async function runCli(argv: readonly string[], cwd: string): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const program = createProgram(packageVersion(), async (handler, args, flags) => {
    const out = createOutput(flags);
    try {
      code = await handler({ args, flags, out, cwd });
    } catch (error) {
      code = tellError(error, out);
    }
  });
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    code = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (code !== exitCodes.done && argv.includes("--json")) {
      const message = error.message.replace(/^error: /, "");
      createOutput({ json: true }).result([], { error: { name: "UsageError", code: "usage", message } });
    }
  }
  return code;
}
