/**
 * Scorers of other libraries, by the shapes they have.
 *
 * @module
 */
import { describe, expect, expectTypeOf, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { fromScorer } from "./from-scorer.ts";
import type { Guide } from "./guide.ts";

describe("fromScorer", () => {
  it("hands over the example by the names that the libraries use", async () => {
    let seen: unknown;
    const guide = fromScorer((example: unknown) => {
      seen = example;
      return 1;
    });
    await guide.getFeedback("Q", "A", "R");
    expect(seen).toEqual({ input: "Q", output: "A", expected: "R", groundTruth: "R" });
  });

  it.each<{ name: string; result: unknown; score: number | null; feedback: string }>([
    { name: "a number", result: 0.5, score: 0.5, feedback: "" },
    { name: "a boolean", result: true, score: 1, feedback: "" },
    { name: "autoevals", result: { name: "Levenshtein", score: 0.8 }, score: 0.8, feedback: "" },
    {
      name: "autoevals with a model",
      result: { name: "Factuality", score: 0.6, metadata: { rationale: "Mostly.", choice: "B" } },
      score: 0.6,
      feedback: "Mostly.",
    },
    { name: "autoevals that skips", result: { name: "Battle", score: null, metadata: {} }, score: null, feedback: "" },
    { name: "evalite", result: { name: "Words", score: 1, metadata: { words: 12 } }, score: 1, feedback: '{"words":12}' },
    { name: "Mastra", result: { runId: "1", score: 0.25, reason: "Off the point." }, score: 0.25, feedback: "Off the point." },
  ])("reads what $name gives", async ({ result, score, feedback }) => {
    for (const answer of [result, Promise.resolve(result)]) {
      expect(await fromScorer(() => answer).getFeedback("Q", "A", "R")).toEqual({ score, feedback });
    }
  });

  it("runs objects, with their state", async () => {
    const mastra = {
      weight: 0.5,
      run: async ({ output }: { output: string }) => ({ score: output.length * 0 + mastra.weight, reason: "r" }),
    };
    const evalite = {
      name: "Same",
      scorer({ output, expected }: { output: unknown; expected: unknown }) {
        return output === expected && this.name === "Same" ? 1 : 0;
      },
    };
    expect(await fromScorer(mastra).metric("Q", "A", "R")).toBe(0.5);
    expect(await fromScorer(evalite).metric("Q", "R", "R")).toBe(1);
  });

  it("arranges the example for a scorer that wants something else", async () => {
    const similar = ({ a, b }: { a: string; b: string }): number => (a === b ? 1 : 0);
    const guide = fromScorer(similar, ({ output, expected }: { output: string; expected: string }) => ({
      a: output,
      b: expected,
    }));
    expectTypeOf(guide).toExtend<Guide<unknown, string, string>>();
    expect(await guide.metric("Q", "x", "x")).toBe(1);
  });

  it.each([{ result: "good" }, { result: { score: "1" } }, { result: { score: Number.NaN } }, { result: undefined }])(
    "refuses $result",
    async ({ result }) => {
      await expect(fromScorer(() => result).getFeedback("Q", "A", "R")).rejects.toThrow(/Expected the scorer to/);
    },
  );

  it.each([null, 7, {}, { run: 1 }])("refuses %s as a scorer", (scorer) => {
    expect(() => fromScorer(scorer as never)).toThrow(InvalidArgumentError);
  });
});
