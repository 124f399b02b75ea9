/**
 * What has changed from one text to another, word by word.
 *
 * @module
 */
import { diffLines, diffWordsWithSpace } from "diff";

/** A part of both texts, or of one. */
export interface DiffPart {
  readonly text: string;
  readonly kind: "same" | "added" | "removed";
}

/** Texts that differ by more are shown by lines, then as two texts: no one could read their words. */
const mostEdits = 2000;
const mostCharacters = 200_000;

export function wordDiff(before: string, after: string): DiffPart[] {
  if (before === after) return [{ text: after, kind: "same" }];
  // A number or a name is replaced as a whole.
  const isOneWord = !/\s/.test(before) && !/\s/.test(after);
  if (isOneWord) return replaced(before, after);
  const isLong = before.length + after.length > mostCharacters;
  const changes =
    (isLong ? undefined : diffWordsWithSpace(before, after, { maxEditLength: mostEdits })) ??
    diffLines(before, after, { maxEditLength: mostEdits });
  if (changes === undefined) return replaced(before, after);
  return changes.map(({ value, added, removed }) => ({ text: value, kind: kindOf(added, removed) }));
}

/** How many words came and went. */
export function diffSize(parts: readonly DiffPart[]): { readonly added: number; readonly removed: number } {
  const words = (kind: DiffPart["kind"]): number =>
    parts.reduce((sum, part) => sum + (part.kind === kind ? (part.text.match(/\S+/g)?.length ?? 0) : 0), 0);
  return { added: words("added"), removed: words("removed") };
}

function replaced(before: string, after: string): DiffPart[] {
  const parts: readonly DiffPart[] = [
    { text: before, kind: "removed" },
    { text: after, kind: "added" },
  ];
  return parts.filter(({ text }) => text !== "");
}

function kindOf(added: boolean, removed: boolean): DiffPart["kind"] {
  if (added) return "added";
  return removed ? "removed" : "same";
}
