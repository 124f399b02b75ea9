/**
 * Which outputs are right, by whatever a search compares by.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { type ObjectiveLike, objective } from "../../data/objectives.ts";
import { backward } from "../../graph/backward.ts";
import { bundle } from "../../graph/bundle.ts";
import type { Node } from "../../graph/node.ts";
import { parameter } from "../../graph/parameter.ts";
import { TraceGraph } from "../../graph/trace-graph.ts";
import { GraphView } from "../fit/graph-view.ts";
import { rankedSamples } from "../fit/runs.ts";
import { contrastOf, outcomesOf, telling } from "./outcomes.ts";

const x = parameter(1, { name: "x" });
const work = bundle((a: number, b: number) => a + b, { name: "work" });

/** Three outputs: the higher the score, the lower the quality and the higher the cost. */
const targets = [1, 2, 3].map((score) => work(x, score));
const said = [1, 2, 3].map((score) => ({
  score,
  feedback: `of ${score}`,
  scores: { quality: 10 - score, cost: score / 10, ...(score === 1 && { rare: 1 }) },
}));
const graphOf = () => TraceGraph.merge(backward(targets, said).values());
const scoresOf = (outputs: Iterable<Node>): number[] => [...outputs].map((output) => targets.indexOf(output as never) + 1);

describe("right and wrong outputs", () => {
  it.each<{ by: ObjectiveLike | undefined; right: number[]; worstFirst: number[] }>([
    { by: undefined, right: [3], worstFirst: [1, 2, 3] },
    { by: { minimize: ["score"] }, right: [1], worstFirst: [3, 2, 1] },
    { by: "quality", right: [1], worstFirst: [3, 2, 1] },
    { by: { weights: { quality: 1 } }, right: [1], worstFirst: [3, 2, 1] },
    { by: { weights: { cost: 1 }, minimize: ["cost"] }, right: [1], worstFirst: [3, 2, 1] },
    { by: { weights: { score: 2, quality: 1 } }, right: [3], worstFirst: [1, 2, 3] },
    { by: { scoreKey: "score", constraints: { cost: { max: 0.1 } } }, right: [3], worstFirst: [1, 2, 3] },
    // What has no such metric is not known to be right.
    { by: "rare", right: [1], worstFirst: [2, 3, 1] },
    { by: { paretoMetrics: ["score", "quality"] }, right: [], worstFirst: [1, 2, 3] },
  ])("are told apart by $by", ({ by, right, worstFirst }) => {
    const [graph, comparedBy] = [graphOf(), by === undefined ? undefined : objective(by)];
    const outcomes = outcomesOf(graph, comparedBy);
    expect(scoresOf(outcomes.right)).toEqual(right);
    expect(scoresOf(outcomes.wrong)).toEqual([1, 2, 3].filter((score) => !right.includes(score)));
    const remembered = telling(graph, comparedBy);
    for (const score of [1, 2, 3]) expect(remembered.includes(`of ${score}`)).toBe(!right.includes(score));
    const ranked = rankedSamples(graph.targets, new GraphView(graph, [x]), { comparedBy });
    // The guide's own score tells what was left out.
    expect(ranked.map(({ score }) => score)).toEqual(worstFirst);
  });

  it("of one graph are told apart anew by another objective", () => {
    const graph = graphOf();
    expect(scoresOf(contrastOf(graph).outcomes.right)).toEqual([3]);
    expect(scoresOf(contrastOf(graph, objective("quality")).outcomes.right)).toEqual([1]);
    expect(scoresOf(contrastOf(graph).outcomes.right)).toEqual([3]);
  });
});
