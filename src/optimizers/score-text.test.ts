import { describe, expect, it } from "vitest";
import { objective } from "../data/objectives.ts";
import { digitsOf, scoreText } from "./score-text.ts";

const textsOf = (attempts: Parameters<typeof digitsOf>[0], comparedBy = objective()) =>
  attempts.map((attempt) => scoreText(attempt, { scoredOn: 10, comparedBy, digits: digitsOf(attempts) }));

describe("the scores of attempts as text", () => {
  it("have the digits that tell them apart, and no others", () => {
    const attempts = [0.5, 0.833312, 0.833341].map((score) => ({ score }));
    expect(textsOf(attempts).map(({ score }) => score)).toEqual(["0.5", "0.83331", "0.83334"]);
    expect(textsOf(attempts.slice(1, 2))).toEqual([{ score: "0.8333" }]);
  });

  it("have all digits before the point, in every metric", () => {
    const by = objective({ scoreKey: "latencyMs", minimize: ["latencyMs"] });
    const attempts = [12_448.14, 12_449.4].map((latencyMs) => ({ score: -latencyMs, scores: { score: 1, latencyMs } }));
    expect(textsOf(attempts, by)).toEqual([{ scores: "latencyMs 12448" }, { scores: "latencyMs 12449" }]);
  });

  it("have the digits of one metric whatever another takes", () => {
    const by = objective({ weights: { score: 1, cost: 1 }, minimize: ["cost"] });
    const attempts = [0.123456, 0.123457].map((cost) => ({ score: 1 / 3 - cost, scores: { score: 1 / 3, cost } }));
    expect(textsOf(attempts, by)).toEqual([
      { score: "0.3333", scores: "cost 0.123456", total: "0.209877" },
      { score: "0.3333", scores: "cost 0.123457", total: "0.209876" },
    ]);
  });
});
