/**
 * Templates of promptfoo, as far as they only name variables: `{{question}}`, `{{ user.name }}`, `{{items[0]}}`.
 *
 * @module
 */
import { isPlainObject, textOf } from "../../data/json.ts";

/** The variables of a test. */
export type Vars = Readonly<Record<string, unknown>>;

const path = String.raw`[\p{ID_Start}_][\p{ID_Continue}]*(?:\.[\p{ID_Start}_][\p{ID_Continue}]*|\[\d+\])*`;
const slot = new RegExp(String.raw`\{\{-?\s*(${path})\s*-?\}\}`, "gu");
/** What promptfoo would evaluate. */
const code = /\{\{|\{%|\{#/;

/** What a template has besides names of variables, such as a filter, a condition, or the environment; `undefined` where it has nothing else. */
export function codeIn(template: string): string | undefined {
  const rest = template.replace(slot, (all, found: string) => (isOfEnvironment(found) ? all : ""));
  const at = rest.search(code);
  return at < 0 ? undefined : rest.slice(at, at + 40);
}

/** `{{env.NAME}}` is no variable of the test: promptfoo looks it up. */
function isOfEnvironment(found: string): boolean {
  return found.startsWith("env.");
}

/** The variables that a template names, each once, without what follows the first dot or bracket. */
export function variablesIn(template: string): string[] {
  return [...new Set(Array.from(template.matchAll(slot), ([, found = ""]) => found.replace(/[.[].*$/s, "")))];
}

/** The slots of a template as it writes them, without the outer braces, each once: `{ question }`. */
export function slotsIn(template: string): string[] {
  return [...new Set(Array.from(template.matchAll(slot), ([all]) => all.slice(1, -1)))];
}

/** The template with its variables filled in: texts as they are, other values as JSON, nothing for a variable that is missing. */
export function fillTemplate(template: string, vars: Vars): string {
  return template.replace(slot, (_, found: string) => {
    const value = valueAt(vars, found);
    return value === undefined || value === null ? "" : textOf(value);
  });
}

/** Every text inside a value filled in. */
export function fillInside(value: unknown, vars: Vars): unknown {
  if (typeof value === "string") return fillTemplate(value, vars);
  if (Array.isArray(value)) return value.map((inner) => fillInside(inner, vars));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fillInside(inner, vars)]));
}

function valueAt(vars: Vars, found: string): unknown {
  let value: unknown = vars;
  for (const key of found.split(/[.[\]]+/).filter((part) => part !== "")) {
    value =
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined;
  }
  return value;
}
