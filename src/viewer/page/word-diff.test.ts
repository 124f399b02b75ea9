import { expect, it } from "vitest";
import { diffSize, wordDiff } from "./word-diff.ts";

const shown = (before: string, after: string): string =>
  wordDiff(before, after)
    .map(({ text, kind }) => ({ same: text, added: `{+${text}+}`, removed: `{-${text}-}` })[kind])
    .join("");

it.each([
  ["same words", "same words", "same words"],
  ["Be brief.", "Be very brief.", "Be {+very +}brief."],
  ["0.7", "0.2", "{-0.7-}{+0.2+}"],
  ["", "new", "{+new+}"],
  ["old", "", "{-old-}"],
])("from %j to %j", (before, after, expected) => {
  expect(shown(before, after)).toBe(expected);
});

it("shows texts that differ too much as two, and keeps all of both", () => {
  const [before, after] = [0, 1].map((shift) =>
    Array.from({ length: 5000 }, (_, index) => `w${index * 2 + shift}`).join("\n"),
  ) as [string, string];
  const parts = wordDiff(before, after);
  const of = (kinds: readonly string[]): string =>
    parts
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ text }) => text)
      .join("");
  expect(of(["same", "removed"])).toBe(before);
  expect(of(["same", "added"])).toBe(after);
  expect(diffSize(parts)).toEqual({ added: 5000, removed: 5000 });
});
