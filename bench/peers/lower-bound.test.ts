import { describe, expect, it } from "vitest";
import { idealMakespanMs, lowerBoundMs } from "./lower-bound.ts";

type Kind = "train" | "propose" | "validate";

function requests(kind: Kind, count: number, ms: number): { kind: Kind; ms: number }[] {
  return Array.from({ length: count }, () => ({ kind, ms }));
}

describe("lowerBoundMs", () => {
  const chain = ["train", "propose", "validate"] as const;

  it("is the work over the width when there is more of it than the critical path is long", () => {
    const all = [...requests("train", 3, 50), ...requests("propose", 8, 50), ...requests("validate", 450, 50)];
    expect(lowerBoundMs(all, { chain, width: 16 })).toBe((461 * 50) / 16);
  });

  it("is the critical path when a straggler lies on it", () => {
    const all = [
      ...requests("train", 1, 50),
      ...requests("propose", 1, 60),
      ...requests("validate", 2, 50),
      ...requests("validate", 1, 1_000),
    ];
    expect(lowerBoundMs(all, { chain, width: 16 })).toBe(50 + 60 + 1_000);
  });

  it("counts a step as often as the algorithm takes it", () => {
    const all = [...requests("propose", 2, 50), ...requests("validate", 2, 100)];
    expect(lowerBoundMs(all, { chain: ["propose", "validate", "propose", "validate"], width: 16 })).toBe(300);
  });

  it("has nothing to wait for where there are no requests", () => {
    expect(lowerBoundMs([], { chain, width: 16 })).toBe(0);
  });
});

describe("idealMakespanMs", () => {
  it.each([
    [500, 16, 32 * 50],
    [500, 64, 8 * 50],
    [16, 16, 50],
    [17, 16, 100],
    [0, 16, 0],
  ])("is made of full rounds and one for the rest: %i at %i", (count, width, ms) => {
    expect(idealMakespanMs(count, 50, width)).toBe(ms);
  });
});
