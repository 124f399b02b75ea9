/**
 * Files of JSON lines, read as a stream.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { parseJsonObject } from "../data/json.ts";

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
