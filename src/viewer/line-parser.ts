/**
 * `LineParser`: parses lines of a journal. What was measured of ten thousand candidates names the same examples every time: these are parsed once.
 *
 * @module
 */
import { parseJsonObject } from "../data/json.ts";
import { type JournalLine, textOfLine } from "./journal-lines.ts";
import type { Fields } from "./line-store.ts";

const field = '"examples":[';
const [quotedField, openBrace, closeBracket] = [Buffer.from(field), 0x7b, 0x5d];
/** Before it stand the time, the position, and the candidate. */
const farthestField = 1_000;
/** Of the events that have it so early, these alone have a list there that is worth it. */
const types: ReadonlySet<string> = new Set(["candidate-measured", "candidate-tested"]);

/** Parses lines, one after the other. */
export class LineParser {
  /** The last list of examples, and its bytes without the brackets. */
  #examples: readonly unknown[] = [];
  #bytes: Buffer = Buffer.alloc(0);

  /** @returns what the line says; `undefined` where it is damaged. Its examples are not to be changed */
  parse(line: JournalLine): Fields | undefined {
    if (!types.has(line.type)) return parseJsonObject(textOfLine(line));
    const { bytes, start, end } = line;
    const head = bytes.subarray(start, Math.min(end, start + farthestField));
    const [at, nested] = [head.indexOf(quotedField), head.indexOf(openBrace, 1)];
    // Within another field the name would mean something else.
    if (at < 0 || (nested >= 0 && nested < at)) return parseJsonObject(textOfLine(line));
    const from = start + at + field.length;
    const to = bytes.indexOf(closeBracket, from);
    if (to >= 0 && to < end && to - from === this.#bytes.length && this.#bytes.compare(bytes, from, to) === 0) {
      const rest = parseJsonObject(`${bytes.toString("utf8", start, from)}${bytes.toString("utf8", to, end)}`);
      return rest === undefined ? undefined : { ...rest, examples: this.#examples };
    }
    const event = parseJsonObject(textOfLine(line));
    const { examples } = event ?? {};
    if (to >= 0 && to < end && Array.isArray(examples) && examples.every((example) => typeof example === "number")) {
      this.#examples = examples;
      this.#bytes = Buffer.from(bytes.subarray(from, to));
    }
    return event;
  }
}
