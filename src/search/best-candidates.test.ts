/**
 * Fronts, compromises, and reference points over evaluations in their order.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { objective } from "../data/objectives.ts";
import { frontMetrics } from "../data/selection.ts";
import { BestCandidates, type EvaluatedCandidate, frontVolume, referenceOf } from "./best-candidates.ts";

const at = (candidate: string, accuracy: number, cost: number, parameters = {}): EvaluatedCandidate => {
  return { candidate, iteration: 1, scores: { accuracy, cost }, parameters };
};
const by = objective({ paretoMetrics: ["accuracy", "cost"], minimize: ["cost"] });

describe("BestCandidates", () => {
  it("keeps the front, in order of evaluation, and its knee", () => {
    const all = new BestCandidates(by);
    expect(all.best).toBeUndefined();
    const taken = [at("start", 0.2, 4), at("a", 0.2, 1), at("b", 1, 9), at("c", 0.9, 3), at("d", 0.5, 5)].map((one) =>
      all.add(one),
    );
    expect(taken).toEqual([true, true, true, true, false]);
    expect(all.front.map(({ candidate }) => candidate)).toEqual(["a", "b", "c"]);
    expect(all.best?.candidate).toBe("c");
  });

  it("keeps what a candidate on the front scored first", () => {
    const all = new BestCandidates(by);
    all.add(at("a", 0.5, 1));
    expect(all.add(at("a", 0.9, 1))).toBe(false);
    expect(all.best?.scores.accuracy).toBe(0.5);
    all.clear();
    expect(all.front).toEqual([]);
  });

  it("holds the best alone under other objectives; the shorter text wins a tie where it is to", () => {
    const all = new BestCandidates(objective({ scoreKey: "accuracy", tie: "shorter" }));
    expect(all.add(at("a", 0.5, 1, { prompt: "long text" }))).toBe(true);
    expect(all.add(at("b", 0.5, 1, { prompt: "short" }))).toBe(true);
    expect(all.add(at("c", 0.5, 1, { prompt: "other" }))).toBe(false);
    expect(all.front.map(({ candidate }) => candidate)).toEqual(["b"]);
  });
});

describe("hypervolume of a front", () => {
  it("is measured from beyond the worst values of the first evaluation", () => {
    const metrics = frontMetrics([], by);
    const reference = referenceOf(metrics, { accuracy: [0, 1], cost: [2, 4] }, by);
    expect(reference).toEqual({ accuracy: -0.1, cost: 4.2 });
    expect(referenceOf(["accuracy", "cost"], { accuracy: [0, 0], cost: [2, 2] }, by)).toEqual({ accuracy: -0.1, cost: 2.2 });
    expect(frontVolume([{ accuracy: 0.9, cost: 3.2 }], reference, by)).toBeCloseTo(1, 12);
    expect(referenceOf(["constructor"], {}, by)).toEqual({ constructor: -0.1 });
    expect(frontVolume([{ accuracy: 0.9, cost: 5 }, { accuracy: 1 }], reference, by)).toBe(0);
  });
});
