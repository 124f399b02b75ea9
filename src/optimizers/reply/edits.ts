/**
 * Edits of a long text: pairs of a text to look for and what takes its place, applied strictly or not at all.
 *
 * @module
 */
import { shorten } from "../../data/json.ts";
import type { AskedVariable } from "./reply-format.ts";

/** One place to change. */
export interface Edit {
  /** Stands in the value exactly once. */
  readonly search: string;
  readonly replace: string;
}

/** The text with all edits made, or why they cannot be. */
export type Edited = { readonly value: string } | { readonly problem: string };

/** From how many characters on a text may be edited instead of being written anew. */
export const longText = 2_000;

/** Whether a prompt that shows these variables offers edits. */
export function offersEdits(variables: readonly AskedVariable[]): boolean {
  return variables.some(({ value, parameter }) => typeof value === "string" && !parameter.domain && value.length > longText);
}

/**
 * Makes all edits of a text at once. Each searched text must stand in `current` exactly once, and no two places may overlap;
 * the ends of lines and their indentation may differ as long as the place is clear. The same edit twice is one.
 */
export function applyEdits(current: string, edits: readonly Edit[]): Edited {
  const distinct = [...new Map(edits.map((edit) => [JSON.stringify([edit.search, edit.replace]), edit])).values()];
  if (distinct.length > mostEdits) {
    return { problem: `expected at most ${mostEdits} edits, got ${distinct.length}; write the whole value instead` };
  }
  const text = new SearchableText(current);
  const places: Place[] = [];
  const problems: string[] = [];
  for (const edit of distinct) {
    const found = placeOf(edit, text);
    if (typeof found === "string") problems.push(found);
    else places.push(found);
  }
  places.sort((a, b) => a.start - b.start || a.end - b.end);
  for (const [index, place] of places.entries()) {
    const before = places[index - 1];
    if (before === undefined || before.end <= place.start) continue;
    problems.push(`the edits that search for ${quote(before.search)} and for ${quote(place.search)} overlap; merge them`);
  }
  if (problems.length > 0) {
    const more = problems.length > mostProblems ? [`${problems.length - mostProblems} more edits have similar problems`] : [];
    return { problem: [...problems.slice(0, mostProblems), ...more].join("; ") };
  }
  let value = "";
  let end = 0;
  for (const place of places) {
    value += current.slice(end, place.start) + place.replace;
    end = place.end;
  }
  return { value: value + current.slice(end) };
}

const mostEdits = 100;
const mostProblems = 3;

/** Where an edit applies, and what comes there. */
interface Place {
  readonly search: string;
  readonly start: number;
  readonly end: number;
  readonly replace: string;
}

/** The place, or what is wrong with the edit. */
function placeOf({ search, replace }: Edit, text: SearchableText): Place | string {
  if (search === "") return "an edit has an empty search; copy the lines that it is to replace";
  const exact = text.find(search);
  if (exact.length === 1) return { search, replace, ...(exact[0] as (typeof exact)[0]) };
  const places = exact.length > 0 ? exact : text.findLines(search);
  if (places.length > 1) {
    const times = places.length > text.most ? `more than ${text.most}` : places.length;
    return `the search text ${quote(search)} occurs in the value ${times} times; add surrounding lines until it occurs only once`;
  }
  const [place] = places;
  if (place !== undefined) return { search, ...place, replace: text.inPlace(place, search, replace) };
  const nearest = text.nearestLines(search);
  const hint = nearest === "" ? "no line of the value resembles it" : `the closest text is ${quote(nearest, 300)}`;
  return `the search text ${quote(search)} does not occur in the value; ${hint}; copy it exactly`;
}

function quote(text: string, length = 120): string {
  return JSON.stringify(shorten(text, length));
}

/** Every text in plain data, however deep. */
export function* textsIn(data: unknown): Generator<string> {
  if (typeof data === "string") yield data;
  else if (typeof data === "object" && data !== null) for (const inner of Object.values(data)) yield* textsIn(inner);
}

/** Whether a text says that nothing should change, and nothing else. */
export function saysUnchanged(text: string): boolean {
  // The pattern is short, so a long text cannot be it.
  return text.length < longest && unchangedWords.test(text.replace(/`+[a-z]*/g, "").trim());
}

const longest = 1_000;
const unchangedWords =
  /^(?:no changes?(?: (?:is|are))?(?: (?:needed|necessary|required))?|nothing (?:needs|has) to (?:be )?changed?|nothing to change|unchanged|terminate|<unchanged\s*\/?>)[.!]?$/i;

/** From `start` up to, not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Finds places in one text. Each search is linear in text and searched text. */
export class SearchableText {
  /** Places beyond this number are not looked for. */
  readonly most = 20;
  readonly #text: string;
  #lines: Lines | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where `search` stands, overlapping places included: all of them, or one more than `most`. */
  find(search: string): readonly Range[] {
    return positions(this.#text, search, this.most).map((start) => ({ start, end: start + search.length }));
  }

  /** The same for runs of whole lines that differ from those of `search` in blanks at their ends only. */
  findLines(search: string): readonly Range[] {
    const lines = this.#split();
    const wanted = trimmedLines(search);
    if (wanted.length === 0) return [];
    return positions(lines.trimmed, `\n${wanted.join("\n")}\n`, this.most).map((position) => {
      const first = lines.at.get(position) as number;
      return { start: lines.starts[first] as number, end: lines.ends[first + wanted.length - 1] as number };
    });
  }

  /** `replace` as it has to be written at a place that `findLines` found: indented as the text is, with its ends of lines. */
  inPlace({ start, end }: Range, search: string, replace: string): string {
    const there = this.#text.slice(start, end);
    const [has, wrote] = [indentation(there), indentation(search)];
    const lines = withoutOuterBlankLines(replace.split(/\r?\n/), search);
    const moved = lines.map((line) => {
      if (line.trim() === "") return line;
      return line.startsWith(wrote) ? has + line.slice(wrote.length) : line;
    });
    return moved.join(there.includes("\r\n") || (!there.includes("\n") && this.#text.includes("\r\n")) ? "\r\n" : "\n");
  }

  /** The line that shares most words with a line of `search`, with the lines around it; empty when no line shares any. */
  nearestLines(search: string): string {
    const wanted = trimmedLines(search).reduce((longest, line) => (line.length > longest.length ? line : longest), "");
    const words = wordsOf(wanted.slice(0, longestCompared));
    const { starts, ends } = this.#split();
    let best = { score: 0, line: -1 };
    for (let line = 0; line < starts.length; line++) {
      const from = starts[line] as number;
      const there = wordsOf(this.#text.slice(from, Math.min(ends[line] as number, from + longestCompared)));
      let shared = 0;
      for (const word of there) if (words.has(word)) shared++;
      const score = shared / (words.size + there.size - shared || 1);
      if (score > best.score) best = { score, line };
    }
    if (best.line < 0) return "";
    return this.#text.slice(starts[Math.max(0, best.line - 1)], ends[Math.min(ends.length - 1, best.line + 1)]);
  }

  #split(): Lines {
    this.#lines ??= linesOf(this.#text);
    return this.#lines;
  }
}

const longestCompared = 2_000;

interface Lines {
  /** All lines without blanks at their ends, a line break before and after each. */
  readonly trimmed: string;
  /** Number of the line that follows the line break at a position of `trimmed`. */
  readonly at: ReadonlyMap<number, number>;
  /** Where each line begins and ends in the text, without its line break. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

function linesOf(text: string): Lines {
  const at = new Map<number, number>();
  const [starts, ends, trimmed]: [number[], number[], string[]] = [[], [], []];
  let start = 0;
  let position = 0;
  for (const [number, line] of text.split("\n").entries()) {
    starts.push(start);
    // The carriage return belongs to the line break.
    ends.push(start + line.length - (line.endsWith("\r") ? 1 : 0));
    trimmed.push(line.trim());
    at.set(position, number);
    start += line.length + 1;
    position += line.trim().length + 1;
  }
  return { trimmed: `\n${trimmed.join("\n")}\n`, at, starts, ends };
}

/**
 * Where `search` begins in `text`, up to `most` places and one more, overlapping ones included. By Knuth, Morris and Pratt 1977:
 * the time of `indexOf` grows with the product of the lengths when both repeat themselves.
 */
function positions(text: string, search: string, most: number): number[] {
  const found: number[] = [];
  // For each length that matched, the longest shorter one that matches there, too.
  const fallback = new Int32Array(search.length + 1);
  for (let at = 1, length = 0; at < search.length; fallback[++at] = length) {
    while (length > 0 && search.charCodeAt(at) !== search.charCodeAt(length)) length = fallback[length] as number;
    if (search.charCodeAt(at) === search.charCodeAt(length)) length++;
  }
  for (let at = 0, length = 0; at < text.length && found.length <= most; at++) {
    while (length > 0 && (length === search.length || text.charCodeAt(at) !== search.charCodeAt(length))) {
      length = fallback[length] as number;
    }
    if (text.charCodeAt(at) === search.charCodeAt(length)) length++;
    if (length === search.length) found.push(at + 1 - length);
  }
  return found;
}

/** Lines without blanks at their ends, and without blank lines before and after all. */
function trimmedLines(text: string): string[] {
  return text.trim() === ""
    ? []
    : text
        .trim()
        .split("\n")
        .map((line) => line.trim());
}

/** The blanks before the first line that has anything else. */
function indentation(text: string): string {
  const first = text.length - text.trimStart().length;
  return text.slice(text.lastIndexOf("\n", first - 1) + 1, first);
}

/** Blank lines that the searched text has around it are no part of the place, so they are none of what comes there. */
function withoutOuterBlankLines(lines: readonly string[], search: string): readonly string[] {
  let [from, to] = [0, lines.length];
  if (/^[^\S\n]*\n/.test(search)) while (from < to && lines[from]?.trim() === "") from++;
  if (/\n[^\S\n]*$/.test(search)) while (to > from && lines[to - 1]?.trim() === "") to--;
  return lines.slice(from, to);
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []);
}
