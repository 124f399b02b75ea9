import { describe, expect, it } from "vitest";
import { markLine } from "./code-error.ts";

describe("markLine", () => {
  it("marks a line of a small program", () => {
    expect(markLine("a\nb\nc", 2, "<-- (Error) no\nway")).toBe("a\nb  <-- (Error) no way\nc");
  });

  it("puts the mark at the end when no line is known", () => {
    expect(markLine("a\nb", undefined, "<-- x")).toBe("a\nb\n<-- x");
    expect(markLine("a\nb", 9, "<-- x")).toBe("a\nb\n<-- x");
  });

  it.each<[line: number, first: string, last: string, count: number]>([
    [50, "… (29 lines)", "… (30 lines)", 43],
    [1, "line 1  <--", "… (79 lines)", 22],
    [100, "… (79 lines)", "line 100  <--", 22],
  ])("shows what is around line %i of a long one", (line, first, last, count) => {
    const source = Array.from({ length: 100 }, (_, index) => `line ${index + 1}`).join("\n");
    const shown = markLine(source, line, "<--").split("\n");
    expect([shown[0], shown.at(-1), shown.length]).toEqual([first, last, count]);
    expect(shown).toContain(`line ${line}  <--`);
  });
});
