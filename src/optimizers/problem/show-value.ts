/**
 * Values as a language model reads them: text as it is, everything else as JSON, and the word for the type.
 *
 * @module
 */
import { bytesAsText } from "../../data/json.ts";
import { exceptionText } from "../../graph/execution-error.ts";
import { jsonForm, plainForm, scalarText } from "./json-form.ts";

/** `value` as text, the same on every machine: strings as they are, all else as JSON as far as it goes. Never throws. */
export function showValue(value: unknown, indent?: number): string {
  if (typeof value !== "object" || value === null) return scalarText(value);
  if (value instanceof Error) return exceptionText(value);
  try {
    return JSON.stringify(value, readable(), indent) ?? "undefined";
  } catch {
    // A getter or `toJSON` of the program's own threw, or it is nested too deeply.
    return Object.prototype.toString.call(value);
  }
}

/** The type of a value, in a word. */
export function typeWord(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return "text";
  if (Array.isArray(value)) return "list";
  if (typeof value !== "object") return typeof value;
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object" ? name : "object";
}

/** A replacer that makes JSON of what has none. */
function readable(): (this: unknown, key: string, value: unknown) => unknown {
  const ancestors: { readonly original: object; readonly shown: unknown }[] = [];
  return function replace(key, value) {
    // Read again, because a Buffer has turned itself into a list of numbers.
    const bytes = bytesAsText((this as Record<string, unknown>)[key]);
    if (bytes !== undefined) return bytes;
    if (typeof value !== "object" || value === null) return jsonForm(value, () => false);
    // `this` holds the value, so everything above it on the stack is finished.
    while (ancestors.length > 0 && ancestors.at(-1)?.shown !== this) ancestors.pop();
    if (ancestors.some(({ original }) => original === value)) return "(contains itself)";
    const shown = plainForm(value);
    ancestors.push({ original: value, shown });
    return shown;
  };
}
