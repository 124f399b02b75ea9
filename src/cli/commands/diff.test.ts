/**
 * How a difference of parameters is shown.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { createPaint } from "../../loggers/printable.ts";
import { widthOf } from "../word-diff.ts";
import { diffView, parameterChanges } from "./diff.ts";

const from = { prompt: "You are kind.\nAnswer.", heat: 0.2, tags: ["a", "b"], gone: null, same: true };
const to = { prompt: "You are brief.\nAnswer.", heat: 1, tags: ["a", "c"], new: { deep: ["x"] }, same: true };
const changes = parameterChanges(from, to);
const view = (columns: number, hasColor: boolean, of = changes): string[] =>
  diffView(of, { from: "run-1@start", to: "run-1", columns, paint: createPaint(hasColor), hasColor });

describe("diffView", () => {
  it("is lines of - and + without colours", () => {
    expect(view(200, false)).toEqual([
      "--- run-1@start",
      "+++ run-1",
      "",
      "prompt",
      "- You are kind.",
      "+ You are brief.",
      "  Answer.",
      "",
      "heat",
      "- 0.2",
      "+ 1",
      "",
      "tags",
      '- ["a","b"]',
      '+ ["a","c"]',
      "",
      "gone (removed)",
      "- null",
      "",
      "new (added)",
      '+ {"deep":["x"]}',
      "",
      "unchanged: same",
    ]);
  });

  it("stands side by side where there is room, with the words in colour", () => {
    const lines = view(100, true);
    const plain = lines.map(stripVTControlCharacters);
    expect(plain[3]).toMatch(/^- You are kind\. {33} │ \+ You are brief\.$/);
    expect(plain[4]).toMatch(/^ {2}Answer\. {39} │ {3}Answer\.$/);
    expect(lines[3]).toContain("You are \x1b[31mkind\x1b[39m.");
    expect(lines[3]).toContain("You are \x1b[32mbrief\x1b[39m.");
    for (const line of plain) expect(widthOf(line)).toBeLessThanOrEqual(100);
  });

  it("stands one below the other on a narrow terminal, wrapped", () => {
    const long = parameterChanges({ prompt: "one two three four five" }, { prompt: "one two three four six" });
    expect(view(14, true, long).map(stripVTControlCharacters).slice(4)).toEqual([
      "- one two",
      "- three four",
      "- five",
      "+ one two",
      "+ three four",
      "+ six",
    ]);
  });

  it("is one column where there is no terminal, also with colours", () => {
    expect(view(Number.POSITIVE_INFINITY, true).map(stripVTControlCharacters)).toEqual(view(80, false));
  });

  it("shows blanks that were changed", () => {
    const blanks = parameterChanges({ prompt: "a b" }, { prompt: "a  b" });
    expect(view(40, true, blanks).map(stripVTControlCharacters)).toContain("+ a··b");
  });

  it("leaves out what is far from a change", () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
    const far = parameterChanges({ prompt: lines.join("\n") }, { prompt: lines.with(10, "other").join("\n") });
    const shown = view(80, false, far);
    expect(shown).toContain("  … 7 unchanged lines …");
    expect(shown).toContain("  … 6 unchanged lines …");
    expect(shown).not.toContain("  line 6");
    expect(shown).toContain("  line 7");
    const near = parameterChanges(
      { prompt: lines.slice(0, 5).join("\n") },
      { prompt: lines.slice(0, 5).with(4, "x").join("\n") },
    );
    expect(view(80, false, near)).toContain("  line 0");
  });

  it("tells a text from what looks like it, and says when nothing differs", () => {
    expect(view(80, false, parameterChanges({ a: "1" }, { a: 1 }))).toEqual([
      "--- run-1@start",
      "+++ run-1",
      "",
      "a (string → number)",
      '- "1"',
      "+ 1",
    ]);
    expect(view(80, false, parameterChanges({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }))).toEqual([
      "No difference between run-1@start and run-1",
    ]);
  });

  it("lets no text act on the terminal", () => {
    const hostile = parameterChanges({ "a\x1b[2J": "x" }, { "a\x1b[2J": "\x1b]0;title\x07\u202egone" });
    for (const columns of [40, 120]) {
      const lines = diffView(hostile, { from: "a", to: "b\x1b[1A", columns, paint: createPaint(false), hasColor: true });
      expect(lines.filter((line) => /[\p{Cc}\p{Bidi_Control}]/u.test(line))).toEqual([]);
      expect(lines.join("\n")).toContain("\\x1b]0;title");
    }
  });
});
