import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPaint } from "./printable.ts";
import { progressFrame } from "./progress-frame.ts";
import type { TaskProgress } from "./task-progress.ts";

const task: TaskProgress = {
  description: "Validating 4 candidates",
  total: 40,
  startedAt: 1_000,
  done: 12,
  failed: 0,
  unscored: 0,
  meanScore: 2 / 3,
};

function frame(tasks: readonly TaskProgress[], columns: number, maxLines = 4): string[] {
  return progressFrame(tasks, { columns, maxLines, now: 5_000, paint: createPaint(false) });
}

describe("progressFrame", () => {
  it.each([
    [120, "Validating 4 candidates  ━━━━━━━━━─────────────────────  12/40  score 0.667  3.0/s  9.3s left"],
    [80, "Validating 4 candidates  ━━━━────────────  12/40  score 0.667  3.0/s  9.3s left"],
    [60, "Validating 4 candidates  12/40  score 0.667  9.3s left"],
    [40, "Validat…  12/40  score 0.667  9.3s left"],
    [30, "Validati…  12/40  score 0.667"],
    [20, "Validating …  12/40"],
    [10, "V…  12/40"],
    [7, "12/40 "],
    [3, "1…"],
  ])("fits %d columns", (columns, expected) => {
    const [line] = frame([task], columns);
    expect(line).toBe(expected);
    expect(line!.length).toBeLessThan(columns);
  });

  it.each<[string, Partial<TaskProgress>, string]>([
    ["nothing done yet", { done: 0, meanScore: null }, "0/40  4.0s so far"],
    ["troubles", { failed: 2, unscored: 1 }, "12/40  score 0.667  2 failed  1 unscored  3.0/s  9.3s left"],
    ["scores that are no fractions", { meanScore: -1234.56 }, "score -1234.6"],
    ["more done than announced", { done: 50 }, "50/40  score 0.667   13/s  0.0s left"],
    ["nothing to do", { total: 0, done: 0, meanScore: null }, "0/0"],
  ])("shows %s", (_, change, expected) => {
    expect(frame([{ ...task, ...change }], 110)[0]).toContain(expected);
  });

  it("lines descriptions and bars up", () => {
    const lines = frame([task, { ...task, description: "Forward", done: 3, failed: 1 }], 90);
    expect(lines.map((line) => line.search(/[━─]/))).toEqual([25, 25]);
    expect(lines.map((line) => line.search(/\/40/))).toEqual(
      [...new Set(lines.map((line) => line.search(/\/40/)))].flatMap((at) => [at, at]),
    );
  });

  it.each([
    [4, 4, 4, undefined],
    [5, 4, 4, "and 2 more"],
    [9, 3, 3, "and 7 more"],
    [2, 1, 1, undefined],
  ])("shows %d tasks on at most %d lines", (count, maxLines, expected, last) => {
    const lines = frame(Array<TaskProgress>(count).fill(task), 80, maxLines);
    expect(lines).toHaveLength(expected);
    if (last !== undefined) expect(lines.at(-1)).toBe(last);
  });

  it("counts wide characters as two columns", () => {
    const [line] = frame([{ ...task, description: "評価しています評価しています評価しています" }], 50);
    const wide = line!.match(/[\u3000-\u9fff]/g)!.length;
    expect(line!.length + wide).toBeLessThan(50);
  });

  it("shows a hostile description as text", () => {
    expect(frame([{ ...task, description: "a\x1b[2Jb\nc" }], 80)[0]).toMatch(/^a\\x1b\[2Jb c /);
  });

  it("colours without changing the layout", () => {
    const options = { columns: 80, maxLines: 4, now: 5_000 };
    const tasks = [task, { ...task, failed: 3 }];
    const coloured = progressFrame(tasks, { ...options, paint: createPaint(true) });
    const stripped = coloured.map((line) => stripVTControlCharacters(line));
    expect(stripped).toEqual(progressFrame(tasks, { ...options, paint: createPaint(false) }));
    expect(coloured[1]).toContain("\x1b[31m3 failed\x1b[39m");
  });

  it("is narrower than any terminal, whatever the tasks", () => {
    const anyTask = fc.record({
      description: fc.string({ unit: "grapheme-ascii", maxLength: 60 }),
      total: fc.nat(1e6),
      startedAt: fc.integer({ min: 0, max: 5_000 }),
      done: fc.nat(1e6),
      failed: fc.nat(1e5),
      unscored: fc.nat(1e5),
      meanScore: fc.option(fc.double({ noNaN: true })),
    });
    fc.assert(
      fc.property(
        fc.array(anyTask, { maxLength: 6 }),
        fc.integer({ min: 2, max: 200 }),
        fc.integer({ min: 1, max: 5 }),
        (tasks, columns, maxLines) => {
          const lines = frame(tasks, columns, maxLines);
          expect(lines.length).toBeLessThanOrEqual(maxLines);
          for (const line of lines) expect(line.length).toBeLessThan(columns);
        },
      ),
    );
  });
});
