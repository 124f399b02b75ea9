/**
 * Data in advice: advice stands outside all tags of a prompt, so what others wrote must not look like a part of the prompt.
 *
 * @module
 */
import { type JsonValue, shorten, textOf } from "../data/json.ts";

/**
 * A value on one line: a text in quotes, anything else as JSON. Feedback, values, inputs, and the reasons of models go into advice in no other way.
 *
 * @param maxLength characters, of which the middle is cut out; @default no limit
 */
export function quoted(value: unknown, maxLength: number = Number.POSITIVE_INFINITY): string {
  const line = shorten(
    textOf(value)
      .replace(/[\s\p{Cc}]+/gu, " ")
      .trim(),
    maxLength,
  );
  return typeof value === "string" ? JSON.stringify(line) : line;
}

/** A value that has to be shown whole, as JSON on one line. */
export function jsonLine(value: JsonValue): string {
  // JSON leaves these as they are, and they end lines.
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
