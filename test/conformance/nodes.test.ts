/**
 * What users of the Python ancestor expect of nodes, operators and `backward`: rows 1 to 38 of the conformance table.
 *
 * Not here: 19 and 20 (operations over every leaf of a container; here plain functions do that), and the names of copied nodes
 * (22; a node is never copied, only the agent that holds it). Row 31, code that is trained, stands in code.test.ts.
 *
 * @module
 */
import { backward, bundle, model, type Node, node, operators, parameter, range } from "opto/graph";
import { TPE } from "opto/optimizers";
import { describe, expect, it } from "vitest";
import { heard, names, type Row, tick, values } from "../support/conformance.ts";
import { ids } from "../support/nodes.ts";

const { add, multiply } = operators;

const nodesAndOperators: readonly Row[] = [
  [
    "1 texts add up; both are inputs, called x and y",
    () => {
      const [x, y] = [node("NodeX"), node("NodeY")];
      const both = operators.concat(x, y);
      expect(both.value).toBe("NodeXNodeY");
      expect(ids(both.inputs)).toEqual(ids([x, y]));
      expect(add(1, 2).inputNames).toEqual(["x", "y"]);
    },
  ],
  ["2 texts are joined", () => expect(operators.join([node("NodeX"), node("NodeY")], node("+")).value).toBe("NodeX+NodeY")],
  [
    "3 numbers add up, with the same links",
    () => {
      const [x, y] = [node(1), node(2)];
      expect(add(x, y).value).toBe(3);
      expect(ids(add(x, y).inputs)).toEqual(ids([x, y]));
    },
  ],
  [
    "4 a choice depends on all three",
    () => {
      const parts = [node(true), node(1), node(2)] as const;
      expect(operators.choose(...parts).value).toBe(1);
      expect(ids(operators.choose(...parts).inputs)).toEqual(ids(parts));
    },
  ],
  [
    "5 an element that is a node is unwrapped; two gets are two nodes of equal value",
    () => {
      const list = node<unknown[]>([node(1), node(2), node(3)]);
      const index = node(0);
      const [first, again] = [list.get(index), list.get(index)];
      expect([first.value, again.value]).toEqual([1, 1]);
      expect(first).not.toBe(again);
      expect(ids(first.inputs.slice(0, 2))).toEqual(ids([list, index]));
    },
  ],
  ["6 an element of a plain list", () => expect(node([1, 2, 3]).get(node(0)).value).toBe(1)],
  [
    "7 lists, keys and values are iterated as nodes",
    () => {
      expect(values(node([1, 2, 3]))).toEqual([1, 2, 3]);
      const object = node({ a: 1, b: 2, c: 3 });
      expect(values(operators.keys(object))).toEqual(["a", "b", "c"]);
      expect(values(operators.values(object))).toEqual([1, 2, 3]);
    },
  ],
  [
    "8 identity is a node of its own with one input and equal value",
    () => {
      const z = node([1, 2]).get(0);
      const same = operators.identity(z);
      expect(same).not.toBe(z);
      expect([same.value, ids(same.inputs)]).toEqual([1, ids([z])]);
    },
  ],
  [
    "9 a comparison is a node, and its value is what is true",
    () => expect(operators.lessThan(node(1), node(2)).value).toBe(true),
  ],
  [
    "10 nodes are told apart by identity",
    () => {
      const [one, other] = [node(1), node(1)];
      expect(new Set([one, other, one]).size).toBe(2);
      expect([one, other].indexOf(other)).toBe(1);
      expect(operators.equals(one, other).value).toBe(true);
    },
  ],
  [
    "11 a function in a node can be called; function and argument are inputs",
    () => {
      const increment = node<(x: number) => number>((x) => x + 1);
      const called = bundle((fn: (x: number) => number, x: number) => fn(x))(increment, node(2));
      expect([called.value, called.inputs.length]).toEqual([3, 2]);
    },
  ],
  [
    "12 a parameter made of a node has its value and name, and is no copy of its history",
    () => {
      expect(parameter(node("v", { name: "given" }))).toMatchObject({ value: "v", name: "given", kind: "parameter", inputs: [] });
    },
  ],
  [
    "13 descriptions",
    () => {
      expect(node(1).description).toBeUndefined();
      expect(node(1, { description: "x" }).description).toBe("x");
      expect(node(1, { description: "[foo] bar" }).description).toBe("[foo] bar");
      expect(() => node(1, { description: 2 as unknown as string })).toThrow(/description to be a string, got 2/);
    },
  ],
  [
    "14 elements of a typed array are nodes of equal value",
    () => expect(values(node(Float64Array.of(0.5, 2)))).toEqual([0.5, 2]),
  ],
  [
    "15 twelve operators, with 1 and 2 on either side",
    () => {
      const { subtract, divide, floorDivide, modulo, power, shiftLeft, shiftRight, bitAnd, bitOr, bitXor } = operators;
      const twelve = [add, subtract, multiply, divide, floorDivide, modulo, power, shiftLeft, shiftRight, bitAnd, bitOr, bitXor];
      const pairs: [number | Node<number>, number | Node<number>][] = [
        [node(1), 2],
        [1, node(2)],
      ];
      for (const [one, two] of pairs) {
        expect(twelve.map((operator) => operator(one, two).value)).toEqual([3, -1, 2, 0.5, 0, 1, 1, 4, 0, 0, 3, 3]);
        expect(twelve.map((operator) => operator(two, one).value)).toEqual([3, 1, 2, 2, 2, 0, 2, 4, 1, 0, 3, 3]);
      }
    },
  ],
  [
    "16 `and` and `or` give an operand's value",
    () => {
      const table = [0, 1].flatMap((x) => [0, 2].map((y) => [operators.and(node(x), y).value, operators.or(x, node(y)).value]));
      expect(table).toEqual([
        [0, 0],
        [0, 2],
        [0, 1],
        [2, 1],
      ]);
    },
  ],
  [
    "17 each element has its list as input; extending gives a list of both",
    () => {
      const list = node([1, 2, 3]);
      for (const element of list) expect(element.inputs[0]).toBe(list);
      const longer = operators.extend(list, [4, 5, 6]);
      expect([operators.length(longer).value, values(longer as Node<number[]>)]).toEqual([6, [1, 2, 3, 4, 5, 6]]);
    },
  ],
  [
    "18 the values of an object, and its keys by way of `keys`, lead back to it; merging takes nodes inside",
    () => {
      const object = node({ a: 1 });
      const [key] = operators.keys(object);
      expect(key?.inputs[0]?.operation?.name).toBe("keys");
      expect(key?.inputs[0]?.inputs[0]).toBe(object);
      expect(object.get("a").inputs[0]).toBe(object);
      expect(operators.merge({}, { a: node(1), b: node(2), c: 3 }).value).toEqual({ a: 1, b: 2, c: 3 });
    },
  ],
  [
    "21 values come out of any containers, and nodes as keys stay what they are",
    () => {
      const read = bundle((value: unknown) => value);
      for (const given of [1, [node(1)], { a: [node(1)] }, new Map([["a", new Set([node(1)])]]), [node({ a: [1] })]]) {
        expect(JSON.stringify([read(given).value])).not.toContain("Node");
      }
      const key = node("key");
      expect((read(new Map([[key, 1]])).value as Map<unknown, number>).get(key)).toBe(1);
    },
  ],
  [
    "22, 23 a copy of an agent has the very same nodes, parameters, functions and optimizer",
    () => {
      const [given, p] = [node("given"), parameter(1)];
      const scripted = bundle((x: number) => x + 1);
      const agent = model({ given, p, scripted, optimizer: new TPE([parameter(0, { domain: range(0, 1) })]) }, () => 0);
      const copy = agent.clone().clone();
      expect([copy.given, copy.p, copy.scripted, copy.optimizer]).toEqual([given, p, scripted, agent.optimizer]);
      expect([copy.given === given, copy.p === p, copy.optimizer === agent.optimizer]).toEqual([true, true, true]);
    },
  ],
  [
    "24 a hundred concurrent runs: every node is its own",
    async () => {
      const run = bundle(async (x: number) => {
        await tick();
        return add(x, node(1)).value;
      });
      const results = await Promise.all(Array.from({ length: 100 }, (_, index) => run(index)));
      const all = results.flatMap((result) => [result, ...result.inputs]);
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    },
  ],
];

const backwardAndDependencies: readonly Row[] = [
  [
    "30 feedback reaches x with its part of the graph, never with y, and the other way round",
    () => {
      const [x, y] = [parameter(1, { name: "x" }), parameter(1, { name: "y" })];
      const output = add(add(multiply(x, 2), multiply(y, 3)), 1);
      const gradient = backward(output, "fb");
      expect(names(heard(gradient, x).nodes).sort()).toEqual(["add", "add", "multiply", "multiply", "x", "y", "y"].sort());
      expect(heard(gradient, x).nodes.filter(({ kind }) => kind === "parameter")).toHaveLength(1);
      expect(heard(gradient, y).nodes).not.toContain(x);
      expect([heard(gradient, x).words, heard(gradient, y).words]).toEqual([["fb"], ["fb"]]);
    },
  ],
  [
    "32 several passes over shared inputs, in any order, any number of times",
    () => {
      const [x, v] = [parameter(1), parameter(2)];
      const [first, second] = [add(x, v), add(x, v)];
      for (let round = 0; round < 10; round++) {
        expect([second, first].map((output) => heard(backward(output, `${round}`), x).nodes.length)).toEqual([3, 3]);
      }
    },
  ],
  [
    "33 only what a result depends on hears of it",
    () => {
      const [x, y] = [parameter(2), parameter(3)];
      void add(x, y);
      const z = add(add(operators.power(x, 2), multiply(multiply(x, x), x)), 0.5);
      expect(ids([...backward(z, "fb").keys()])).toEqual(ids([x]));
    },
  ],
  [
    "34 what an operation read inside is visible in one graph",
    () => {
      const [x, h] = [parameter(1, { name: "x" }), parameter(2, { name: "h" })];
      const inner = bundle((value: number) => value, { name: "inner" });
      const outer = bundle((value: number) => add(add(inner(value), 1), h), { name: "outer" });
      const gradient = backward(outer(x), "fb");
      expect(ids([...gradient.keys()])).toEqual(ids([x, h]));
      expect(names(heard(gradient, h).nodes)).toEqual(expect.arrayContaining(["outer", "add", "h"]));
    },
  ],
  [
    "35 a parameter used only inside an operation hears",
    () => {
      const [x, h] = [parameter(1, { trainable: false }), parameter(2)];
      const inner = bundle((value: number) => value * h.value);
      const outer = bundle((value: number) => inner(value).value + 1);
      expect(ids([...backward(outer(x), "fb").keys()])).toEqual(ids([h]));
    },
  ],
  [
    "36 also three operations deep",
    () => {
      const h = parameter(2);
      const deep = bundle(() => h.value);
      const middle = bundle(() => deep());
      expect(backward(bundle(() => middle().value)(), "fb").has(h)).toBe(true);
    },
  ],
  [
    "37 repeated passes leave nothing behind (see also test/scale.test.ts)",
    async () => {
      const x = parameter(1);
      const made = Array.from({ length: 100 }, () => {
        const output = add(x, 1);
        void backward(output, "fb");
        return new WeakRef(output);
      });
      await tick();
      (globalThis as { gc?: () => void }).gc?.();
      expect(made.filter((reference) => reference.deref() !== undefined).length).toBeLessThan(10);
    },
  ],
  [
    "38 a second pass over one target says the same again",
    () => {
      const x = parameter(1);
      const target = add(x, 1);
      expect([backward(target, "a"), backward(target, "b")].map((gradient) => heard(gradient, x).words)).toEqual([["a"], ["b"]]);
    },
  ],
  ["38 a graph without parameters is no error", () => expect(backward(add(1, 2), "fb").size).toBe(0)],
  [
    "38 two targets that share a node both arrive",
    () => {
      const x = parameter(1);
      const shared = add(x, 1);
      expect(heard(backward([add(shared, 1), add(shared, 2)], ["one", "two"]), x).words).toEqual(["one", "two"]);
    },
  ],
];

describe("9.1 nodes and operators", () => {
  it.each(nodesAndOperators)("%s", (_title, check) => check() as Promise<void>);
});

describe("9.2 backward and dependencies", () => {
  it.each(backwardAndDependencies)("%s", (_title, check) => check() as Promise<void>);
});
