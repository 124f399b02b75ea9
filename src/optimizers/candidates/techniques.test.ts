import { describe, expect, it } from "vitest";
import { majority, similarity } from "./techniques.ts";

describe("similarity", () => {
  it.each<[unknown, unknown, number, number]>([
    ["the same", "the same", 1, 1],
    ["Answer briefly and politely.", "Answer briefly and politely!", 0.85, 0.99],
    ["Answer briefly.", "Walk the dog at noon.", 0, 0.3],
    ["请用一句话回答问题", "请用一句话回答提问", 0.6, 0.99],
    ["", "", 1, 1],
    ["", "a", 0, 0.5],
    [1, 1, 1, 1],
    [1, 1.1, 0, 0],
    [true, "true", 0, 0],
    [["a", "b"], ["a", "b"], 1, 1],
    [{ b: 1, a: 2 }, { a: 2, b: 1 }, 1, 1],
    [null, 1, 0, 0],
  ])("of %j and %j lies between %d and %d", (a, b, least, most) => {
    const value = similarity({ x: a as never }, { x: b as never });
    expect(value).toBeGreaterThanOrEqual(least);
    expect(value).toBeLessThanOrEqual(most);
    expect(similarity({ x: b as never }, { x: a as never })).toBe(value);
  });

  it("is the mean over all names", () => {
    expect(similarity({ a: 1, b: 1 }, { a: 1, b: 2 })).toBe(0.5);
    expect(similarity({ a: 1 }, { b: 1 })).toBe(0);
    expect(similarity({}, {})).toBe(1);
  });
});

describe("majority", () => {
  it.each<[unknown[], number]>([
    [["a"], 0],
    [["red", "blue", "red"], 0],
    [["blue", "red", "red"], 1],
    [["one", "two", "three"], 0],
    [[1, 2, 2, 3, 3], 1],
    [["Answer in one word.", "Sing a song about the sea.", "Answer in one word!", "Answer in a word."], 0],
  ])("of %j is number %i", (values, expected) => {
    expect(majority(values.map((x) => ({ x: x as never })))).toBe(expected);
  });

  it("takes the one in the middle of its group", () => {
    const values = ["Answer in one short word, please.", "Answer in one short word please.", "Answer in one short word please!"];
    expect(majority(values.map((x) => ({ x })))).toBe(1);
  });
});
