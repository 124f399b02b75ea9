/**
 * The contract of commands: what each is called with, where it prints (results on standard output, as text or JSON, everything about them on
 * standard error), and the codes that it ends with.
 *
 * @module
 */

import type { JsonValue } from "../data/json.ts";
import { createPaint, type Paint, wantsColor } from "../loggers/printable.ts";
import { type TerminalStream, terminalColumns } from "../loggers/progress-frame.ts";
import type { Flags } from "./flags.ts";

/** One use of a command. */
export interface CommandCall {
  readonly args: readonly (string | undefined)[];
  readonly flags: Flags;
  readonly out: Output;
  readonly cwd: string;
}

/** Does its work, prints its result, and says how it went. What it throws is told by whoever called it. */
export type CommandHandler = (call: CommandCall) => Promise<ExitCode>;

/** The exit codes of `opto`; `docs/cli.md` has the same table. */
export const exitCodes = {
  done: 0,
  /** A score below the threshold, a file that is not what it should be, or any failure that has no code of its own. */
  failed: 1,
  /** The command, its options or the set-up are wrong, or the run cannot be begun or continued; nothing was done. */
  usage: 2,
  /** A budget or a provider's quota is spent; the run can be continued. */
  budget: 3,
  /** Stopped by a signal; the run can be continued. */
  interrupted: 130,
} as const;

/** One of them. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The code for why a run ended. */
export function exitCodeOf(stopReason: string): ExitCode {
  if (stopReason === "budget" || stopReason === "quota") return exitCodes.budget;
  return stopReason === "interrupted" ? exitCodes.interrupted : exitCodes.done;
}

/** Prints for people, or one JSON document for programs. */
export interface Output {
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  readonly hasColor: boolean;
  readonly paint: Paint;
  /** Of the terminal; without one there is no bound. */
  readonly columns: number;
  /** Where progress goes. */
  readonly progress: TerminalStream;
  /** The result: lines for people, a document for programs. Once a command. */
  result(lines: readonly string[], document: JsonValue): void;
  /** A line beside the result. */
  note(line: string): void;
}

/** Output to the streams of the process. With `json` nothing else in the process can print on standard output any more. */
export function createOutput({ json = false, quiet = false }: { readonly json?: boolean; readonly quiet?: boolean }): Output {
  const { stdout, stderr } = process;
  const print = stdout.write.bind(stdout);
  // An agent may print, too; what it says must not break the document.
  if (json) stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  const isTerminal = stdout.isTTY === true;
  const hasColor = !json && wantsColor(isTerminal);
  return {
    isJson: json,
    isQuiet: quiet,
    hasColor,
    paint: createPaint(hasColor),
    columns: isTerminal ? (terminalColumns(stdout) ?? 80) : Number.POSITIVE_INFINITY,
    progress: json ? stderr : stdout,
    result: (lines, document) => {
      if (json) print(`${JSON.stringify(document, null, 2)}\n`);
      else if (lines.length > 0) print(`${lines.join("\n")}\n`);
    },
    note: (line) => {
      stderr.write(`${line}\n`);
    },
  };
}
