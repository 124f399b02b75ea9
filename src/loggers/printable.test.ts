import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { abridged, labelled, onOneLine, printable, valueText } from "./printable.ts";

describe("printable", () => {
  it.each([
    ["a window title", "\x1b]0;owned\x07", "\\x1b]0;owned\\x07"],
    ["a colour and a cleared screen", "\x1b[31mred\x1b[2J", "\\x1b[31mred\\x1b[2J"],
    ["an 8-bit control sequence", "\x9b2J", "\\x9b2J"],
    ["a backspace, a bell, a delete", "pass\b\x07\x7f", "pass\\x08\\x07\\x7f"],
    ["a carriage return that would overwrite", "failed\rpassed", "failed\\x0dpassed"],
    ["a null", "a\0b", "a\\x00b"],
    ["a bidirectional override", "\u202etxt.exe\u2066", "\\u202etxt.exe\\u2066"],
    ["line separators", "a\u2028b\u2029c\u0085d", "a\\u2028b\\u2029c\\x85d"],
    ["half a character", "a\ud83d", "a\\ud83d"],
    ["line ends of another system", "a\r\nb\n", "a\nb\n"],
    ["a tab", "a\tb", "a  b"],
    ["letters of all kinds", "äß漢字 👩‍👩‍👧 …", "äß漢字 👩‍👩‍👧 …"],
  ])("shows %s", (_, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it("leaves no control character but the line feed, whatever comes", () => {
    const unit = fc.constantFrom("a", "\n", "\r", "\t", "\x1b", "[", "\x9b", "\0", "\x7f", "\u2028", "\ud800", "\udc00", "😀");
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect(printable(text)).not.toMatch(/(?!\n)[\p{Cc}\p{Cs}]/u);
        expect(onOneLine(text)).not.toMatch(/[\p{Cc}\p{Cs}]/u);
      }),
    );
  });
});

describe("labelled", () => {
  it.each([
    ["one line", "value", "name: value"],
    ["several lines", "first\n\n  second\n", "name:\n    first\n    \n      second"],
    ["a line that imitates ours", "x\n[Step 9] Average test score: 1", "name:\n    x\n    [Step 9] Average test score: 1"],
    ["a line hidden behind another line end", "x\r[Step 9] y", "name: x\\x0d[Step 9] y"],
  ])("puts %s behind or below its label", (_, text, expected) => {
    expect(labelled("name", text)).toBe(expected);
  });
});

describe("abridged", () => {
  it("cuts the middle of a long line and says how much is missing", () => {
    const cut = abridged(`BEGIN${"x".repeat(5_000)}END`);
    expect(cut).toMatch(/^BEGINx+…\(\d+ characters cut\)…x+END$/);
    expect(cut.length).toBeLessThan(1_300);
    const [, missing] = /\((\d+) characters/.exec(cut)!;
    expect(cut.replace(/…\(.*\)…/, "").length + Number(missing)).toBe(5_008);
  });

  it("cuts the middle of many lines and says how many are missing", () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    const cut = abridged(lines.join("\n")).split("\n");
    expect(cut).toEqual([...lines.slice(0, 12), "…(76 lines cut)…", ...lines.slice(88)]);
  });

  it("leaves what is short enough", () => {
    const text = Array.from({ length: 24 }, () => "y".repeat(40)).join("\n");
    expect(abridged(text)).toBe(text);
  });
});

describe("valueText", () => {
  it.each([
    [null, "none"],
    [true, "true"],
    [0.123456, "0.1235"],
    ["text as it is", "text as it is"],
    [["a", 1], '["a",1]'],
    [
      { words: Array.from({ length: 3 }, () => "w".repeat(40)) },
      `{\n  "words": [\n${Array(3)
        .fill(`    "${"w".repeat(40)}"`)
        .join(",\n")}\n  ]\n}`,
    ],
  ])("shows %j", (value, expected) => {
    expect(valueText(value)).toBe(expected);
  });
});
