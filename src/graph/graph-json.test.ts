import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { thrownBy } from "../../test/support/nodes.ts";
import { randomGraph } from "../../test/support/random-graph.ts";
import { InvalidArgumentError } from "../errors.ts";
import { backward } from "./backward.ts";
import { bundle } from "./bundle.ts";
import type { ExecutionError } from "./execution-error.ts";
import { type GraphJson, graphFromJson, graphToJson } from "./graph-json.ts";
import { type Node, node } from "./node.ts";
import { isParameter, parameter } from "./parameter.ts";
import { topologicalOrder } from "./topological-order.ts";

const throughText = (json: GraphJson): GraphJson => JSON.parse(JSON.stringify(json)) as GraphJson;

describe("a graph as JSON", () => {
  it("holds all there is to know", () => {
    const x = parameter(2, { name: "x", description: "a number", constraint: "positive" });
    const fixed = parameter("f", { name: "fixed", trainable: false });
    const scale = bundle((value: number, by: number) => value * by + fixed.value.length, {
      name: "scale",
      description: "Scales.",
    });
    expect(graphToJson(scale(x, 3))).toEqual({
      format: "opto-graph",
      version: 1,
      operations: [{ name: "scale", description: "Scales.", source: scale.operation.source }],
      nodes: [
        { kind: "parameter", name: "x", description: "a number", value: 2, constraint: "positive" },
        { kind: "constant", name: "by", value: 3 },
        { kind: "parameter", name: "fixed", value: "f", trainable: false },
        { kind: "message", name: "scale", value: 7, inputs: [0, 1, 2], inputNames: ["value", "by", "fixed"], operation: 0 },
      ],
      targets: [3],
    });
  });

  it("names an operation once, however often it ran", () => {
    const step = bundle((value: number) => value + 1);
    const json = graphToJson(step(step(step(0))));
    expect(json.operations).toHaveLength(1);
    expect(json.nodes.map(({ operation }) => operation)).toEqual([undefined, 0, 0, 0]);
  });

  it.each<[string, unknown, string]>([
    ["undefined", undefined, "undefined"],
    ["no number", Number.NaN, "NaN"],
    ["a bigint", 5n, "5"],
    ["a Map", new Map([["a", 1]]), '{"a":1}'],
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["an error", new Error("x"), "Error: x"],
    ["a node among others", [node("inside")], '["inside"]'],
  ])("shows %s as text", (_, value, text) => {
    const json = graphToJson(node(value));
    expect(json.nodes[0]).toMatchObject({ text });
    expect(graphFromJson(throughText(json))[0]?.value).toBe(text);
  });

  it("survives values that have no end", () => {
    const circular: unknown[] = [];
    circular.push(circular);
    let deep: unknown = 0;
    for (let depth = 0; depth < 50_000; depth++) deep = { deep };
    expect(() => JSON.stringify(graphToJson([node(circular), node(deep)]))).not.toThrow();
  });

  it("of a failure comes back as one", () => {
    const p = parameter("p", { name: "p" });
    const fails = bundle((): string => {
      throw new Error(p.value);
    });
    const { exceptionNode } = thrownBy(() => fails()) as ExecutionError;
    const [target] = graphFromJson(throughText(graphToJson(exceptionNode)));
    expect(target).toMatchObject({ kind: "exception", value: "(Error) p" });
    expect([...backward(target as Node, "fix it").keys()].map(({ name }) => name)).toEqual(["p"]);
  });

  it("of several targets keeps their order, and one that stands twice", () => {
    const [a, b] = [node(1), node(2)];
    const targets = graphFromJson(throughText(graphToJson([b, a, b])));
    expect(targets.map(({ value }) => value)).toEqual([2, 1, 2]);
    expect(targets[0]).toBe(targets[2]);
    expect(graphToJson([])).toMatchObject({ nodes: [], targets: [] });
  });

  it("of 100,000 operations goes there and back", () => {
    const step = bundle((value: number) => value + 1);
    let output: Node<number> = parameter(0, { name: "x" });
    for (let length = 0; length < 100_000; length++) output = step(output);
    const [back] = graphFromJson(throughText(graphToJson(output)));
    expect(topologicalOrder([back as Node])).toHaveLength(100_001);
  });

  it("comes back the same, for random graphs", () => {
    fc.assert(
      fc.property(randomGraph(), ({ targets }) => {
        const json = graphToJson(targets);
        const back = graphFromJson(throughText(json));
        expect(throughText(graphToJson(back))).toEqual(throughText(json));
        const [before, after] = [topologicalOrder(targets), topologicalOrder(back)];
        expect(after.map(shape)).toEqual(before.map(shape));
        expect(after.every((found) => !before.includes(found))).toBe(true);
        expect([...backward(back, "f").keys()].map(({ name }) => name)).toEqual(
          [...backward(targets, "f").keys()].map(({ name }) => name),
        );
      }),
      { numRuns: 200, seed: 5 },
    );
  });
});

describe("graphFromJson refuses", () => {
  const good = graphToJson(bundle((x: number) => x)(1));
  const [constant, message] = good.nodes as [GraphJson["nodes"][number], GraphJson["nodes"][number]];

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["another format", { ...good, format: "opto-agent" }],
    ["a newer version", { ...good, version: 2 }],
    ["no nodes", { ...good, nodes: undefined }],
    ["no targets", { ...good, targets: undefined }],
    ["an input that stands later", { ...good, nodes: [{ ...message, inputs: [1] }, constant] }],
    ["an input that is itself", { ...good, nodes: [constant, { ...message, inputs: [1] }] }],
    ["a negative input", { ...good, nodes: [constant, { ...message, inputs: [-1] }] }],
    ["an input that is no position", { ...good, nodes: [constant, { ...message, inputs: ["length"] }] }],
    ["an input of every object", { ...good, nodes: [constant, { ...message, inputs: ["__proto__"] }] }],
    ["inputs that are no list", { ...good, nodes: [constant, { ...message, inputs: 0 }] }],
    ["an operation that is not there", { ...good, nodes: [constant, { ...message, operation: 1 }] }],
    ["an operation of every object", { ...good, nodes: [constant, { ...message, operation: "__proto__" }] }],
    ["an unknown kind", { ...good, nodes: [{ ...constant, kind: "variable" }, message] }],
    ["a node that is none", { ...good, nodes: [null, message] }],
    ["a name that is none", { ...good, nodes: [{ ...constant, name: 5 }, message] }],
    ["a target that is not there", { ...good, targets: [2] }],
    ["a parameter that breaks its own rule", { ...good, nodes: [{ kind: "parameter", name: "__proto__", value: 1 }, message] }],
  ])("%s", (_, json) => {
    expect(() => graphFromJson(json as GraphJson)).toThrow(InvalidArgumentError);
  });
});

function shape(found: Node): unknown {
  const { kind, name, description, inputNames, operation } = found;
  return {
    kind,
    name,
    description,
    inputNames,
    operation,
    value: found.peek(),
    trainable: isParameter(found) && found.trainable,
  };
}
