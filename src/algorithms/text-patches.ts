/**
 * Patches: what a proposal changes in a text, as edits of lines that can be applied one without the other.
 *
 * @module
 */
import { diffArrays } from "diff/lib/diff/array.js";

/** Lines that are replaced by others; either may be empty. Plain JSON. */
export type LineEdit = {
  /** The first line that is replaced, or that the added ones precede; from 0. */
  readonly at: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
};

/** The edits that make one text of the other, in order. */
export function lineEdits(before: string, after: string): readonly LineEdit[] {
  const edits: LineEdit[] = [];
  let line = 0;
  let open: { at: number; removed: string[]; added: string[] } | undefined;
  for (const { value, added, removed } of diffArrays(before.split("\n"), after.split("\n"))) {
    if (!added && !removed) {
      if (open !== undefined) edits.push(open);
      open = undefined;
      line += value.length;
      continue;
    }
    open ??= { at: line, removed: [], added: [] };
    if (removed) {
      open.removed.push(...value);
      line += value.length;
    } else open.added.push(...value);
  }
  return open === undefined ? edits : [...edits, open];
}

/** The text after edits that do not overlap. */
export function applyEdits(text: string, edits: readonly LineEdit[]): string {
  const lines = text.split("\n");
  for (const { at, removed, added } of edits.toSorted((a, b) => b.at - a.at)) lines.splice(at, removed.length, ...added);
  return lines.join("\n");
}

/** Whether two edits concern the same lines, or add lines at the same place. */
export function overlap(a: LineEdit, b: LineEdit): boolean {
  if (a.at === b.at) return true;
  const [first, second] = a.at < b.at ? [a, b] : [b, a];
  return second.at < first.at + first.removed.length;
}

/** An edit as a short text. */
export function editText({ removed, added }: LineEdit): string {
  return [...removed.map((line) => `- ${line}`), ...added.map((line) => `+ ${line}`)].join("\n");
}
