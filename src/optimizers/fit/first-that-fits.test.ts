import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../errors.ts";
import { Fence } from "../reply/fence.ts";
import { firstThatFits, halves } from "./first-that-fits.ts";

const budget = { maxTokens: 10, count: (text: string) => text.length };

describe("firstThatFits", () => {
  it("takes the first that fits and composes no further", () => {
    const composed: number[] = [];
    const compose = (size: number) => {
      composed.push(size);
      return { system: "sys", prompt: "p".repeat(size), fence: new Fence() };
    };
    expect(firstThatFits([20, 8, 7, 3], compose, budget).prompt).toBe("ppppppp");
    expect(composed).toEqual([20, 8, 7]);
  });

  it("says what to do when nothing fits", () => {
    const compose = () => ({ system: "", prompt: "p".repeat(11), fence: new Fence() });
    expect(() => firstThatFits([1, 2], compose, budget)).toThrow(ConfigurationError);
    expect(() => firstThatFits([1, 2], compose, budget)).toThrow(/at most 10 tokens, .* need 11\. Raise `maxPromptTokens`/);
  });
});

describe("halves", () => {
  it.each([
    [8, 1, [8, 4, 2, 1]],
    [5, 0, [5, 2, 1, 0]],
    [0, 0, [0]],
    [3, 5, [3]],
    [1, 1, [1]],
  ])("of %i down to %i are %j", (number, least, expected) => {
    expect([...halves(number, least)]).toEqual(expected);
  });
});
