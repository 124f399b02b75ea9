/**
 * Facts under each other: a name in front, the values in line.
 *
 * @module
 */
import type { Paint } from "../loggers/paint.ts";
import { wrapPieces } from "./wrap-pieces.ts";

/** One line for each fact; those without a value are left out. Further lines of a value are indented like its first. */
export function factLines(
  facts: readonly (readonly [name: string, value: string])[],
  { paint, columns }: { readonly paint: Paint; readonly columns: number },
): string[] {
  const known = facts.filter(([, value]) => value !== "");
  const width = Math.max(0, ...known.map(([name]) => name.length)) + 2;
  return known.flatMap(([name, value]) => {
    const lines = value.split("\n").flatMap((line) => wrapLine(line, columns - width));
    return lines.map((line, index) => paint("dim", (index === 0 ? name : "").padEnd(width)) + line);
  });
}

function wrapLine(text: string, width: number): string[] {
  return wrapPieces([{ text, isChanged: false }], width).map((pieces) =>
    pieces
      .map((piece) => piece.text)
      .join("")
      .trimEnd(),
  );
}
