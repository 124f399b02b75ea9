/**
 * What users of the Python ancestor expect of `bundle` and its errors: rows 40 to 76 of the conformance table.
 *
 * Not here: 43, 58 and 59 (Python's decorators and how their source is cut out). Rows 54, 57, 72 and 73, and what others say
 * of code that is trained, stand in code.test.ts.
 *
 * @module
 */
import { Random } from "opto/data";
import {
  backward,
  bundle,
  type ExecutionError,
  isNode,
  model,
  type Node,
  node,
  noTrace,
  operators,
  type Parameter,
  parameter,
  TraceGraph,
} from "opto/graph";
import { describe, expect, it } from "vitest";
import { Counter, failureOf, names, type Row, rejectionOf, tick, values } from "../support/conformance.ts";
import { ids } from "../support/nodes.ts";

const { add } = operators;

const bundled: readonly Row[] = [
  [
    "40 an operation has its name, and the very nodes that were passed are the inputs",
    () => {
      const [a, b] = [node(1), node(2)];
      const result = bundle((x: number, y: number) => x + y, { name: "fancy.cond" })(a, b);
      expect(result.name).toBe("fancy.cond");
      expect(ids(result.inputs)).toEqual(ids([a, b]));
    },
  ],
  [
    "41 an operation that returns a node gives its value",
    () => {
      const [x, y] = [node(1), node(2)];
      const result = bundle((a: number, b: number) => add(a, b))(x, y);
      expect([result.value, ids(result.inputs.slice(0, 2))]).toEqual([3, ids([x, y])]);
    },
  ],
  [
    "42 a method may change its object",
    () => {
      class Bump {
        x = 0;
        bump = bundle(function (this: Bump, by: number) {
          this.x += by;
          return this.x;
        });
      }
      const object = new Bump();
      expect([object.bump(2).value, object.x]).toEqual([2, 2]);
    },
  ],
  [
    "44 rest arguments, mixed nodes and values, and names such as `args`",
    () => {
      const sum = bundle((a: number, ...args: number[]) => args.reduce((total, each) => total + each, a));
      expect(sum(1, node(2), 3)).toMatchObject({ value: 6, inputNames: ["a", "args_0", "args_1"] });
      const same = bundle((args: number, { kwargs }: { kwargs: number }) => args + kwargs);
      expect(same(1, { kwargs: node(2) })).toMatchObject({ value: 3, inputNames: ["args", "kwargs"] });
    },
  ],
  [
    "45 without tracing there are no inputs",
    () => expect(noTrace(() => add(node(1), 2))).toMatchObject({ value: 3, inputs: [] }),
  ],
  [
    "46 a function can be bundled in place, comments and all",
    () => {
      const result = bundle((a: number /* the first */, b /* the second */ = 2) => a + b /* their sum */)(1, 5);
      expect(result).toMatchObject({ value: 6, inputNames: ["a", "b"] });
    },
  ],
  [
    "47 several outputs are one node with elements",
    () => {
      const pair = bundle((x: number, y: number) => [x + y, x - y])(1, 2);
      expect([isNode(pair), operators.length(pair).value, values(pair)]).toEqual([true, 2, [3, -1]]);
    },
  ],
  [
    "48 the graph inside an operation hangs together with the one outside",
    () => {
      const [x, y] = [node(1), node(2)];
      const outer = bundle((a: number, b: number) => add(add(a, b), 10))(x, y);
      expect(outer.value).toBe(13);
      expect(ids(outer.inputs.slice(0, 2))).toEqual(ids([x, y]));
      expect(outer.inputs[2]?.operation?.name).toBe("add");
    },
  ],
  [
    "49 a node that is read from outside becomes an input",
    () => {
      const outside = node(5, { name: "outside" });
      const result = bundle((a: number) => a + outside.value)(node(1));
      expect([result.value, result.inputs.at(-1) === outside]).toEqual([6, true]);
    },
  ],
  [
    "50 fields and methods of an object in a node",
    () => {
      class Point {
        x = 3;
        add(by: number): number {
          return this.x + by;
        }
      }
      const point = node(new Point());
      expect([point.get("x").value, point.get("x").inputs.length]).toEqual([3, 2]);
      const call = bundle((object: Point, by: number) => object.add(by));
      expect([call(point, 2).value, call(point, node(2)).value]).toEqual([5, 5]);
    },
  ],
  [
    "51 recursion",
    () => {
      const sum = bundle((n: number): number => (n === 0 ? 0 : n + sum(n - 1).value)) as (n: unknown) => Node<number>;
      const n = node(10);
      expect([sum(n).value, sum(n).inputs[0] === n]).toEqual([55, true]);
    },
  ],
  [
    "52 one operation calls another, also one of an inner scope",
    () => {
      const outerScope = bundle((x: number) => x + 1);
      const result = bundle((x: number) => {
        const innerScope = bundle((y: number) => y + 1);
        return innerScope(outerScope(x)).value;
      })(node(3));
      expect(result.value).toBe(5);
    },
  ],
  [
    "53 an operation may change what is outside",
    () => {
      let count = 0;
      const list: number[] = [];
      void bundle((x: number) => {
        count += x;
        list.push(x);
      })(node(2));
      expect([count, list]).toEqual([2, [2]]);
    },
  ],
  [
    "55 copies of an agent compute the same with the shared values",
    async () => {
      const agent = new Counter();
      const copies = [agent.clone(), agent.clone().clone()];
      agent.p.set(20);
      expect(await Promise.all(copies.map(async (copy) => (await copy.call(1)).value))).toEqual([21, 21]);
    },
  ],
  [
    "56 two instances of a class have parameters of their own",
    () => {
      const [one, other] = [new Counter(), new Counter()];
      one.p.set(1);
      expect([one.p === other.p, other.p.value]).toEqual([false, 10]);
    },
  ],
  [
    "60 operations that build objects, take nothing, and go down nested data",
    () => {
      const environment = bundle((keys: string[], given: number[]) =>
        Object.fromEntries(keys.map((key, index) => [key, given[index]])),
      );
      expect(environment(["a", "b"], [node(1), 2]).value).toEqual({ a: 1, b: 2 });
      const p = parameter(1);
      expect(backward(bundle(() => p.value)(), "fb").has(p)).toBe(true);
      interface Tree {
        readonly next?: Tree;
        readonly leaf?: number;
      }
      const find = bundle((tree: Tree): number => tree.leaf ?? find(tree.next as Tree).value) as (tree: unknown) => Node<number>;
      expect(find({ next: { next: { leaf: node(1) } } }).value).toBe(1);
    },
  ],
  [
    "61 a plain argument is the caller's own object",
    () => {
      const given: Record<string, number> = {};
      void bundle((object: Record<string, number>) => Object.assign(object, { a: 1 }))(given);
      expect(given).toEqual({ a: 1 });
    },
  ],
  [
    "62 bundling does not disturb a seeded stream",
    () => {
      const [plain, traced] = [new Random(1), new Random(1)];
      const draw = bundle(() => traced.next());
      expect([draw().value, draw().value]).toEqual([plain.next(), plain.next()]);
    },
  ],
  [
    "63 async operations: each its own inputs, a failure with the right one",
    async () => {
      const slow = bundle(async (a: number, t: number) => {
        for (let turn = 0; turn < t; turn++) await tick();
        if (a === 2) throw new Error(`failed ${a}`);
        return a;
      });
      const inputs = [node(1), node(2), node(3)];
      const outcomes = await Promise.allSettled(inputs.map((input, index) => slow(input, 3 - index)));
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      for (const [index, outcome] of outcomes.entries()) {
        const made = outcome.status === "fulfilled" ? outcome.value : (outcome.reason as ExecutionError).exceptionNode;
        expect(made.inputs).toHaveLength(2);
        expect(made.inputs[0]).toBe(inputs[index]);
      }
    },
  ],
  [
    "63 of several failures the first to come arrives",
    async () => {
      const fail = bundle(async (turns: number) => {
        for (let turn = 0; turn < turns; turn++) await tick();
        throw new Error(`after ${turns}`);
      });
      const first = node(1);
      const error = await rejectionOf(Promise.all([fail(5), fail(first), fail(3)]));
      expect([error.exceptionNode.value, error.exceptionNode.inputs[0] === first]).toEqual(["(Error) after 1", true]);
    },
  ],
  [
    "64 what runs beside an operation is not read by it",
    async () => {
      const beside = node("beside");
      const slow = bundle(async (x: number) => {
        await tick();
        return x;
      });
      const pending = slow(1);
      void beside.value;
      const [result, other] = await Promise.all([pending, bundle(async () => beside.value)()]);
      expect([result.inputs.length, ids(other.inputs)]).toEqual([1, ids([beside])]);
    },
  ],
];

const errors: readonly Row[] = [
  [
    "70 a failure has the operands as inputs",
    () => {
      const [x, y] = [node(1), node(0)];
      expect(ids(failureOf(() => operators.divide(x, y)).exceptionNode.inputs)).toEqual(ids([x, y]));
    },
  ],
  [
    "71 a failure inside a failure is named",
    () => {
      const inner = bundle(() => {
        throw new RangeError("inner trouble");
      });
      const outer = bundle(() => inner(), { name: "outer" });
      expect(failureOf(() => outer()).message).toBe("outer: (RangeError) inner trouble");
    },
  ],
  [
    "74 unpacking nothing is a failure of the program",
    () => {
      const nothing = bundle((): [number, number] | null => null)();
      const error = failureOf(() => {
        const [a, b] = nothing as Node<[number, number]>;
        return [a, b];
      });
      expect(error.exceptionNode.kind).toBe("exception");
      expect(ids(error.exceptionNode.inputs)).toEqual(ids([nothing]));
    },
  ],
  [
    "75 an error in a function that came as data is a failure of the operation that called it",
    () => {
      const fn = node((x: number): number => {
        throw new TypeError(`cannot take ${x}`);
      });
      const apply = bundle((f: (x: number) => number, x: number) => f(x));
      expect(failureOf(() => apply(fn, 1)).exceptionNode.value).toBe("(TypeError) cannot take 1");
    },
  ],
  [
    "76 the third of three steps fails: backward from there reaches what was used and leaves the rest",
    async () => {
      const [a, b, c, unused] = ["a", "b", "c", "unused"].map((name) => parameter(1, { name })) as [
        Parameter,
        Parameter,
        Parameter,
        Parameter,
      ];
      const agent = model({ a, b, c, unused }, ({ a, b, c }, x: number) => {
        const third = bundle((value: number): number => {
          throw new Error(`no ${value}${c.value}`);
        });
        return third(add(add(x, a as Parameter<number>), b as Parameter<number>));
      });
      const error = await rejectionOf(agent.call(1));
      const gradient = backward(error.exceptionNode, error.createFeedback());
      expect(names([...gradient.keys()])).toEqual(["a", "b", "c"]);
      expect(TraceGraph.merge(gradient.values()).targets[0]?.feedback.feedback).toContain("(Error) no 31");
    },
  ],
];

describe("9.3 bundle", () => {
  it.each(bundled)("%s", (_title, check) => check() as Promise<void>);
});

describe("9.4 errors", () => {
  it.each(errors)("%s", (_title, check) => check() as Promise<void>);
});
