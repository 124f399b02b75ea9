import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parameter } from "../../graph/parameter.ts";
import { hostileText } from "./__fixtures__/hostile-text.ts";
import { applyEdits, type Edit, longText, offersEdits, SearchableText } from "./edits.ts";

const edit = (search: string, replace: string): Edit => ({ search, replace });
const text = "Sort the mail.\n  Be brief.\n\tNever guess.\nBe kind.";

describe("applyEdits", () => {
  it.each<[string, string, readonly Edit[], string]>([
    ["one place", "a b c", [edit("b", "x")], "a x c"],
    ["several, in any order", "a b c", [edit("c", "z"), edit("a", "x")], "x b z"],
    ["places that touch", "abcd", [edit("ab", "1"), edit("cd", "2")], "12"],
    ["nothing in place of something", "a b c", [edit(" b", "")], "a c"],
    ["the same edit twice", "a b", [edit("a", "x"), edit("a", "x")], "x b"],
    ["signs that mean something in patterns", "cost: $1 (a|b)", [edit("$1 (a|b)", "$& $1")], "cost: $& $1"],
    [
      "lines whatever their indentation",
      text,
      [edit("Be brief.\nNever guess.", "Be short.\nNever guess!")],
      "Sort the mail.\n  Be short.\n  Never guess!\nBe kind.",
    ],
    [
      "lines with blanks at their ends",
      text,
      [edit("\nSort the mail.  \nBe brief.\n", "Sort it.\n")],
      "Sort it.\n\tNever guess.\nBe kind.",
    ],
    ["lines that end otherwise", "one\r\ntwo\r\nthree", [edit("two\nthree", "2\n3")], "one\r\n2\r\n3"],
  ])("changes %s", (_title, current, edits, value) => {
    expect(applyEdits(current, edits)).toEqual({ value });
  });

  it.each<[string, string, readonly Edit[], RegExp]>([
    [
      "no place",
      text,
      [edit("Be briefer.", "x")],
      /"Be briefer\." does not occur in the value; the closest text is "Sort the mail\.\\n {2}Be brief\.\\n\\tNever guess\."; copy it exactly/,
    ],
    ["no place nor anything like it", text, [edit("zzz", "x")], /no line of the value resembles it/],
    ["several places", "a b a", [edit("a", "x")], /"a" occurs in the value 2 times; add surrounding lines/],
    ["places that overlap themselves", "aaa", [edit("aa", "x")], /2 times/],
    ["very many places", "a".repeat(1000), [edit("a", "x")], /more than 20 times/],
    ["several places by lines", "x\n a\nx\n  a", [edit("x\na", "y")], /2 times/],
    ["nothing", "a", [edit("", "x")], /has an empty search/],
    ["overlapping places", "a b c", [edit("a b", "x"), edit("b c", "y")], /search for "a b" and for "b c" overlap/],
    ["one place twice", "a b c", [edit("b", "x"), edit("b", "y")], /overlap/],
    [
      "too many places",
      "a",
      Array.from({ length: 101 }, (_, i) => edit(String(i), "")),
      /at most 100 edits, got 101; write the whole value/,
    ],
    [
      "one good and many bad",
      "a",
      [edit("a", "b"), ..."vwxyz".split("").map((s) => edit(s, ""))],
      /"v".*"w".*"x".*; 2 more edits/,
    ],
  ])("refuses edits of %s", (_title, current, edits, problem) => {
    expect(applyEdits(current, edits)).toEqual({ problem: expect.stringMatching(problem) });
  });

  it("finds places as `indexOf` does, in time that does not grow with the product of the lengths", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 30 });
    fc.assert(
      fc.property(letters, fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 5 }), (text, search) => {
        const places = Array.from(text, (_, at) => at).filter((at) => text.startsWith(search, at));
        const ranges = places.map((start) => ({ start, end: start + search.length }));
        expect(new SearchableText(text).find(search)).toEqual(ranges.slice(0, 21));
      }),
      { seed: 2, numRuns: 1_000 },
    );
    const half = "a".repeat(400_000);
    const many = Array.from({ length: 20 }, (_, n) => edit(`${half.slice(n)}b${half}`, ""));
    expect(applyEdits(half + half, many)).toEqual({ problem: expect.stringContaining("does not occur in the value") });
  });

  it("of lines after any number of blank ones", () => {
    const blank = "\n".repeat(5_000_000);
    expect(applyEdits("one\n  two\nthree", [edit(`${blank}two `, `${blank}2`)])).toEqual({ value: "one\n  2\nthree" });
  });

  it("puts in what was wanted and leaves the rest, whatever the text", () => {
    fc.assert(
      fc.property(hostileText, hostileText, hostileText, hostileText, (before, search, after, replace) => {
        const current = before + search + after;
        const isOnce = search !== "" && current.indexOf(search) === before.length && !current.includes(search, before.length + 1);
        const edited = applyEdits(current, [edit(search, replace)]);
        if (isOnce) expect(edited).toEqual({ value: before + replace + after });
        else expect(edited).toEqual({ problem: expect.any(String) });
      }),
      { seed: 1, numRuns: 1_000 },
    );
  });
});

describe("offersEdits", () => {
  it("for long texts only", () => {
    const asked = (value: unknown) => ({ name: "x", parameter: parameter<unknown>(value), value });
    expect(offersEdits([asked("a".repeat(longText)), asked(["a".repeat(9_000)])])).toBe(false);
    expect(offersEdits([asked(1), asked("a".repeat(longText + 1))])).toBe(true);
  });
});
