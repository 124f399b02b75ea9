/**
 * Guides made of others: weighted, cascade, panel, rubric.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import type { FeedbackLike } from "../data/feedback.ts";
import { InfrastructureError, InvalidArgumentError } from "../errors.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { cascade, panel } from "./combined-guides.ts";
import { exactMatch } from "./exact-match.ts";
import { Guide, type GuideFunction } from "./guide.ts";
import { LLMJudge } from "./llm-judge.ts";
import { rubric, weighted } from "./weighted.ts";

type AnyGuide = GuideFunction<unknown, unknown, unknown>;

const gives =
  (result: FeedbackLike): AnyGuide =>
  () =>
    result;
const ranged = (result: FeedbackLike, scoreRange: readonly [number, number]): AnyGuide =>
  Object.assign(() => result, { scoreRange });

describe("weighted", () => {
  it("is the weighted mean, with the parts by name", async () => {
    const guide = weighted({
      right: { guide: gives({ score: 1, feedback: "Right.", scores: { exact: 0.5 } }), weight: 3 },
      short: gives([0.2, "Too long."]),
      cost: { guide: gives(12), weight: 0 },
    });
    expect(await guide.getFeedback("?", "a", null)).toEqual({
      score: expect.closeTo(0.8, 12),
      feedback: "right (1): Right.\nshort (0.2): Too long.\ncost (12)",
      scores: { right: 1, "right.exact": 0.5, short: 0.2, cost: 12 },
    });
    expect(guide.meaning).toBe("a weighted mean of 75% right, 25% short");
    expect(guide.scoreRange).toBeUndefined();
  });

  it("has the range that the ranges of its parts leave", async () => {
    const guide = weighted({ a: { guide: ranged(1, [0, 1]), weight: 1 }, b: { guide: ranged(10, [0, 10]), weight: 3 } });
    expect(guide.scoreRange).toEqual([0, 7.75]);
    expect(await guide.metric("?", "a", null)).toBe(7.75);
    const thirds = weighted({ a: ranged(1, [0, 1]), b: ranged(1, [0, 1]), c: ranged(1, [0, 1]) });
    expect(await thirds.metric("?", "a", null)).toBeLessThanOrEqual(thirds.scoreRange?.[1] as number);
  });

  it("has no score where a part that counts has none", async () => {
    const nothing = gives({ score: null, feedback: "No reference." });
    const counted = await weighted({ a: gives(1), b: nothing }).getFeedback("?", "a", null);
    expect(counted).toEqual({ score: null, feedback: "a (1)\nb (not scored): No reference.", scores: { a: 1 } });
    expect(await weighted({ a: gives(1), b: { guide: nothing, weight: 0 } }).metric("?", "a", null)).toBe(1);
  });

  it.each([
    [{}, /guides by name/],
    [{ a: { guide: gives(1), weight: -1 } }, /weight of "a" to be a number from 0, got -1/],
    [{ a: { guide: gives(1), weight: 0 } }, /at least one weight above 0/],
    [{ a: 7 }, /Expected a guide to be/],
  ])("refuses %o", (guides, message) => {
    expect(() => weighted(guides as never)).toThrow(InvalidArgumentError);
    expect(() => weighted(guides as never)).toThrow(message);
  });

  it("finds a part that breaks its promise", async () => {
    const guide = weighted({ a: ranged(2, [0, 1]) });
    await expect(guide.getFeedback("?", "a", null)).rejects.toThrow(/Expected the guide "a" to return a score from 0 to 1/);
  });

  it("has parts of its own in each copy", async () => {
    class Counting extends Guide {
      calls = 0;
      getFeedback() {
        this.calls += 1;
        return { score: this.calls, feedback: "" };
      }
    }
    const guide = weighted({ counting: new Counting() });
    expect(await guide.clone().metric("?", "a", null)).toBe(1);
    expect(await guide.clone().metric("?", "a", null)).toBe(1);
  });
});

describe("cascade", () => {
  it.each<{ askAbout: "passed" | "failed"; cheap: number | null; expected: number; asked: number }>([
    { askAbout: "failed", cheap: 1, expected: 1, asked: 0 },
    { askAbout: "failed", cheap: 0, expected: 0.7, asked: 1 },
    { askAbout: "passed", cheap: 1, expected: 0.7, asked: 1 },
    { askAbout: "passed", cheap: 0, expected: 0, asked: 0 },
    { askAbout: "passed", cheap: 0.9, expected: 0.9, asked: 0 },
    { askAbout: "passed", cheap: null, expected: 0.7, asked: 1 },
    { askAbout: "failed", cheap: null, expected: 0.7, asked: 1 },
  ])("asks about $askAbout after $cheap", async ({ askAbout, cheap, expected, asked }) => {
    let calls = 0;
    const expensive: AnyGuide = () => {
      calls += 1;
      return [0.7, "Expensive."];
    };
    const guide = cascade({ cheap: gives({ score: cheap, feedback: "Cheap." }), expensive, askAbout });
    const verdict = await guide.getFeedback("?", "a", null);
    expect(verdict).toEqual({ score: expected, feedback: asked === 1 ? "Expensive." : "Cheap." });
    expect(calls).toBe(asked);
  });

  it("takes another mark to pass, and knows its range", async () => {
    const options = { cheap: ranged(0.5, [0, 1]), expensive: ranged(5, [1, 5]), askAbout: "passed" } as const;
    expect(await cascade({ ...options, passScore: 0.5 }).metric("?", "a", null)).toBe(5);
    expect(cascade(options).scoreRange).toEqual([0, 5]);
    expect(() => cascade({ ...options, askAbout: "all" as never })).toThrow(/"passed" or "failed"/);
  });
});

describe("panel", () => {
  it.each<{ by?: "mean" | "median" | "majority"; scores: (number | null)[]; score: number | null; disagreement?: number }>([
    { scores: [0, 1, 1], score: 2 / 3, disagreement: 1 },
    { by: "median", scores: [0.1, 0.9, 0.5], score: 0.5, disagreement: 0.8 },
    { by: "median", scores: [0, 1], score: 0.5, disagreement: 1 },
    { by: "majority", scores: [1, 0, 1], score: 1, disagreement: 1 },
    { by: "majority", scores: [1, 0], score: 0.5, disagreement: 1 },
    { by: "majority", scores: [1, 1, 1], score: 1, disagreement: 0 },
    { by: "mean", scores: [1, null, 0.5], score: 0.75, disagreement: 0.5 },
    { by: "mean", scores: [1, null], score: null },
  ])("agrees on $scores by $by", async ({ by, scores, score, disagreement }) => {
    const judges = Object.fromEntries(scores.map((given, index) => [`j${index}`, gives({ score: given, feedback: "" })]));
    const verdict = await panel(judges, { by }).getFeedback("?", "a", null);
    expect(verdict.score).toEqual(score === null ? null : expect.closeTo(score, 12));
    if (disagreement === undefined) expect(verdict.scores).toBeUndefined();
    else expect(verdict.scores?.disagreement).toBeCloseTo(disagreement, 12);
  });

  it("says what each judge says", async () => {
    const verdict = await panel({ strict: gives([0, "No."]), mild: gives([1, "Yes."]) }).getFeedback("?", "a", null);
    expect(verdict.feedback).toBe("strict (0): No.\nmild (1): Yes.");
  });

  it("waits for all judges before it fails with the first failure", async () => {
    let finished = false;
    const outage: AnyGuide = () => {
      throw new InfrastructureError("429");
    };
    const slow: AnyGuide = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      finished = true;
      return 1;
    };
    await expect(panel({ outage, slow }).getFeedback("?", "a", null)).rejects.toThrow(InfrastructureError);
    expect(finished).toBe(true);
  });

  it("refuses fewer than two judges", () => {
    expect(() => panel({ a: exactMatch() })).toThrow(/at least two judges, got 1/);
    expect(() => panel({ a: exactMatch(), disagreement: exactMatch() })).toThrow(InvalidArgumentError);
  });
});

describe("rubric", () => {
  const items = [
    { name: "correct", criteria: "Agrees with the reference.", weight: 3 },
    { name: "polite", criteria: "Greets the customer." },
  ];

  it("judges each item by a call of its own", async () => {
    const model = scriptedModel(({ system }) =>
      system.includes("Greets") ? '{"feedback": "No greeting.", "score": 0}' : '{"feedback": "Right.", "score": 1}',
    );
    const guide = rubric(items, { model, criteria: "In general: be kind." });
    expect(await guide.getFeedback("Q", "A", "R")).toEqual({
      score: 0.75,
      feedback: "correct (1): Right.\npolite (0): No greeting.",
      scores: { correct: 1, polite: 0 },
    });
    expect(model.calls).toHaveLength(2);
    expect(model.calls[0]?.system).toContain("In general: be kind.\nAgrees with the reference.");
    expect(guide.scoreRange).toEqual([0, 1]);
  });

  it("refuses what is not a rubric", () => {
    expect(() => rubric([])).toThrow(InvalidArgumentError);
    expect(() => rubric([{ name: "a", criteria: "" }])).toThrow(/\{ name, criteria \}/);
    expect(() => rubric([items[0] as never, items[0] as never])).toThrow(/Two items of the rubric are named "correct"/);
  });
});

describe("identity of combined guides", () => {
  it("covers weights and the identities of the parts", () => {
    const guide = weighted({ judge: { guide: new LLMJudge({ model: "a/b" }), weight: 2 } });
    expect(guide.identity()).toMatchObject({ weights: { judge: 2 }, parts: { judge: expect.any(LLMJudge) } });
  });
});
