import { describe, expect, it } from "vitest";
import { mean } from "./scores.ts";

describe("mean", () => {
  it.each([
    [[], null],
    [[3], 3],
    [[1, 2, 6], 3],
  ])("of %j is %s", (values: number[], expected) => {
    expect(mean(values)).toBe(expected);
  });
});
