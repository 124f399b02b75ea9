import { describe, expect, it } from "vitest";
import { ids, thrownBy } from "../../test/support/nodes.ts";
import { GraphError, InvalidArgumentError } from "../errors.ts";
import { backward } from "./backward.ts";
import { bundle } from "./bundle.ts";
import { ExecutionError } from "./execution-error.ts";
import { model } from "./module.ts";
import { Node, node } from "./node.ts";
import { add, multiply } from "./operators.ts";
import { type Parameter, parameter } from "./parameter.ts";
import { topologicalOrder } from "./topological-order.ts";
import type { TraceGraph } from "./trace-graph.ts";
import { withValues } from "./with-values.ts";

const numbers = (...values: number[]): Parameter<number>[] =>
  values.map((value, index) => parameter(value, { name: "xyz"[index] ?? "p" }));

const words = (graph: TraceGraph | undefined): string[] => graph?.targets.map(({ feedback }) => feedback.feedback) ?? [];

describe("backward", () => {
  it("gives each parameter the feedback with the part of the graph that connects it to the target", () => {
    const [x, y] = numbers(1, 1) as [Parameter<number>, Parameter<number>];
    const double = multiply(x, 2);
    const triple = multiply(y, 3);
    const sum = add(double, triple);
    const output = add(sum, 1);
    const gradient = backward(output, "too low");
    expect(ids([...gradient.keys()])).toEqual(ids([x, y]));
    const [forX, forY] = [gradient.get(x), gradient.get(y)];
    expect(ids([...(forX?.nodes ?? [])].sort(byId))).toEqual(
      ids([x, double, triple, sum, output, ...constants(double, output)].sort(byId)),
    );
    expect(forX?.nodes).not.toContain(y);
    expect(forY?.nodes).not.toContain(x);
    expect(forX?.targets).toHaveLength(1);
    expect(forX?.targets[0]?.target).toBe(output);
    expect(forX?.targets[0]?.feedback).toEqual({ score: null, feedback: "too low" });
    expect(forX?.parameters).toHaveLength(1);
  });

  it("joins the branches of a diamond once", () => {
    const [x] = numbers(2) as [Parameter<number>];
    const middle = multiply(x, 3);
    const [left, right] = [add(middle, 1), add(middle, 2)];
    const output = multiply(left, right);
    const { nodes = [] } = backward(output, "f").get(x) ?? {};
    for (const inner of [x, middle, left, right, output]) expect(nodes.filter((found) => found === inner)).toHaveLength(1);
    expect(nodes).toHaveLength(5 + 3);
  });

  it("keeps a constant with equal value apart from a node", () => {
    const [x] = numbers(1) as [Parameter<number>];
    const k = node(2);
    const m = add(x, 1);
    const output = multiply(k, m);
    expect(backward(output, "f").get(x)?.nodes).toEqual(expect.arrayContaining([k, m]));
  });

  it("lets several targets say different things, also on shared nodes", () => {
    const [x, y] = numbers(1, 2) as [Parameter<number>, Parameter<number>];
    const shared = add(x, 1);
    const [one, two, three] = [add(shared, 1), multiply(shared, y), add(y, 1)] as [Node, Node, Node];
    const gradient = backward([one, two, three], ["first", { score: 0.5, feedback: "second" }, "third"]);
    expect(words(gradient.get(x))).toEqual(["first", "second"]);
    expect(words(gradient.get(y))).toEqual(["second", "third"]);
    expect(gradient.get(x)?.targets[1]?.feedback.score).toBe(0.5);
  });

  it("takes one feedback for all targets, and a target twice", () => {
    const [x] = numbers(1) as [Parameter<number>];
    const [one, two] = [add(x, 1), add(x, 2)];
    expect(words(backward([one, two], "same").get(x))).toEqual(["same", "same"]);
    expect(words(backward([one, one], ["a", "b"]).get(x))).toEqual(["a", "b"]);
  });

  it.each<[string, Parameters<typeof backward>[1], unknown]>([
    ["a text", "no", { score: null, feedback: "no" }],
    ["an empty text", "", { score: null, feedback: "" }],
    ["a score without words", { score: 0, feedback: "" }, { score: 0, feedback: "" }],
    ["metrics", { score: null, feedback: "x", scores: { a: 1 } }, { score: null, feedback: "x", scores: { a: 1 } }],
  ])("takes %s", (_, given, expected) => {
    const [x] = numbers(1) as [Parameter<number>];
    expect(backward(x, given).get(x)?.targets[0]?.feedback).toStrictEqual(expected);
  });

  it("may be asked as often as one likes, in any order, and writes nothing", () => {
    const [x] = numbers(1) as [Parameter<number>];
    const m = multiply(x, 2);
    const [one, two] = [add(m, 1), add(m, 2)];
    const first = [backward(one, "A"), backward(two, "B"), backward(one, "A")];
    expect(first.map((gradient) => words(gradient.get(x)))).toEqual([["A"], ["B"], ["A"]]);
    expect(ids([...(first[0]?.get(x)?.nodes ?? [])])).toEqual(ids([...(first[2]?.get(x)?.nodes ?? [])]));
    expect(Object.keys(m)).toEqual(Object.keys(multiply(1, 2)));
  });

  it("reaches nothing where there is nothing to train", () => {
    expect(backward(add(1, 2), "f").size).toBe(0);
    expect(backward(node(1), "f").size).toBe(0);
  });

  it("leaves frozen parameters out, and shows them to the others", () => {
    const fixed = parameter(1, { name: "fixed", trainable: false });
    const [x] = numbers(1) as [Parameter<number>];
    const output = add(x, fixed);
    const gradient = backward(output, "f");
    expect([...gradient.keys()]).toHaveLength(1);
    expect(gradient.get(x)?.nodes).toContain(fixed);
    expect(backward(add(fixed, 1), "f").size).toBe(0);
  });

  it("keeps to the parameters it is asked for", () => {
    const [x, y, unused] = numbers(1, 2, 3) as [Parameter<number>, Parameter<number>, Parameter<number>];
    const gradient = backward(add(x, y), "f", { parameters: [y, unused] });
    expect(ids([...gradient.keys()])).toEqual(ids([y]));
    expect(backward(add(x, y), "f", { parameters: [] }).size).toBe(0);
  });

  it("may have a parameter as its target", () => {
    const [x] = numbers(1) as [Parameter<number>];
    const graph = backward(x, "f").get(x);
    expect(ids([...(graph?.nodes ?? [])])).toEqual(ids([x]));
    expect(words(graph)).toEqual(["f"]);
  });

  it("starts from a failure as from any output", () => {
    const [x] = numbers(0) as [Parameter<number>];
    const broken = bundle((value: number): number => {
      throw new RangeError(`no ${value}`);
    });
    const failure = thrownBy(() => broken(add(x, 1))) as ExecutionError;
    expect(failure).toBeInstanceOf(ExecutionError);
    const graph = backward(failure.exceptionNode, failure.createFeedback()).get(x);
    expect(graph?.nodes.map(({ kind }) => kind)).toEqual(["parameter", "constant", "message", "exception"]);
    expect(words(graph)[0]).toMatch(/^\(RangeError\) no 1\n/);
  });

  it("remembers the values that the parameters had", () => {
    const [x, y] = numbers(1, 2) as [Parameter<number>, Parameter<number>];
    const output = add(x, y);
    const graph = backward(output, "f").get(x) as TraceGraph;
    const bound = withValues([x], { x: 7 }, () => backward(output, "f").get(x)) as TraceGraph;
    x.set(100);
    y.set(200);
    expect([graph.valueOf(x), graph.valueOf(y), graph.valueOf(output)]).toEqual([1, 2, 3]);
    expect([bound.valueOf(x), bound.valueOf(y)]).toEqual([1, 2]);
  });

  it("shows what was read, whatever the parameters hold by now", async () => {
    const p = parameter("A", { name: "p" });
    const agent = model({ p }, async ({ p }, x: string) => `${p.value}${x}`);
    const output = await agent.call("!");
    const bound = await withValues(agent, { p: "C" }, () => agent.call("?"));
    const collected = bundle((list: readonly string[]) => list.join())([p, "x"]);
    p.set("B");
    const valueIn = (target: Node): unknown => backward(target, "f").get(p)?.valueOf(p);
    expect([output, bound, collected].map((target) => [target.value, valueIn(target)])).toEqual([
      ["A!", "A"],
      ["C?", "C"],
      ["A,x", "A"],
    ]);
    expect(valueIn(p)).toBe("B");
  });

  it.each<[string, () => unknown, new (message: string) => Error, RegExp]>([
    [
      "no node",
      () => backward("text" as never, "f"),
      GraphError,
      /a node or a list of nodes as the target of backward, got "text"/,
    ],
    ["no target", () => backward([], "f"), GraphError, /got \[\]/],
    ["a list with something else", () => backward([node(1), 2 as never], "f"), GraphError, /target/],
    [
      "too few feedbacks",
      () => backward([node(1), node(2)], ["f"]),
      InvalidArgumentError,
      /one feedback for each of 2 targets, got 1/,
    ],
    ["too many feedbacks", () => backward(node(1), ["f", "g"]), InvalidArgumentError, /each of 1 targets, got 2/],
    ["no feedback", () => backward(node(1), undefined as never), InvalidArgumentError, /the feedback of backward/],
    [
      "feedback of another kind",
      () => backward(node(1), { words: 1 } as never),
      InvalidArgumentError,
      /the feedback of backward/,
    ],
    [
      "a score that is no number",
      () => backward(node(1), { score: Number.NaN, feedback: "" }),
      InvalidArgumentError,
      /finite score/,
    ],
    ["an unknown option", () => backward(node(1), "f", { retainGraph: true } as never), InvalidArgumentError, /`retainGraph`/],
  ])("refuses %s", (_, run, type, message) => {
    expect(run).toThrow(type);
    expect(run).toThrow(message);
  });
});

describe("large graphs", () => {
  const increment = bundle((x: number) => x + 1, { name: "increment" });

  it("a chain of 100,000 operations", () => {
    const x = parameter(0, { name: "x" });
    let output: Node<number> = x;
    for (let length = 0; length < 100_000; length++) output = increment(output);
    const graph = backward(output, "too high").get(x) as TraceGraph;
    expect(graph.nodes).toHaveLength(100_001);
    expect(graph.nodes[0]).toBe(x);
    expect(graph.nodes.at(-1)).toBe(output);
  });

  it("10,000 outputs that share one parameter", () => {
    const x = parameter(0, { name: "x" });
    const outputs = Array.from({ length: 10_000 }, () => increment(x));
    const gradient = backward(
      outputs,
      outputs.map((_, index) => `feedback ${index}`),
    );
    const graph = gradient.get(x) as TraceGraph;
    expect(gradient.size).toBe(1);
    expect(graph.nodes).toHaveLength(10_001);
    expect(words(graph)).toEqual(outputs.map((_, index) => `feedback ${index}`));
  });

  it("an operation with 200,000 inputs", () => {
    const x = parameter(1, { name: "x" });
    const inputs = Array.from({ length: 200_000 }, () => increment(x));
    const total = bundle((values: number[]) => values.length)(inputs);
    expect(backward(total, "f").get(x)?.nodes).toHaveLength(200_003);
  });

  it.each<[string, (size: number, visits: Visits) => Node[]]>([
    [
      "chains",
      (size, visits) => {
        let last: Node = counted([], visits);
        for (let length = 1; length < size; length++) last = counted([last], visits);
        return [last];
      },
    ],
    [
      "ladders of diamonds",
      (size, visits) => {
        let last: Node = counted([], visits);
        for (let length = 1; length < size; length += 3) {
          const sides = [counted([last], visits), counted([last], visits)];
          last = counted(sides, visits);
        }
        return [last];
      },
    ],
    [
      "fans of many targets",
      (size, visits) => {
        const shared = counted([], visits);
        return Array.from({ length: size }, () => counted([shared, shared], visits));
      },
    ],
  ])("%s are walked in one look at each edge", (_, build) => {
    const cost = (size: number): number => {
      const visits: Visits = { edges: 0, looks: 0 };
      const order = topologicalOrder(build(size, visits));
      expect(visits.looks).toBeLessThanOrEqual(2 * visits.edges + 2 * order.length);
      return visits.looks / (visits.edges + order.length);
    };
    expect(cost(30_000)).toBeLessThan(1.1 * cost(3_000));
  });
});

interface Visits {
  edges: number;
  looks: number;
}

/** A node whose edges count how often somebody looks at them. */
function counted(inputs: readonly Node[], visits: Visits): Node {
  visits.edges += inputs.length;
  const watched = new Proxy(inputs, {
    get(target, key, receiver) {
      if (typeof key === "string" && /^\d+$/.test(key)) visits.looks++;
      return Reflect.get(target, key, receiver);
    },
  });
  return new Node(0, {}, { inputs: watched });
}

function constants(...nodes: readonly Node[]): Node[] {
  return nodes.flatMap(({ inputs }) => inputs.filter(({ kind }) => kind === "constant"));
}

function byId(a: Node, b: Node): number {
  return a.id - b.id;
}
