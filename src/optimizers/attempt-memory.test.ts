import { describe, expect, it } from "vitest";
import { AttemptMemory, readAttempts } from "./attempt-memory.ts";
import type { PastAttempt } from "./optimizer.ts";

const attempt = (x: number, score: number | null = null, feedback = ""): PastAttempt => ({ values: { x }, score, feedback });
const tried = (memory: AttemptMemory) => memory.attempts.map(({ values, score }) => [values.x, score]);

describe("AttemptMemory", () => {
  it.each<[size: number, given: [number, number][], kept: [number, number][]]>([
    [
      0,
      [
        [1, 1],
        [2, 2],
      ],
      [],
    ],
    [
      3,
      [
        [1, 1],
        [2, 2],
        [3, 3],
        [4, 4],
        [5, 5],
      ],
      [
        [3, 3],
        [4, 4],
        [5, 5],
      ],
    ],
    [
      3,
      [
        [1, 1],
        [2, 2],
      ],
      [
        [1, 1],
        [2, 2],
      ],
    ],
    [
      2,
      [
        [1, 1],
        [2, 2],
        [1, 9],
        [3, 3],
      ],
      [
        [1, 9],
        [3, 3],
      ],
    ],
  ])("of size %i keeps of %j the last distinct ones", (size, given, kept) => {
    const memory = new AttemptMemory(size);
    for (const [x, score] of given) memory.record(attempt(x, score));
    expect(tried(memory)).toEqual(kept);
  });

  it.each<[given: [number, number | null][], kept: [number, number | null][]]>([
    [
      [
        [1, 0.1],
        [2, 0.9],
        [3, 0.5],
        [4, 0.3],
      ],
      [
        [2, 0.9],
        [3, 0.5],
      ],
    ],
    [
      [
        [1, 0.5],
        [2, 0.5],
        [3, 0.5],
      ],
      [
        [2, 0.5],
        [3, 0.5],
      ],
    ],
    [
      [
        [1, null],
        [2, -5],
        [3, -9],
      ],
      [
        [2, -5],
        [3, -9],
      ],
    ],
    [
      [
        [1, null],
        [2, null],
        [3, null],
      ],
      [
        [2, null],
        [3, null],
      ],
    ],
    [
      [
        [1, 0.9],
        [2, 0.8],
        [1, 0.1],
        [3, 0.5],
      ],
      [
        [2, 0.8],
        [3, 0.5],
      ],
    ],
  ])("that keeps the best two has of %j these: %j", (given, kept) => {
    const memory = new AttemptMemory(2, "best");
    for (const [x, score] of given) memory.record(attempt(x, score));
    expect(tried(memory)).toEqual(kept);
  });

  it("values are the same whatever the order of their names", () => {
    const memory = new AttemptMemory(5);
    memory.record({ values: { a: 1, b: { c: 2, d: 3 } }, score: 1, feedback: "" });
    memory.record({ values: { b: { d: 3, c: 2 }, a: 1 }, score: 2, feedback: "" });
    expect(memory.attempts).toHaveLength(1);
    expect(memory.find({ a: 1, b: { c: 2, d: 3 } })?.score).toBe(2);
    expect(memory.find({ a: 1 })).toBeUndefined();
  });

  it("survives JSON; a smaller memory takes the last", () => {
    const memory = new AttemptMemory(3);
    for (const x of [1, 2, 3]) memory.record(attempt(x, x === 2 ? null : x, `said ${x}`));
    const read = readAttempts(JSON.parse(JSON.stringify(memory.state())));
    const [same, smaller] = [new AttemptMemory(3), new AttemptMemory(2)];
    same.record(attempt(7));
    same.replace(read);
    smaller.replace(read);
    expect(same.attempts).toEqual(memory.attempts);
    expect(tried(smaller)).toEqual([
      [2, null],
      [3, 3],
    ]);
  });
});
