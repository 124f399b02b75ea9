/**
 * Scorers of other libraries, by the shapes they have.
 *
 * @module
 */
import { describe, expect, expectTypeOf, it } from "vitest";
import { InfrastructureError, InvalidArgumentError, isInfrastructureError, UnusableAnswerError } from "../errors.ts";
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
    expect(seen).toEqual({
      ...{ input: "Q", output: "A", expected: "R", groundTruth: "R", expectedOutput: "R" },
      ...{ inputs: "Q", outputs: "A", referenceOutputs: "R" },
    });
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
    {
      name: "Mastra that skips",
      result: { runId: "1", notScorable: { step: "preprocess", reason: "No refund was asked for." } },
      score: null,
      feedback: "No refund was asked for.",
    },
    { name: "openevals", result: { key: "ok", score: true, comment: "Good." }, score: 1, feedback: "Good." },
    {
      name: "evalite with a list of statements",
      result: { name: "Faithful", score: 0.5, metadata: [{ statement: "It rains.", verdict: 0, reason: "It does not." }] },
      score: 0.5,
      feedback: "It rains. (0): It does not.",
    },
    {
      name: "vitest-evals",
      result: { score: null, metadata: { rationale: "Nothing to compare." } },
      score: null,
      feedback: "Nothing to compare.",
    },
    { name: "Langfuse", result: { name: "tone", value: 0.4, comment: "Cold." }, score: 0.4, feedback: "Cold." },
    { name: "Braintrust that skips", result: null, score: null, feedback: "" },
    { name: "a scorer of several, none of which counts", result: [null], score: null, feedback: "" },
    {
      name: "promptfoo without a score",
      result: { pass: true, reason: "Assertion passed" },
      score: 1,
      feedback: "Assertion passed",
    },
  ])("reads what $name gives", async ({ result, score, feedback }) => {
    for (const answer of [result, Promise.resolve(result)]) {
      expect(await fromScorer(() => answer).getFeedback("Q", "A", "R")).toEqual({ score, feedback });
    }
  });

  it.each<{ name: string; result: unknown; score: number; feedback: string; scores: Record<string, number> }>([
    {
      name: "openevals",
      result: [
        { key: "correct", score: true, comment: "Right." },
        { key: "short", score: 0.5, comment: "Long." },
      ],
      score: 0.75,
      feedback: "correct: Right.\nshort: Long.",
      scores: { correct: 1, short: 0.5 },
    },
    {
      name: "Langfuse",
      result: [{ name: "tone", value: 0.25, comment: "Cold." }, null],
      score: 0.25,
      feedback: "tone: Cold.",
      scores: { tone: 0.25 },
    },
    {
      name: "promptfoo",
      result: {
        pass: false,
        score: 0.625,
        reason: "Expected output to contain",
        namedScores: { polite: 0.25, score: 0 },
        componentResults: [
          { pass: true, score: 1, reason: "Assertion passed" },
          { pass: false, score: 0.25, reason: "Not polite." },
        ],
      },
      score: 0.625,
      feedback: "Not polite.\nAssertion passed",
      scores: { polite: 0.25, "score 2": 0 },
    },
  ])("reads several scores of $name", async ({ result, score, feedback, scores }) => {
    expect(await fromScorer(() => result).getFeedback("Q", "A", "R")).toEqual({ score, feedback, scores });
  });

  it.each<{ name: string; score: () => unknown; error: abstract new (...args: never[]) => Error }>([
    {
      name: "a judge of promptfoo",
      score: () => ({
        ...{ pass: false, score: 0, reason: "429 rate limit" },
        componentResults: [{ pass: false, score: 0, reason: "429 rate limit", metadata: { graderError: true } }],
      }),
      error: InfrastructureError,
    },
    {
      name: "one assertion of promptfoo",
      score: () => ({ pass: false, score: 0, reason: "429", metadata: { graderError: true } }),
      error: InfrastructureError,
    },
    {
      name: "a judge of promptfoo whose error is the reason of a failure",
      score: () => ({
        ...{ pass: false, score: 0, reason: "API error: 429 Too Many Requests" },
        componentResults: [{ pass: false, score: 0, reason: "API error: 429 Too Many Requests", tokensUsed: { total: 0 } }],
      }),
      error: InfrastructureError,
    },
    {
      name: "a scorer that reports a rate limit",
      score: () => ({ name: "S", score: 0, error: Object.assign(new Error("429"), { status: 429 }) }),
      error: InfrastructureError,
    },
    {
      name: "a scorer that reports an error",
      score: () => ({ name: "S", score: 0, error: "failed" }),
      error: UnusableAnswerError,
    },
    {
      name: "a judge of autoevals that makes up a choice",
      score: () => {
        throw new Error("Unknown score choice F");
      },
      error: UnusableAnswerError,
    },
    {
      name: "a judge of autoevals that chooses nothing",
      score: () => {
        throw new Error("No tool calls in response");
      },
      error: UnusableAnswerError,
    },
  ])("does not score what $name could not judge", async ({ score, error }) => {
    const guide = fromScorer(score);
    const failure = await Promise.resolve(guide.getFeedback("Q", "A", "R")).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(error);
    expect(isInfrastructureError(failure)).toBe(true);
  });

  it("leaves rate limits and mistakes that a scorer throws as they are", async () => {
    for (const thrown of [Object.assign(new Error("429"), { status: 429 }), new TypeError("x is not a function")]) {
      const scorer = (): never => {
        throw thrown;
      };
      await expect(fromScorer(scorer).getFeedback("Q", "A", "R")).rejects.toBe(thrown);
    }
  });

  it("ends with the signal, whether the scorer listens or not", async () => {
    const controller = new AbortController();
    let given: AbortSignal | undefined;
    const guide = fromScorer((_example: unknown, context) => {
      given = context?.signal;
      return new Promise(() => {});
    });
    const work = guide.getFeedback("Q", "A", "R", { signal: controller.signal });
    controller.abort(new Error("stop"));
    await expect(work).rejects.toThrow("stop");
    expect(given).toBe(controller.signal);
  });

  it("gives judges of vitest-evals their context", async () => {
    let seen: Record<string, unknown> = {};
    const judge = {
      name: "Status",
      assess(context: Record<string, unknown>) {
        seen = context;
        return { score: this.name === "Status" && context.output === context.expectedStatus ? 1 : 0 };
      },
    };
    expect(await fromScorer(judge as never).metric("Q", "ok", { expectedStatus: "ok" })).toBe(1);
    expect(seen).toMatchObject({
      input: "Q",
      output: "ok",
      expected: { expectedStatus: "ok" },
      toolCalls: [],
      run: { output: "ok" },
    });
    expect(seen.session).toEqual({
      messages: [
        { role: "user", content: "Q" },
        { role: "assistant", content: "ok" },
      ],
    });
    await fromScorer(judge as never).metric("Q", "ok", "a text");
    expect(seen.expected).toBe("a text");
  });

  it("gives scorers of Mastra's agents lists of messages", async () => {
    let seen: Record<string, unknown> = {};
    class MastraScorer {
      get type(): string {
        return "agent";
      }
      async run(given: Record<string, unknown>) {
        seen = given;
        return { score: 1 };
      }
    }
    await fromScorer(new MastraScorer() as never).metric("Q", "A", "R");
    expect(seen).toMatchObject({
      input: { inputMessages: [{ role: "user", content: { content: "Q" } }] },
      output: [{ role: "assistant", content: { parts: [{ type: "text", text: "A" }] } }],
      groundTruth: "R",
    });
  });

  it("takes a range and a meaning", () => {
    const guide = fromScorer(() => 1, { scoreRange: [0, 1], meaning: "how friendly it is" });
    expect(guide).toMatchObject({ scoreRange: [0, 1], meaning: "how friendly it is" });
    expect(() => fromScorer(() => 1, { range: [0, 1] } as never)).toThrow(InvalidArgumentError);
  });

  it("says what to install for assertions of promptfoo", async () => {
    const guide = fromScorer([{ type: "contains", value: "Lima" }]);
    await expect(guide.getFeedback("Q", "A", "R")).rejects.toThrow(/npm install promptfoo/);
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

  it.each([null, 7, {}, { run: 1 }, [], [{ value: "Lima" }], class Scorer {}])("refuses %s as a scorer", (scorer) => {
    expect(() => fromScorer(scorer as never)).toThrow(InvalidArgumentError);
  });
});
