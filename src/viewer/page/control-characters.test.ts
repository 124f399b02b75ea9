import { describe, expect, it } from "vitest";
import { onOneLine, textPieces } from "./control-characters.ts";

const shown = (text: string): string =>
  textPieces(text)
    .map((piece) => (piece.isControl ? `[${piece.text}]` : piece.text))
    .join("");

describe("textPieces", () => {
  it.each([
    ["plain text, with lines\n\tand tabs", "plain text, with lines\n\tand tabs"],
    ["", ""],
    ["a\u0000b\u0007c\u001bd\u007fe", "a[␀]b[␇]c[␛]d[␡]e"],
    ["a\u202eb\u2066c\u200fd\u200be\ufeff", "a[U+202E]b[U+2066]c[U+200F]d[U+200B]e[U+FEFF]"],
    ["windows\r\nlines, old\rmac", "windows\r\nlines, old[␍]mac"],
    ["a pair 😀, halves \ud83d and \ude00", "a pair 😀, halves [U+D83D] and [U+DE00]"],
    ["👩‍👩‍👧 and ZWNJ می‌خواهم", "👩‍👩‍👧 and ZWNJ می‌خواهم"],
    ["line\u2028separator", "line[U+2028]separator"],
  ])("of %j", (text, expected) => {
    expect(shown(text)).toBe(expected);
  });
});

it("puts a text on one line, cut", () => {
  expect(onOneLine(" a\n\n b\tc\u202e ", 100)).toBe(" a b cU+202E ");
  expect(onOneLine("abcdef", 3)).toBe("abc…");
});
