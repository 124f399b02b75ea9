/**
 * Reads the events of a run back from the file that `JsonlLogger` wrote.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { parseJsonObject, shorten } from "../data/json.ts";
import { CheckpointError } from "../errors.ts";
import type { RunEvent } from "../trainer/events.ts";

/** An event as it stands in the file. */
export type JsonlRecord = {
  /** Counts from 1; a gap means that events could not be written. */
  readonly seq: number;
  /** ISO 8601. */
  readonly time: string;
} & RunEvent;

/**
 * The events of a file, in order, streamed. A last line without its line feed is left out when it is torn: the program
 * was, or still is, writing it.
 *
 * @throws CheckpointError when the file cannot be read or another line is damaged; the message names the line.
 *
 * @example
 * ```ts
 * for await (const event of readJsonl("runs/1/events.jsonl")) {
 *   if (event.type === "log") console.log(event.seq, event.name, event.data);
 * }
 * ```
 */
export async function* readJsonl(
  path: string,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<JsonlRecord, void, undefined> {
  let number = 0;
  for await (const { line, isWhole } of linesOf(path, options.signal)) {
    options.signal?.throwIfAborted();
    number++;
    if (line.trim() === "") continue;
    const record = parseRecord(line);
    if (record !== undefined) yield record;
    else if (isWhole)
      throw new CheckpointError(`Expected ${path}:${number} to be an event, got ${JSON.stringify(shorten(line, 80))}`);
  }
}

function parseRecord(line: string): JsonlRecord | undefined {
  const record = parseJsonObject(line);
  return typeof record?.seq === "number" && typeof record.type === "string" ? (record as JsonlRecord) : undefined;
}

/** Not `readline`, which also breaks at U+2028 and U+2029: they may stand inside JSON strings. */
async function* linesOf(
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ line: string; isWhole: boolean }, void, undefined> {
  let unfinished = "";
  try {
    for await (const piece of createReadStream(path, { encoding: "utf8", signal })) {
      const lines = (piece as string).split("\n");
      lines[0] = unfinished + lines[0];
      unfinished = lines.pop()!;
      for (const line of lines) yield { line, isWhole: true };
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw new CheckpointError(`Could not read ${path}: ${(cause as Error).message}`, { cause });
  }
  yield { line: unfinished, isWhole: false };
}
