/**
 * A text that edits look for places in: exactly, else by whole lines whatever their indentation and ends.
 *
 * @module
 */

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
