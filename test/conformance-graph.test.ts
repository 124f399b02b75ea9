/**
 * What users of the Python ancestor expect of the graph, row by row, and the traps they fell into there.
 *
 * The numbers are those of the specification's conformance table (sections 9.1 to 9.5) and of its list of traps.
 *
 * @module
 */
import {
  backward,
  bundle,
  choices,
  type ExecutionError,
  isNode,
  Module,
  model,
  type Node,
  node,
  noTrace,
  operators,
  parameter,
  text,
  withValues,
} from "opto/graph";
import { expect, it } from "vitest";

const { add, multiply } = operators;
const values = (nodes: Iterable<Node>): unknown[] => [...nodes].map((each) => each.value);

function failureOf(run: () => unknown): ExecutionError {
  try {
    run();
  } catch (error) {
    return error as ExecutionError;
  }
  throw new Error("Expected a throw");
}

const rows: Record<string, () => unknown> = {
  "1 both operands are inputs, keyed by name": () => {
    const [x, y] = [node("NodeX"), node("NodeY")];
    const sum = operators.concat(x, y);
    expect([sum.value, sum.inputs]).toEqual(["NodeXNodeY", [x, y]]);
    expect(add(1, 2).inputNames).toEqual(["x", "y"]);
  },
  "2 join": () => expect(operators.join([node("NodeX"), node("NodeY")], "+").value).toBe("NodeX+NodeY"),
  "3 numbers add": () => expect(add(node(1), node(2)).value).toBe(3),
  "4 a conditional has all three as inputs": () => {
    const chosen = operators.choose(node(true), node(1), node(2));
    expect([chosen.value, chosen.inputs.length]).toEqual([1, 3]);
  },
  "5 an element that is a node is unwrapped; two gets are two nodes": () => {
    const list = node([node(1), node(2)] as unknown[]);
    const index = node(0);
    const [first, again] = [list.get(index), list.get(index)];
    expect(first.value).toBe(1);
    expect(first).not.toBe(again);
    expect(first.inputs[0] === list && first.inputs[1] === index).toBe(true);
  },
  "6 an element of a plain list": () => expect(node([1, 2]).get(1).value).toBe(2),
  "7 lists, keys and values are iterated as nodes": () => {
    expect(values(node([1, 2, 3]))).toEqual([1, 2, 3]);
    const object = node({ a: 1, b: 2 });
    expect(values(operators.keys(object))).toEqual(["a", "b"]);
    expect(values(operators.values(object))).toEqual([1, 2]);
  },
  "8 identity is a node of its own with one input": () => {
    const z = node([1]).get(0);
    expect(operators.identity(z)).toMatchObject({ value: 1, inputs: [z] });
  },
  "9 a comparison is a node; its value is read": () => expect(operators.lessThan(node(1), node(2)).value).toBe(true),
  "11 a function in a node can be called": () => {
    const increment = node<(x: number) => number>((x) => x + 1);
    const called = bundle((fn: (x: number) => number, x: number) => fn(x))(increment, node(2));
    expect([called.value, called.inputs.length]).toEqual([3, 2]);
  },
  "12 a parameter made of a node has its value and name": () => {
    expect(parameter(node("v", { name: "given" }))).toMatchObject({ value: "v", name: "given", kind: "parameter" });
  },
  "13 descriptions": () => {
    expect(node(1).description).toBeUndefined();
    expect(node(1, { description: "x" }).description).toBe("x");
    expect(() => node(1, { description: 2 as unknown as string })).toThrow(/description/);
  },
  "15 operators, both sides": () => {
    const both = (op: (x: number, y: number) => Node): unknown[] => [op(1, 2).value, op(2, 1).value];
    expect(both(operators.subtract)).toEqual([-1, 1]);
    expect(both(operators.floorDivide)).toEqual([0, 2]);
    expect(both(operators.modulo)).toEqual([1, 0]);
    expect(both(operators.shiftLeft)).toEqual([4, 4]);
    expect(both(operators.bitXor)).toEqual([3, 3]);
  },
  "17 extending gives a new list": () => expect(operators.extend([1, 2, 3], [4, 5, 6]).value).toEqual([1, 2, 3, 4, 5, 6]),
  "18 objects with nodes inside": () => expect(operators.merge({}, { a: node(1), b: node(2) }).value).toEqual({ a: 1, b: 2 }),
  "30 feedback reaches x with its part of the graph": () => {
    const [x, y] = [parameter(1, { name: "x" }), parameter(1, { name: "y" })];
    const heard = backward(add(add(multiply(x, 2), multiply(y, 3)), 1), "fb").get(x);
    expect(heard?.nodes).toContain(x);
    expect(heard?.nodes).not.toContain(y);
    expect(heard?.targets[0]?.feedback.feedback).toBe("fb");
  },
  "32 several passes over shared inputs, in any order, any number of times": () => {
    const x = parameter(1);
    const [first, second] = [add(x, 1), add(x, 1)];
    for (let round = 0; round < 10; round++) {
      expect([second, first].map((output) => backward(output, `${round}`).get(x)?.nodes.length)).toEqual([3, 3]);
    }
  },
  "33 only what a result depends on hears": () => {
    const [x, y] = [parameter(2), parameter(3)];
    void add(x, y);
    expect([...backward(multiply(multiply(x, x), 0.5), "fb").keys()]).toEqual([x]);
  },
  "35 a parameter used only inside an operation hears": () => {
    const hidden = parameter(2);
    const inner = bundle((value: number) => value * hidden.value);
    const outer = bundle((value: number) => inner(value).value + 1);
    expect(backward(outer(node(1)), "fb").has(hidden)).toBe(true);
  },
  "36 also three operations deep": () => {
    const hidden = parameter(2);
    const deep = bundle(() => hidden.value);
    const middle = bundle(() => deep());
    expect(backward(bundle(() => middle().value)(), "fb").has(hidden)).toBe(true);
  },
  "38 a graph without parameters is no error": () => expect(backward(add(1, 2), "fb").size).toBe(0),
  "38 two targets that share a node both arrive": () => {
    const x = parameter(1);
    const shared = add(x, 1);
    const heard = backward([add(shared, 1), add(shared, 2)], ["one", "two"]).get(x);
    expect(heard?.targets.map(({ feedback }) => feedback.feedback)).toEqual(["one", "two"]);
  },
  "40 the very nodes that were passed are the inputs": () => {
    const [a, b] = [node(1), node(2)];
    const op = bundle((x: number, y: number) => x + y, { name: "fancy.cond" });
    expect(op(a, b)).toMatchObject({ name: "fancy.cond", inputs: [a, b] });
  },
  "41 an operation that returns a node gives its value": () => {
    expect(bundle((x: number, y: number) => add(x, y))(node(1), node(2)).value).toBe(3);
  },
  "42 a method may change its object": () => {
    class Counter {
      x = 0;
      bump = bundle(function (this: Counter, by: number) {
        this.x += by;
        return this.x;
      });
    }
    const counter = new Counter();
    expect([counter.bump(2).value, counter.x]).toEqual([2, 2]);
  },
  "44 rest arguments, mixed nodes and values": () => {
    const op = bundle((a: number, ...args: number[]) => args.reduce((sum, each) => sum + each, a));
    expect(op(1, node(2), 3)).toMatchObject({ value: 6, inputNames: ["a", "args_0", "args_1"] });
  },
  "45 without tracing there are no inputs": () => expect(noTrace(() => add(node(1), 2))).toMatchObject({ value: 3, inputs: [] }),
  "47 several outputs are one node": () => {
    const pair = bundle((x: number) => [x, -x] as const)(3);
    expect(values(pair)).toEqual([3, -3]);
  },
  "49 a node read from outside becomes an input": () => {
    const outside = node(5, { name: "outside" });
    expect(bundle((a: number) => a + outside.value)(node(1)).inputs.at(-1)).toBe(outside);
  },
  "51 recursion": () => {
    const sum = bundle((n: number): number => (n === 0 ? 0 : n + sum(n - 1).value)) as (n: unknown) => Node<number>;
    expect(sum(node(10)).value).toBe(55);
  },
  "52 one operation calls another": () => {
    const inner = bundle((x: number) => x + 1);
    expect(bundle((x: number) => inner(x).value + 1)(node(3)).value).toBe(5);
  },
  "61 a plain argument is the caller's own object": () => {
    const given: Record<string, number> = {};
    void bundle((object: Record<string, number>) => Object.assign(object, { a: 1 }))(given);
    expect(given).toEqual({ a: 1 });
  },
  "63 async operations: each its own inputs, errors with the right one": async () => {
    const slow = bundle(async (a: number) => {
      await new Promise((resolve) => setTimeout(resolve, 5 - a));
      if (a === 2) throw new Error("two");
      return a;
    });
    const inputs = [node(1), node(2), node(3)];
    const outcomes = await Promise.allSettled(inputs.map((input) => slow(input)));
    for (const [index, outcome] of outcomes.entries()) {
      const made = outcome.status === "fulfilled" ? outcome.value : (outcome.reason as ExecutionError).exceptionNode;
      expect(made.inputs).toEqual([inputs[index]]);
    }
  },
  "70 a failure has the operands as inputs": () => {
    const [x, y] = [node(1), node(0)];
    expect(failureOf(() => operators.divide(x, y)).exceptionNode.inputs).toEqual([x, y]);
  },
  "71 the message names the inner failure": () => {
    const inner = bundle(() => {
      throw new RangeError("inner trouble");
    });
    expect(failureOf(() => bundle(() => inner())()).message).toContain("inner trouble");
  },
  "74 unpacking what cannot be unpacked is a failure of the program": () => {
    expect(failureOf(() => [...node(null)]).exceptionNode.kind).toBe("exception");
  },
  "76 the exception node takes feedback": () => {
    const p = parameter("x");
    const failing = bundle((value: string) => {
      throw new Error(`no ${value}`);
    });
    const failure = failureOf(() => failing(p));
    expect(backward(failure.exceptionNode, failure.createFeedback()).get(p)?.targets[0]?.feedback.feedback).toContain("no x");
  },
  "80 nested modules: every parameter by its path": () => {
    const base = () => model({ p: parameter(1), list: [parameter(2)] }, (_parts, x: number) => x);
    const child = model({ own: parameter(0), base: base(), table: new Map([["k", parameter(3)]]) }, (_parts, x: number) => x);
    expect([...child.namedParameters().keys()]).toEqual(["own", "base.p", "base.list.0", "table.k"]);
  },
  "85 a copy shares parameters and nothing else": async () => {
    class Agent extends Module<number, number> {
      p = parameter(30);
      history: number[] = [];
      forward(x: number): number {
        this.history.push(x);
        return this.p.value + x;
      }
    }
    const agent = new Agent();
    const copy = agent.clone();
    expect((await copy.call(5)).value).toBe(35);
    expect([agent.history, copy.history, copy.p === agent.p]).toEqual([[], [5], true]);
  },

  "T1 T2 passes do not touch one another, whatever the values": () => {
    const k = parameter(2, { name: "k" });
    const m = add(parameter(1), 1);
    const [one, two] = [multiply(k, m), multiply(k, m)];
    const before = backward(two, "b").get(k)?.nodes.length;
    void backward(one, "a");
    expect(backward(two, "b").get(k)?.nodes).toHaveLength(before as number);
  },
  "T3 an error inside a pass is thrown": () => expect(() => backward(node(1), null as unknown as string)).toThrow(),
  "T4 T5 inputs stand before their users": () => {
    const x = parameter(1);
    const m = multiply(x, 2);
    const nodes = backward(add(add(m, 1), add(m, 2)), "fb").get(x)?.nodes ?? [];
    for (const [index, each] of nodes.entries()) {
      for (const input of each.inputs) expect(nodes.indexOf(input)).toBeLessThan(index);
    }
  },
  "T6 a node keeps the arguments of its own call": () => {
    const op = bundle((x: number) => x);
    const [first] = [op(node(1)), op(node(2))];
    expect(first?.inputs[0]?.value).toBe(1);
  },
  "T9 feedback may differ between targets, and the same target may hear twice": () => {
    const x = parameter(1);
    const y = add(x, 1);
    expect(backward([y, y], ["a", "b"]).get(x)?.targets).toHaveLength(2);
  },
  "T14 absolute and round work": () => expect([operators.absolute(-2).value, operators.round(2.6).value]).toEqual([2, 3]),
  "T15 nodes inside containers keep their link": () => {
    const x = parameter(1);
    const op = bundle((options: { list: number[] }) => options.list[0]);
    expect(backward(op({ list: [x] }), "fb").has(x)).toBe(true);
  },
  "T16 a bundled function may be an argument": () => {
    const inner = bundle((x: number) => x + 1);
    expect(bundle((fn: typeof inner, x: number) => fn(x).value)(inner, 2).value).toBe(3);
  },
  "T17 an error inside is not hidden by reads from outside": () => {
    const outside = node(1);
    const op = bundle(() => {
      throw new RangeError(`real cause ${outside.value}`);
    });
    expect(failureOf(op).message).toContain("real cause 1");
  },
  "T19 two methods of one name do not collide": () => {
    const options = { name: "same" };
    expect([bundle(() => 1, options)().value, bundle(() => 2, options)().value]).toEqual([1, 2]);
  },
  "T21 recorded lists are not changed in place": () => {
    const list = node([1, 2]);
    expect([operators.append(list, node(3)).value, list.value]).toEqual([
      [1, 2, 3],
      [1, 2],
    ]);
  },
  "T23 tracing off nests, and concerns nobody else": async () => {
    const inside = noTrace(async () => {
      noTrace(() => 0);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return add(1, 2);
    });
    expect(add(1, 2).inputs).toHaveLength(2);
    expect((await inside).inputs).toHaveLength(0);
  },
  "T25 equal-looking nested containers keep their parameters": () => {
    const twins = model({ list: [[parameter(1)], [parameter(1)]] }, (_parts, x: number) => x);
    expect(twins.parameters()).toHaveLength(2);
  },
  "T27 constants and getters of a class do no harm": () => {
    class Odd extends Module<number, number> {
      static readonly constant = 1;
      p = parameter(1);
      get costly(): never {
        throw new Error("evaluated");
      }
      forward(x: number): number {
        return x;
      }
    }
    expect(new Odd().parameters()).toHaveLength(1);
  },
  "T40 errors without a message, and errors as values": () => {
    const silent = bundle(() => {
      throw new Error();
    });
    expect(failureOf(silent).exceptionNode.value).toBe("(Error)");
    const returned = new Error("a value");
    expect(bundle(() => returned)().value).toBe(returned);
  },
  "T37b a parameter keeps its type": () => {
    for (const [start, wrong] of [
      [1, "abc"],
      [false, "false"],
      [["a"], "abc"],
    ] as const) {
      expect(() => parameter(start as unknown).set(wrong)).toThrow(/expected/);
    }
  },
  "values bound by withValues obey the rules too": () => {
    const agent = model({ style: parameter("a", { domain: choices(["a", "b"]) }) }, ({ style }, x: string) => text`${style}${x}`);
    expect(() => withValues(agent, { style: "c" }, () => 0)).toThrow(/one of/);
    expect(isNode(agent.style)).toBe(true);
  },
};

it.each(Object.entries(rows))("%s", (_row, check) => check() as never);
