/**
 * Refuses texts that no prompt should have: half a character, which no provider takes, and control characters that nobody meant.
 *
 * @module
 */
import type { JsonValue } from "../../data/json.ts";
import type { Parameter } from "../../graph/parameter.ts";
import { CurrentTexts, controlCharacters } from "../../llm/structured/current-texts.ts";

/**
 * Says that a text of the value, or a name in it, has one half of a surrogate pair, or a control character other than tab and
 * line break that the current value does not have; `undefined` when none has.
 */
export function brokenText(value: JsonValue, current: unknown): string | undefined {
  const texts = [...textsAndNames(value)];
  if (texts.some((text) => /\p{Surrogate}/u.test(text))) {
    return "expected complete characters, got half of a surrogate pair";
  }
  const known = new Set([...textsAndNames(current as JsonValue)].flatMap(controlCharacters));
  const unmeant = texts.flatMap(controlCharacters).find((character) => !known.has(character));
  if (unmeant === undefined) return undefined;
  const code = unmeant.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  return `expected no control characters but tabs and line breaks, got U+${code}; write a backslash as text, not as an escape`;
}

/** The texts and names in the values that parameters have now. */
export function currentTexts(parameters: Iterable<Parameter>): CurrentTexts {
  return new CurrentTexts(Array.from(parameters, (parameter) => [...textsAndNames(parameter.peek() as JsonValue)]).flat());
}

function* textsAndNames(value: JsonValue): Generator<string> {
  if (typeof value === "string") yield value;
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    yield name;
    yield* textsAndNames(inner as JsonValue);
  }
}
