/**
 * Where the program prints: results on standard output, as text or JSON lines, everything about them on standard error.
 *
 * @module
 */

import { createReadStream } from "node:fs";
import { type JsonValue, parseJsonObject } from "../data/json.ts";
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

/** A line: its object, or none when it is damaged. The last one may be torn because it is being written: that is no damage. */
export interface JsonLine {
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Every whole line of a file, in order, streamed; nothing when there is no such file.
 *
 * @param isWanted spares lines from being parsed: they are given without their value
 */
export async function* readJsonLines(
  path: string,
  isWanted: (text: string) => boolean = () => true,
): AsyncGenerator<JsonLine, void, undefined> {
  let unfinished = "";
  try {
    for await (const piece of createReadStream(path, { encoding: "utf8" })) {
      const lines = (unfinished + (piece as string)).split("\n");
      unfinished = lines.pop() as string;
      for (const text of lines) {
        if (text !== "") yield { text, value: isWanted(text) ? parseJsonObject(text) : undefined };
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
