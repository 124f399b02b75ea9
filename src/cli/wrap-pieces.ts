/**
 * A line of pieces broken into lines of a width.
 *
 * @module
 */
import stringWidth from "fast-string-truncated-width";
import type { Piece } from "./word-diff.ts";

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
