/**
 * Differences between two texts, word by word, and how they are wrapped into lines.
 *
 * @module
 */
import { diffArrays, diffWordsWithSpace } from "diff";
import stringWidth from "fast-string-truncated-width";

/** A part of a line. */
export interface Piece {
  readonly text: string;
  readonly isChanged: boolean;
}

/** A line of the left text beside one of the right; `undefined` where one side has no line. */
export interface DiffRow {
  readonly isSame: boolean;
  readonly left: readonly Piece[] | undefined;
  readonly right: readonly Piece[] | undefined;
}

/** Texts that differ by more than this are shown as two texts: nobody could read their words side by side. */
const maxEdits = 2_000;

/** The rows of two texts, in order. */
export function diffRows(left: string, right: string): DiffRow[] {
  const rows: DiffRow[] = [];
  const removed: string[] = [];
  const added: string[] = [];
  const flush = (): void => {
    rows.push(...changedRows(removed.splice(0), added.splice(0)));
  };
  for (const change of lineChanges(left.split("\n"), right.split("\n"))) {
    if (change.removed) removed.push(...change.value);
    else if (change.added) added.push(...change.value);
    else {
      flush();
      for (const text of change.value) {
        const line = [{ text, isChanged: false }];
        rows.push({ isSame: true, left: line, right: line });
      }
    }
  }
  flush();
  return rows;
}

interface LineChange {
  readonly value: readonly string[];
  readonly added: boolean;
  readonly removed: boolean;
}

function lineChanges(left: readonly string[], right: readonly string[]): readonly LineChange[] {
  const changes = diffArrays([...left], [...right], { maxEditLength: maxEdits });
  return (
    changes ?? [
      { value: left, added: false, removed: true },
      { value: right, added: true, removed: false },
    ]
  );
}

function changedRows(removed: readonly string[], added: readonly string[]): DiffRow[] {
  const [left, right] = removed.length > 0 && added.length > 0 ? byWords(removed, added) : [removed.map(whole), added.map(whole)];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => {
    return { isSame: false, left: left[index], right: right[index] };
  });
}

function byWords(removed: readonly string[], added: readonly string[]): [Piece[][], Piece[][]] {
  const words = diffWordsWithSpace(removed.join("\n"), added.join("\n"), { maxEditLength: maxEdits });
  if (words === undefined) return [removed.map(whole), added.map(whole)];
  const left = words.filter((word) => !word.added).map(({ value, removed: isChanged }) => ({ text: value, isChanged }));
  const right = words.filter((word) => !word.removed).map(({ value, added: isChanged }) => ({ text: value, isChanged }));
  return [intoLines(left), intoLines(right)];
}

function whole(text: string): Piece[] {
  return [{ text, isChanged: true }];
}

function intoLines(pieces: readonly Piece[]): Piece[][] {
  const lines: Piece[][] = [[]];
  for (const { text, isChanged } of pieces) {
    for (const [index, part] of text.split("\n").entries()) {
      if (index > 0) lines.push([]);
      if (part !== "") lines.at(-1)?.push({ text: part, isChanged });
    }
  }
  return lines;
}

/** Columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  return stringWidth(text).width;
}

/** Breaks between words where it can, and inside a word that is longer than a line. At least one line. */
export function wrapPieces(pieces: readonly Piece[], width: number): Piece[][] {
  const lines: Piece[][] = [[]];
  let used = 0;
  const breakLine = (): void => {
    lines.push([]);
    used = 0;
  };
  for (const { text, isChanged } of pieces) {
    for (const word of text.match(/\s+|\S+/g) ?? []) {
      const room = widthOf(word);
      if (used + room > width && used > 0) {
        breakLine();
        // Blanks at a break would only indent the next line.
        if (!isChanged && word.trim() === "") continue;
      }
      if (room <= width) {
        lines.at(-1)?.push({ text: word, isChanged });
        used += room;
        continue;
      }
      for (const character of graphemes(word)) {
        const columns = widthOf(character);
        if (used + columns > width && used > 0) breakLine();
        lines.at(-1)?.push({ text: character, isChanged });
        used += columns;
      }
    }
  }
  return lines;
}

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
