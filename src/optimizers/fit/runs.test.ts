/**
 * Which samples come first, and how a batch is taken apart.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { backward } from "../../graph/backward.ts";
import { bundle } from "../../graph/bundle.ts";
import type { ExecutionError } from "../../graph/execution-error.ts";
import { type Node, node } from "../../graph/node.ts";
import { parameter } from "../../graph/parameter.ts";
import { TraceGraph } from "../../graph/trace-graph.ts";
import { batchify } from "../../trainer/batch-outputs.ts";
import { batchSections } from "../problem/describe-examples.ts";
import { GraphView } from "./graph-view.ts";
import { dropWorst } from "./prompt-budget.ts";
import { Runs, rankedSamples } from "./runs.ts";

const x = parameter(1, { name: "x" });
const work = bundle((a: number, b: number) => a + b, { name: "work" });
const fail = bundle((_: number): number => {
  throw new Error("no");
});

function failed(): Node {
  try {
    return fail(x);
  } catch (error) {
    return (error as ExecutionError).exceptionNode;
  }
}

type Said = string | { readonly score: number; readonly feedback: string };

function ranked(targets: readonly Node[], said: readonly Said[]): string[] {
  const graph = TraceGraph.merge(backward(targets, said).values());
  const view = new GraphView(graph, [x]);
  return rankedSamples(graph.targets, view).map(({ feedback }) => feedback.map((one) => one.feedback).join("+"));
}

describe("samples", () => {
  it("come in the order failure, without a score, lowest score; what was said already comes last", () => {
    const targets = [work(x, 1), work(x, 2), failed(), work(x, 3), work(x, 4), failed()];
    const said: Said[] = [
      { score: 0.9, feedback: "good" },
      { score: 0.1, feedback: "bad" },
      "broken",
      "dull",
      { score: 0.1, feedback: "bad" },
      "broken",
    ];
    expect(ranked(targets, said)).toEqual(["broken", "dull", "bad", "good", "broken", "bad"]);
  });

  it("of one output are one, with the lowest score", () => {
    const y = work(x, 1);
    expect(
      ranked(
        [work(x, 2), y, y],
        [
          { score: 0.5, feedback: "a" },
          { score: 0.9, feedback: "b" },
          { score: 0, feedback: "c" },
        ],
      ),
    ).toEqual(["b+c", "a"]);
  });
});

describe("a joined batch", () => {
  const items = [work(x, 1), work(x, 2), work(x, 3)];
  const target = batchify(...items);
  const feedback = (text: string) => ({ target, feedback: { score: null, feedback: text } });

  it("is taken apart, also where what was said has several lines", () => {
    const said = batchify("one", "two\n\nID [7]: and more", "").peek();
    expect(batchSections(feedback(said))?.map(({ feedback: { feedback: text } }) => text)).toEqual([
      "one",
      "two\n\nID [7]: and more",
      "",
    ]);
    expect(batchSections(feedback(said))?.map((section) => section.target)).toEqual(items);
  });

  it.each([
    ["one word for all", "No."],
    ["a section missing", "ID [0]: a\nID [2]: c\n"],
    ["too few sections", "ID [0]: a\nID [1]: b\n"],
  ])("stays whole when there is %s", (_title, said) => {
    expect(batchSections(feedback(said))).toBeUndefined();
    expect(ranked([target], [said])).toEqual([said]);
  });

  it("is taken apart when it has one score, which is that of none of them", () => {
    const said = batchify("a", "b", "c").peek();
    const sections = batchSections({ target, feedback: { score: 0.5, feedback: said } });
    expect(sections?.map(({ feedback: { score, feedback: text } }) => [score, text])).toEqual([
      [null, "a"],
      [null, "b"],
      [null, "c"],
    ]);
  });
});

describe("runs", () => {
  const shapes = (targets: readonly Node[]): string[] => {
    const graph = TraceGraph.merge(backward(targets, "no").values());
    const view = new GraphView(graph, [x]);
    const runs = new Runs(view, rankedSamples(graph.targets, view));
    return runs.samples.map((_, index) => runs.at(index).shape);
  };

  it("of the same operations on other values have one shape", () => {
    const shared = work(x, 0);
    const run = (value: number): Node => work(work(shared, value), 5);
    expect(new Set(shapes([run(1), run(2), run(3)])).size).toBe(1);
  });

  it("of other operations, other shared values, or of outputs that others use have not", () => {
    const [one, two] = [work(x, 0), work(x, 1)];
    const inner = work(one, 7);
    const targets = [work(one, 2), work(two, 2), work(one, work(two, 1)), inner, work(inner, 1), node(0), work(one, one)];
    expect(new Set(shapes(targets)).size).toBe(6);
  });
});

describe("dropping the worst", () => {
  const item = (score: number | null, size: number) => ({ score, size });
  const keep = (items: readonly { score: number | null; size: number }[], room: number) =>
    dropWorst(items, ({ size }) => size, room).kept.map(({ score }) => score);

  it("keeps the order, and drops what has no score first, then the lowest scores, then the oldest", () => {
    expect(keep([item(0.1, 1), item(null, 1), item(0.9, 1), item(0.5, 1)], 3)).toEqual([0.1, 0.9, 0.5]);
    expect(keep([item(0.1, 1), item(null, 1), item(0.9, 1), item(0.5, 1)], 2)).toEqual([0.9, 0.5]);
    expect(dropWorst([item(0.5, 1), item(0.5, 2)], ({ size }) => size, 2).dropped).toEqual([item(0.5, 1)]);
    expect(keep([item(1, 9)], 8)).toEqual([]);
  });
});
