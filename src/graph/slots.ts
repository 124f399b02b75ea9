/**
 * Slots of templates: `{question}` in a text, to be filled by the program.
 *
 * A name between single braces is a slot where it stands as a word of its own. Braces that belong to something else are none:
 * what follows a letter, a digit, a backslash, `^`, `_`, `$`, `@`, `#` or `%` (`\mathbf{ab}`, `a{color}`, `HEAD@{upstream}`), single
 * letters of mathematics (`{x}`), words of programming languages (`{return}`), anything with blanks or punctuation inside. `{{name}}` is
 * another thing than `{name}`: beside single braces it is the escape of templates, alone a slot of those that double them. A value of
 * JSON is a slot, too: `{"answer": {answer}}`.
 *
 * @module
 */

const name = String.raw`[\p{ID_Start}_][\p{ID_Continue}\u200c\u200d]*`;
/** One slot or several in a row, with what stands before. */
const slotsInARow = new RegExp(String.raw`(?<![{}])(?:\{${name}\})+(?!\{)`, "gu");
const single = new RegExp(String.raw`(?<!\{)\{(${name})\}`, "gu");
const double = new RegExp(String.raw`(?<!\{)\{\{\s*(${name})\s*\}\}(?!\})`, "gu");
/** What a slot never follows: letters of scripts that write blanks between words, digits, marks of LaTeX, CSS and shells, brackets that close. */
const partOfSomething = /(?:[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}\\^_$@#%\])]|=>\s*)$/u;
/** What a slot follows where an outer brace is closed behind it. */
const keyOfValue = /:\s*$/;
/** Imports and declarations of JavaScript. */
const declares = /\b(?:import|export|const|let|var)\s+(?:\w+\s*,\s*)?$/;
const declared = /^\s*(?:=(?!=)|from\s*["'])/;
const letter = /^[\p{Script=Latin}\p{Script=Greek}]$/u;
const keywords: ReadonlySet<string> = new Set(
  "return break continue this super null undefined true false pass None True False yield await debugger throw self".split(" "),
);

/** The slots of a text, each once, without their braces; of doubled ones with the inner braces. */
export function slotsOf(text: unknown): string[] {
  if (typeof text !== "string") return [];
  const found = new Set([...freeNames(text)].filter((slot) => !letter.test(slot) && !keywords.has(slot)));
  // Where single braces are slots, doubled ones are how a template writes braces.
  if (found.size === 0) for (const [all] of text.matchAll(double)) found.add(all.slice(1, -1));
  return [...found];
}

/** Names between single braces that are no part of something else. */
function* freeNames(text: string): Generator<string> {
  for (const { 0: row, index } of text.matchAll(slotsInARow)) {
    const [before, end] = [text.slice(Math.max(0, index - 20), index), index + row.length];
    if (partOfSomething.test(before) || (text[end] === "}" && !keyOfValue.test(before))) continue;
    if (declares.test(before) && declared.test(text.slice(end, end + 20))) continue;
    for (const [, slot = ""] of row.matchAll(single)) yield slot;
  }
}

/** A part of a template that a program may fill, whatever its language of templates. */
export interface SlotMark {
  /** With all its braces or other marks: `{x}`, `{{ user.name }}`, `${x}`, `%(x)s`. */
  readonly written: string;
  readonly start: number;
  /** Behind its last character. */
  readonly end: number;
}

const inBraces = String.raw`\s{0,5}[\p{ID_Continue}@&#][^{}\n\\]{0,60}`;
const word = String.raw`[\p{ID_Start}_][\p{ID_Continue}.-]{0,60}`;
const anyMark = new RegExp(
  String.raw`\{\{\{${inBraces}\}\}\}|\{\{${inBraces}\}\}|[$#@%]?\{${inBraces}\}|%\(${word}\)[a-zA-Z]`,
  "gu",
);

/** Everything in a text that may be a slot, whether it is taken for one or not, in order. */
export function slotMarks(text: string): readonly SlotMark[] {
  return Array.from(text.matchAll(anyMark), ({ 0: written, index }) => ({ written, start: index, end: index + written.length }));
}

/** Whether a text has a slot, with just as many braces as it is written with. Behind one, an outer brace may be closed. */
export function hasSlot(text: string, slot: string): boolean {
  const written = `{${slot}}`;
  for (let at = text.indexOf(written); at >= 0; at = text.indexOf(written, at + 1)) if (text[at - 1] !== "{") return true;
  return false;
}

/** The slots that a program names, as a text writes them: with one pair of braces or two. */
export function asWritten(slots: readonly string[], text: unknown): readonly string[] {
  if (typeof text !== "string") return slots;
  return slots.map((slot) => [slot, `{${slot}}`, slot.replace(/^\{+|\}+$/g, "")].find((form) => hasSlot(text, form)) ?? slot);
}

/**
 * The template with its slots filled; other braces stay as they are.
 *
 * @throws TypeError for a name without a value that stands as a word of its own
 */
export function fillSlots(template: string, valueFor: (slot: string) => string | undefined): string {
  const slots = new Set(freeNames(template));
  return template.replace(single, (written, slot: string) => {
    const value = valueFor(slot);
    if (value === undefined && slots.has(slot)) throw new TypeError(`the template needs a value for ${written}`);
    return value ?? written;
  });
}
