/**
 * `shown`: a value as it is kept for people.
 *
 * @module
 */
import { isJsonValue, type JsonValue, textOf } from "../data/json.ts";

/** A value: as it is where it is JSON, else as a text. */
export type Shown = { readonly value: JsonValue } | { readonly text: string };

/** A value as it is kept. */
export function shown(value: unknown): Shown {
  return isJsonValue(value) ? { value } : { text: textOf(value) };
}
