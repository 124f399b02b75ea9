/**
 * Traps T1 to T14 of the Python ancestor, none of which may exist here: passes and nodes.
 *
 * @module
 */
import { backward, bundle, graphToJson, model, type Node, namedParameters, node, operators, parameter, text } from "opto/graph";
import { describe, expect, it } from "vitest";
import { failureOf, heard, names, type Row, tick } from "../support/conformance.ts";
import { ids } from "../support/nodes.ts";

const { add, multiply } = operators;

const traps: readonly Row[] = [
  [
    "T1 a pass does not disturb the neighbours of equal value",
    () => {
      const x = parameter(1, { name: "x" });
      const k = node(2, { name: "k" });
      const m = add(x, 1);
      const [one, other] = [multiply(k, m), multiply(k, m)];
      void backward(one, "a");
      expect(ids(one.inputs)).toEqual(ids([k, m]));
      expect(ids(other.inputs)).toEqual(ids([k, m]));
      expect(heard(backward(other, "b"), x).nodes).toEqual(expect.arrayContaining([k, m, other]));
    },
  ],
  [
    "T2 a shared intermediate delivers to every target, one after the other",
    () => {
      const x = parameter(1);
      const m = add(x, 1);
      const [one, two] = [add(m, 1), add(m, 2)];
      expect(heard(backward(one, "A"), x).words).toEqual(["A"]);
      expect(heard(backward(two, "B"), x).words).toEqual(["B"]);
    },
  ],
  [
    "T3 an error inside a pass is thrown and not taken for its end",
    () => {
      const inputs = new Proxy([node(1)], {
        get() {
          throw new RangeError("index out of range");
        },
      });
      const hostile = Object.defineProperty(add(parameter(1), 1), "inputs", { value: inputs });
      expect(() => backward(hostile, "f")).toThrow("index out of range");
    },
  ],
  [
    "T4 nodes are sorted: inputs before their users",
    () => {
      const x = parameter(1);
      const shallow = add(x, 1);
      const deep = add(add(add(shallow, 1), 1), 1);
      const { nodes } = heard(backward(add(deep, add(shallow, 2)), "fb"), x);
      for (const [index, each] of nodes.entries()) {
        for (const input of each.inputs) expect(nodes.indexOf(input)).toBeLessThan(index);
      }
    },
  ],
  [
    "T5 the order is that of the graph, not of time or memory",
    async () => {
      const run = async (turns: readonly number[]): Promise<unknown[]> => {
        const p = parameter(1, { name: "p" });
        const wait = bundle(async (label: string, count: number) => {
          for (let turn = 0; turn < count; turn++) await tick();
          return `${label}${p.value}`;
        });
        const agent = model({ p }, async (_parts, labels: readonly string[]) => {
          const done = await Promise.all(labels.map((label, index) => wait(label, turns[index] ?? 0)));
          return done.map(({ value }) => value).join();
        });
        const output = await agent.call(["a", "b", "c"]);
        return heard(backward(output, "f"), p)
          .nodes.filter(({ kind }) => kind === "message")
          .map(({ value }) => value);
      };
      const orders = await Promise.all([run([0, 1, 2]), run([2, 1, 0]), run([1, 5, 0])]);
      for (const order of orders) expect(order).toEqual(["a1", "b1", "c1", "a1,b1,c1"]);
    },
  ],
  [
    "T6 a node keeps the arguments and the error of its own call",
    () => {
      const op = bundle((x: number) => {
        if (x < 0) throw new Error(`negative ${x}`);
        return x;
      });
      const first = op(node(1));
      const failed = failureOf(() => op(node(-1)));
      const second = op(node(2));
      expect([first.inputs[0]?.value, second.inputs[0]?.value, failed.exceptionNode.inputs[0]?.value]).toEqual([1, 2, -1]);
      expect([first.kind, second.kind]).toEqual(["message", "message"]);
    },
  ],
  [
    "T7 parameters and constants know nothing of their users",
    () => {
      const [x, constant] = [parameter(1), node(2)];
      const before = [Object.keys(x), Object.keys(constant)];
      for (let forward = 0; forward < 100; forward++) void backward(add(x, constant), "f");
      expect([Object.keys(x), Object.keys(constant)]).toEqual(before);
      expect(
        Object.values(x).some((held) => held instanceof Set || held instanceof Map || (Array.isArray(held) && held.length > 0)),
      ).toBe(false);
    },
  ],
  [
    "T8 a graph with more paths than atoms is walked by its edges",
    () => {
      const x = parameter(1);
      let end: Node<number> = x;
      for (let step = 0; step < 2_000; step++) end = add(end, end);
      expect(heard(backward(end, "f"), x).nodes).toHaveLength(2_001);
    },
  ],
  [
    "T9 targets may hear different things, and one target twice",
    () => {
      const x = parameter(1);
      const y = add(x, 1);
      expect(heard(backward([y, y, x], ["a", "b", "c"]), x).words).toEqual(["a", "b", "c"]);
    },
  ],
  [
    "T10 no feedback is refused in words, and an empty one is feedback",
    () => {
      const x = parameter(1);
      expect(() => backward(x, null as unknown as string)).toThrow(/Expected the feedback of backward .* got null/);
      expect(heard(backward(x, ""), x).words).toEqual([""]);
      expect(backward(x, { score: null, feedback: "" }).get(x)?.targets[0]?.feedback.score).toBeNull();
    },
  ],
  [
    "T11 names never collide: the tenth x and the first x1 are two",
    () => {
      const many = [
        ...Array.from({ length: 11 }, () => parameter(0, { name: "x" })),
        parameter(0, { name: "x1" }),
        parameter(0, { name: "x_10" }),
      ];
      const named = namedParameters(many);
      expect(named.size).toBe(13);
      expect(new Set(named.values()).size).toBe(13);
      expect(text`${node(1, { name: "x" })}${node(2, { name: "x" })}${node(3, { name: "x_2" })}`.inputNames).toEqual([
        "x",
        "x_2",
        "x_2_2",
      ]);
    },
  ],
  [
    "T12 names depend on the graph, not on what was made before",
    () => {
      const shape = (): string => {
        const x = parameter(1, { name: "x" });
        const output = add(x, node("s" as unknown as number));
        return JSON.stringify([names(backward(output, "f").get(x)?.nodes as Node[]), graphToJson(output)]);
      };
      const before = shape();
      for (let round = 0; round < 5; round++) void backward(add(parameter(1), node(2)), "words");
      expect(shape()).toBe(before);
    },
  ],
  [
    "T13 a copy of an agent that holds a result shares the result and its history",
    () => {
      const p = parameter(1, { name: "a_copy" });
      let chain: Node<number> = p;
      for (let step = 0; step < 1_000; step++) chain = add(chain, 1);
      const agent = model({ p, last: chain as unknown }, () => 0);
      const copy = agent.clone();
      expect([copy.last === chain, copy.p === p, Object.keys(copy.candidate())]).toEqual([true, true, ["p"]]);
    },
  ],
  ["T14 absolute and round work", () => expect([operators.absolute(-2).value, operators.round(2.6).value]).toEqual([2, 3])],
];

describe("10 traps of nodes and passes", () => {
  it.each(traps)("%s", (_title, check) => check() as Promise<void>);
});
