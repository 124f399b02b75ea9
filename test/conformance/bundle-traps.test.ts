/**
 * Traps T15 to T29, T40 and T41 of the Python ancestor, none of which may exist here: operations, modules, errors.
 *
 * T22 and T30 have no counterpart: there are no templates to fill and no propagators to choose.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  backward,
  bundle,
  graphToJson,
  Module,
  model,
  type Node,
  node,
  noTrace,
  operators,
  parameter,
  withValues,
} from "opto/graph";
import { describe, expect, it } from "vitest";
import { failureOf, heard, inFolder, type Row, tick } from "../support/conformance.ts";
import { ids, thrownBy } from "../support/nodes.ts";

const { add } = operators;

const traps: readonly Row[] = [
  [
    "T15 nodes inside containers keep their link",
    () => {
      const x = parameter(1);
      const op = bundle(
        (options: { list: readonly number[]; map: ReadonlyMap<string, number> }) => options.list.length + options.map.size,
      );
      expect(backward(op({ list: [1, x], map: new Map() }), "fb").has(x)).toBe(true);
      expect(backward(op({ list: [], map: new Map([["k", x]]) }), "fb").has(x)).toBe(true);
    },
  ],
  [
    "T16 a bundled function may be an argument, and an object full of cycles too",
    () => {
      const inner = bundle((x: number) => x + 1);
      expect(bundle((fn: typeof inner, x: number) => fn(x).value)(inner, 2).value).toBe(3);
      const people = Array.from({ length: 60 }, () => ({ friends: [] as unknown[] }));
      for (const person of people) person.friends = [...people];
      expect(bundle((all: unknown[]) => all.length)(people).value).toBe(60);
    },
  ],
  [
    "T17 an error inside is not hidden by what was read from outside",
    () => {
      const outside = node(1);
      const inner = bundle(() => {
        throw new RangeError(`real cause ${outside.value}`);
      });
      const error = failureOf(() => bundle(() => add(outside, inner() as unknown as Node<number>).value)());
      expect(error.exceptionNode.value).toBe("(RangeError) real cause 1");
    },
  ],
  [
    "T17 a node used through an operator inside is an input as well",
    () => {
      const outside = parameter(1);
      expect(backward(bundle((x: number) => add(outside, x))(1), "f").has(outside)).toBe(true);
    },
  ],
  [
    "T18 one-line functions, signatures over several lines, and texts that look like signatures are read right",
    () => {
      // biome-ignore format: the line breaks are what is tested
      const wide = bundle((
        first: string, // (a, b
        second = '"""): x',
      ) => first + second);
      expect(wide("a", "b").inputNames).toEqual(["first", "second"]);
      expect(bundle((x: number) => ({ a: x }))(1)).toMatchObject({ value: { a: 1 }, inputNames: ["x"] });
    },
  ],
  [
    "T19 operations of one name do not collide, on one object or several",
    () => {
      const options = { name: "same" };
      const object = { one: bundle(() => 1, options), two: bundle(() => 2, options) };
      expect([object.one().value, object.two().value]).toEqual([1, 2]);
    },
  ],
  [
    "T20 what is read inside is the parameter itself, no copy, and hears when nothing else does",
    () => {
      const [x, h] = [parameter(1), parameter(2)];
      const outer = bundle((value: number) => add(add(value, 1), h));
      expect(ids([...backward(outer(x), "f").keys()])).toEqual(ids([x, h]));
      expect(ids([...backward(outer(1), "f").keys()])).toEqual(ids([h]));
    },
  ],
  [
    "T21 recorded containers are not changed in place",
    () => {
      const list = node([1, 2]);
      const longer = operators.append(list, node(3));
      const { without, sort, reverse, merge } = operators;
      void [without(list, 1), sort(list), reverse(list), merge(node({ a: 1 }), { b: 2 })];
      expect([longer.value, list.value]).toEqual([
        [1, 2, 3],
        [1, 2],
      ]);
    },
  ],
  [
    "T23 tracing off nests, ends with its block, and concerns nobody else",
    async () => {
      const inside = noTrace(async () => {
        noTrace(() => 0);
        await tick();
        return add(1, 2);
      });
      expect(add(1, 2).inputs).toHaveLength(2);
      expect(() => noTrace(() => operators.divide(1, 0))).toThrow();
      expect(add(1, 2).inputs).toHaveLength(2);
      expect((await inside).inputs).toEqual([]);
    },
  ],
  [
    "T24 an operation sees what is defined after it",
    () => {
      const early = bundle((x: number) => later(x));
      const later = (x: number): number => x + 1;
      expect(early(1).value).toBe(2);
    },
  ],
  [
    "T25 equal-looking nested containers keep their parameters",
    () => {
      expect(model({ list: [[parameter(1)], [parameter(1)]] }, () => 0).parameters()).toHaveLength(2);
    },
  ],
  [
    "T26 an agent with lists and maps of parameters can be loaded",
    inFolder(async (folder) => {
      const make = (start: number) =>
        model({ list: [parameter(start), [parameter(start)]], map: new Map([["k", parameter(start)]]) }, () => 0);
      await make(7).save(join(folder, "agent.json"));
      expect((await make(0).load(join(folder, "agent.json"))).candidate()).toEqual({ "list.0": 7, "list.1.0": 7, "map.k": 7 });
    }),
  ],
  [
    "T27 constants and getters of a class do no harm; order is that of definition, each parameter once",
    () => {
      const shared = parameter(1);
      class Odd extends Module<number, number> {
        static readonly constant = parameter(1);
        readonly z = shared;
        readonly a = parameter(2);
        readonly again = shared;
        get costly(): never {
          throw new Error("evaluated");
        }
        override forward(x: number): number {
          return x;
        }
      }
      expect(Object.keys(new Odd().candidate())).toEqual(["z", "a"]);
      expect(new Odd().clone()).toBeInstanceOf(Odd);
    },
  ],
  [
    "T28 what is saved is data: texts that look like code stay texts, clients are no hindrance",
    inFolder(async (folder) => {
      const circularClient: Record<string, unknown> = { send: () => 1 };
      circularClient.self = circularClient;
      const agent = model({ p: parameter("process.exit(1)"), client: circularClient }, () => 0);
      await agent.save(join(folder, "agent.json"));
      const saved: unknown = JSON.parse(await readFile(join(folder, "agent.json"), "utf8"));
      expect(saved).toEqual({ format: "opto-agent", version: 1, parameters: { p: "process.exit(1)" } });
      expect((await agent.load(join(folder, "agent.json"))).p.value).toBe("process.exit(1)");
    }),
  ],
  [
    "T29 texts and nodes are values, not batches",
    async () => {
      const echo = model({}, (_parts, x: string) => x);
      expect([(await echo.call("abc")).value, (await echo.call(node("abc"))).value]).toEqual(["abc", "abc"]);
    },
  ],
  [
    "T37b a parameter keeps its type",
    () => {
      const pairs: [unknown, unknown][] = [
        [1, "abc"],
        [false, "false"],
        [["a"], "abc"],
      ];
      for (const [start, wrong] of pairs) {
        const p = parameter(start, { name: "p" });
        expect(() => p.set(wrong)).toThrow(/expected/);
        expect(() => withValues([p], { p: wrong as string }, () => 0)).toThrow(/expected/);
      }
    },
  ],
  [
    "T40 errors without a message, errors as values, and bad arguments",
    () => {
      const silent = bundle(() => {
        throw new Error();
      });
      expect(failureOf(() => silent()).exceptionNode.value).toBe("(Error)");
      const returned = new Error("a value");
      expect(bundle(() => returned)()).toMatchObject({ value: returned, kind: "message" });
      const destructuring = bundle(({ a }: { a: number }) => a) as (...args: unknown[]) => Node;
      expect(failureOf(() => destructuring()).exceptionNode.value).toMatch(/^\(TypeError\) /);
      const named = bundle((args_0: number, ...args: number[]) => [args_0, ...args]);
      expect(named(1, 2, 3).inputs.map((input) => input.value)).toEqual([1, 2, 3]);
    },
  ],
  [
    "T41 constants are part of the graph that is shown; misuse is refused by errors of the family",
    () => {
      const x = parameter(1);
      const constant = node(2);
      expect(heard(backward(add(x, constant), "f"), x).nodes).toContain(constant);
      expect(graphToJson(add(x, constant)).nodes.map(({ kind }) => kind)).toEqual(["parameter", "constant", "message"]);
      expect(thrownBy(() => backward("x" as unknown as Node, "f"))).toMatchObject({ code: "graph" });
      expect(thrownBy(() => x.set("y" as unknown as number))).toMatchObject({ code: "invalid-argument" });
    },
  ],
];

describe("10 traps of operations, modules and errors", () => {
  it.each(traps)("%s", (_title, check) => check() as Promise<void>);
});
