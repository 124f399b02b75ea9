/**
 * The contract of commands.
 *
 * @module
 */
import type { ExitCode } from "./exit-codes.ts";
import type { Flags } from "./flags.ts";
import type { Output } from "./output.ts";

/** One use of a command. */
export interface CommandCall {
  readonly args: readonly (string | undefined)[];
  readonly flags: Flags;
  readonly out: Output;
  readonly cwd: string;
}

/** Does its work, prints its result, and says how it went. What it throws is told by whoever called it. */
export type CommandHandler = (call: CommandCall) => Promise<ExitCode>;
