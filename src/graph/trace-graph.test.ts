import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ids } from "../../test/support/nodes.ts";
import { randomGraph } from "../../test/support/random-graph.ts";
import { backward } from "./backward.ts";
import { type Node, node } from "./node.ts";
import { add, multiply } from "./operators.ts";
import { type Parameter, parameter } from "./parameter.ts";
import { topologicalOrder } from "./topological-order.ts";
import { TraceGraph } from "./trace-graph.ts";

const x = parameter(1, { name: "x" });
const y = parameter(2, { name: "y" });

describe("a trace graph", () => {
  it("lists its nodes once, inputs before their users", () => {
    const a = multiply(x, 2);
    const output = add(a, multiply(y, a));
    const graph = backward(output, "f").get(x) as TraceGraph;
    expect(graph.nodes).toBe(graph.nodes);
    expectInputsFirst(graph.nodes);
    expect(new Set(graph.nodes).size).toBe(graph.nodes.length);
  });

  it("has the same order for the same graph, whatever was built first", () => {
    const build = (order: "first" | "last"): string[] => {
      const p = parameter(1, { name: "p" });
      const made: Record<string, Node> = {};
      for (const side of order === "first" ? ["left", "right"] : ["right", "left"]) {
        made[side] = multiply(p, node(side === "left" ? 2 : 3, { name: side }));
      }
      const output = add(made.left as Node<number>, made.right as Node<number>);
      return (backward(output, "f").get(p) as TraceGraph).nodes.map(({ name }) => name);
    };
    expect(build("first")).toEqual(build("last"));
  });

  it("on random graphs is what depends on its parameters, with the immediate inputs", () => {
    fc.assert(
      fc.property(randomGraph(), ({ parameters, targets }) => {
        const gradient = backward(targets, "f");
        const reached = parameters.filter((p) => p.trainable && targets.some((target) => dependsOn(target, p)));
        expect(new Set(gradient.keys())).toEqual(new Set(reached));
        for (const [p, graph] of gradient) expectSlice(graph, [p], targets);
      }),
      { numRuns: 200, seed: 11 },
    );
  });
});

describe("merging", () => {
  it("the graphs of one pass gives the union, as one backward would", () => {
    const shared = add(x, y);
    const [one, two] = [add(shared, 1), multiply(y, 2)];
    const gradient = backward([one, two], ["first", "second"]);
    const merged = TraceGraph.merge(gradient.values());
    expect(ids([...merged.parameters])).toEqual(ids([x, y]));
    expect(merged.targets.map(({ feedback }) => feedback.feedback)).toEqual(["first", "second"]);
    expectSlice(merged, [x, y], [one, two]);
  });

  it("keeps every target's own words across passes", () => {
    const m = multiply(x, 2);
    const [one, two] = [add(m, 1), add(m, y)];
    const merged = TraceGraph.merge([backward(one, "A"), backward(two, "B")].flatMap((gradient) => [...gradient.values()]));
    expect(merged.targets.map(({ target, feedback }) => [target.id, feedback.feedback])).toEqual([
      [one.id, "A"],
      [two.id, "B"],
    ]);
    expectSlice(merged, [x, y], [one, two]);
  });

  it("of nothing is empty", () => {
    const empty = TraceGraph.merge([]);
    expect([empty.parameters, empty.nodes, empty.targets]).toEqual([[], [], []]);
  });

  it("of one, or of the same twice, says it once", () => {
    const graph = backward(add(x, 1), "f").get(x) as TraceGraph;
    for (const merged of [TraceGraph.merge([graph]), TraceGraph.merge([graph, graph])]) {
      expect(ids([...merged.nodes])).toEqual(ids([...graph.nodes]));
      expect(merged.targets).toHaveLength(1);
    }
  });

  it("remembers the value of the first pass that knew the parameter", () => {
    const p = parameter(1, { name: "p" });
    const output = add(p, y);
    const before = backward(output, "f");
    p.set(2);
    const merged = TraceGraph.merge([...before.values(), ...backward(output, "f").values()]);
    expect(merged.valueOf(p)).toBe(1);
    expect(merged.valueOf(output)).toBe(3);
  });

  it("on random graphs is the same however the passes are cut", () => {
    fc.assert(
      fc.property(randomGraph(), fc.nat(), ({ targets }, cut) => {
        const [left, right] = [targets.slice(0, cut % (targets.length + 1)), targets.slice(cut % (targets.length + 1))];
        const parts = [left, right].filter((part) => part.length > 0).flatMap((part) => [...backward(part, "f").values()]);
        const merged = TraceGraph.merge(parts);
        const whole = TraceGraph.merge(backward(targets, "f").values());
        expect(new Set(merged.parameters)).toEqual(new Set(whole.parameters));
        expect(new Set(merged.nodes)).toEqual(new Set(whole.nodes));
        expect(ids(merged.targets.map(({ target }) => target))).toEqual(ids(whole.targets.map(({ target }) => target)));
        expectInputsFirst(merged.nodes);
      }),
      { numRuns: 200, seed: 11 },
    );
  });
});

function dependsOn(target: Node, source: Node): boolean {
  return topologicalOrder([target]).includes(source);
}

function expectInputsFirst(nodes: readonly Node[]): void {
  const position = new Map(nodes.map((found, index) => [found, index]));
  for (const [index, user] of nodes.entries()) {
    for (const input of user.inputs) expect(position.get(input) ?? -1).toBeLessThan(index);
  }
}

/** The definition, written the slow way. */
function expectSlice(graph: TraceGraph, parameters: readonly Parameter[], targets: readonly Node[]): void {
  const dependent = topologicalOrder(targets).filter((found) => parameters.some((p) => dependsOn(found, p as Node)));
  const expected = new Set([...dependent, ...dependent.flatMap(({ inputs }) => inputs)]);
  expect(new Set(ids([...graph.nodes]))).toEqual(new Set(ids([...expected])));
  expect(graph.nodes).toHaveLength(expected.size);
  expectInputsFirst(graph.nodes);
  expect(ids(graph.targets.map(({ target }) => target))).toEqual(ids(targets.filter((target) => dependent.includes(target))));
}
