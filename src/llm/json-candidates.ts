/**
 * Finds the JSON in a reply of a language model, which often wraps it in words or gets a detail wrong.
 *
 * @module
 */
import { jsonrepair } from "jsonrepair";
import type { JsonValue } from "../data/json.ts";

/**
 * The JSON values that `text` may mean: the text as a whole, else every value that stands in it, from left to right.
 * A value with mistakes (commas, quotation marks, line breaks, Python's words) is repaired where that is possible; where
 * it is not, there are none at all, for that value may be the one that was meant, and another a quotation inside of it.
 *
 * @param repairs which values with mistakes are repaired: `none` of a text that was cut off, where a repair would pass off the
 *   part for the whole; `closed` those whose brackets are all closed; `any` also one whose end is hidden by its mistakes
 */
export function jsonCandidates(text: string, repairs: "any" | "closed" | "none" = "any"): JsonValue[] {
  const whole = parsed(text);
  return whole === undefined ? embeddedValues(text, repairs) : [whole];
}

/** The reply without the thoughts before it, which models write down when their server does not take them out. */
export function withoutThoughts(text: string): string {
  return text.replace(/^\s*<think(?:ing)?>[\s\S]*?<\/think(?:ing)?>/, "").trim();
}

function embeddedValues(text: string, repairs: "any" | "closed" | "none"): JsonValue[] {
  const values: JsonValue[] = [];
  let places = 0;
  const lastClosing = Math.max(text.lastIndexOf("}"), text.lastIndexOf("]"));
  const opening = /[{[]/g;
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    if (++places > mostPlaces) return [];
    const { index: start } = match;
    const closing = closingBracket(text, start);
    // Quotation marks that are not escaped hide the end; then all that is left may be one value.
    const segment = text.slice(start, (closing ?? lastClosing) + 1);
    const mayRepair = repairs === "any" || (repairs === "closed" && closing !== undefined);
    const value = parsed(segment) ?? (mayRepair ? repaired(segment) : undefined);
    if (value !== undefined) values.push(value);
    else if (/^[{[]\s*["'{[]/.test(text.slice(start))) return [];
    if (closing === undefined) break;
    opening.lastIndex = closing + 1;
  }
  return values;
}

/** Where the bracket at `start` is closed; brackets inside of strings do not count. One pass, whatever the text. */
function closingBracket(text: string, start: number): number | undefined {
  let depth = 0;
  let isInString = false;
  for (let index = start; index < text.length; index++) {
    const character = text[index] as string;
    if (isInString && character === "\\") index++;
    else if (character === '"') isInString = !isInString;
    else if (!isInString && "{[".includes(character)) depth++;
    else if (!isInString && "}]".includes(character)) depth--;
    if (depth === 0) return index;
  }
  return undefined;
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** Where brackets open more often than this, side by side, it is no reply but noise. */
const mostPlaces = 1_000;
/** The time of a repair grows with the square of the length, so mistakes in a longer value are left to be asked about. */
const longestRepair = 20_000;

function repaired(text: string): JsonValue | undefined {
  if (text.length > longestRepair) return undefined;
  try {
    return parsed(jsonrepair(text));
  } catch {
    return undefined;
  }
}
