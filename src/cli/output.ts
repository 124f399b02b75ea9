/**
 * Where the program prints: results on standard output, as text or JSON lines, everything about them on standard error.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import { createPaint, type Paint, wantsColor } from "../loggers/printable.ts";
import { type TerminalStream, terminalColumns } from "../loggers/progress-frame.ts";

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
