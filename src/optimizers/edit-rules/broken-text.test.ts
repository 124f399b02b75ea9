import { describe, expect, it } from "vitest";
import { brokenText } from "./broken-text.ts";

describe("brokenText", () => {
  it.each([["plain"], ["🙂"], [""], ["\\ud83d"], [{ "🙂": ["🙂", 1, null] }]])("lets %j be", (value) => {
    expect(brokenText(value, "")).toBeUndefined();
  });

  it.each([["\ud83d"], ["a\ude42b"], [["\ude42\ud83d"]], [{ "\ud83d": 1 }]])("refuses %j", (value) => {
    expect(brokenText(value, "")).toMatch(/complete characters/);
  });
});
