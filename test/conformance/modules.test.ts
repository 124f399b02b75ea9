/**
 * What users of the Python ancestor expect of modules and batches: rows 80 to 92 of the conformance table.
 *
 * Rows 83, 84 and 90 (exporting code, code in checkpoints) stand in code.test.ts.
 *
 * @module
 */
import { join } from "node:path";
import {
  backward,
  bundle,
  graphFromJson,
  graphToJson,
  Module,
  model,
  type Node,
  node,
  type Parameter,
  parameter,
} from "opto/graph";
import { evaluate } from "opto/trainer";
import { describe, expect, it } from "vitest";
import { Counter, inFolder, type Row, values } from "../support/conformance.ts";

const modules: readonly Row[] = [
  [
    "80 parameters of a base, of a child and of an instance in a field",
    () => {
      class Base extends Counter {}
      class Child extends Base {
        readonly extra = parameter(1);
        readonly base = new Base();
      }
      expect(Object.keys(new Base().candidate())).toEqual(["p"]);
      expect(Object.keys(new Child().candidate())).toEqual(["p", "extra", "base.p"]);
    },
  ],
  [
    "81 a bundled method of a base class",
    async () => {
      abstract class Adding extends Module<number, number> {
        add = bundle((x: number, y: number) => x + y);
      }
      class Agent extends Adding {
        override forward(x: number): Node<number> {
          return this.add(x, 1);
        }
      }
      expect((await new Agent().call(1)).value).toBe(2);
    },
  ],
  [
    "82 saving and loading brings the values back",
    inFolder(async (folder) => {
      const agent = new Counter();
      agent.p.set(42);
      await agent.save(join(folder, "agent.json"));
      expect((await new Counter().load(join(folder, "agent.json"))).p.value).toBe(42);
    }),
  ],
  [
    "85 a copy shares parameters, both ways, and nothing else",
    async () => {
      class Agent extends Module<number, number> {
        readonly p = parameter(10);
        history: number[] = [];
        override forward(x: number): number {
          this.history.push(x);
          return this.p.value + x;
        }
      }
      const agent = new Agent();
      const copy = agent.clone();
      copy.p.set(30);
      expect([(await copy.call(5)).value, (await agent.call(5)).value]).toEqual([35, 35]);
      expect([copy === agent, copy.history === agent.history, copy.history]).toEqual([false, false, [5]]);
    },
  ],
  [
    "86 a nested agent is copied, its parameters are shared",
    async () => {
      const inner = model({ q: parameter(8), seen: [] as number[] }, ({ q, seen }, x: number) => q.value * seen.push(x) + x);
      const outer = model(
        { p: parameter(10), inner },
        async ({ p, inner }, x: number) => (await inner.call(x)).value * 2 + p.value + 2,
      );
      const copy = outer.clone();
      expect([copy.inner === outer.inner, copy.inner.q === outer.inner.q]).toEqual([false, true]);
      expect((await copy.call(3)).value).toBe(34);
      expect([copy.inner.seen, outer.inner.seen]).toEqual([[3], []]);
    },
  ],
  [
    "87 an agent with a list of objects as parameter can be saved",
    inFolder(async (folder) => {
      const make = (examples: { q: string }[]) => model({ examples: parameter(examples), client: { send: () => 1 } }, () => 0);
      await make([{ q: "a" }]).save(join(folder, "agent.json"));
      expect((await make([]).load(join(folder, "agent.json"))).examples.value).toEqual([{ q: "a" }]);
    }),
  ],
  [
    "88 containers survive being written as JSON, with and without nodes inside",
    () => {
      const list = bundle((items: unknown[]) => items);
      for (const given of [[1, [2, 3]], [1, node(2), [parameter(3)]], { a: 1 }, { a: [node({ b: 1 }), { c: parameter(1) }] }]) {
        const made = list(given as unknown[]);
        const [back] = graphFromJson(JSON.parse(JSON.stringify(graphToJson(made))));
        expect(back?.value).toEqual(made.value);
      }
    },
  ],
  [
    "89 parameters are found in nested lists and maps, by value; keys are keys",
    () => {
      const count = (parts: object): number => model(parts, () => 0).parameters().length;
      const [p, q] = [parameter(1), parameter(2)];
      expect(count({ list: [1, [3, 5]] })).toBe(0);
      expect(count({ list: [1, p, [3, q, 5]] })).toBe(2);
      expect(
        count({
          map: new Map<unknown, unknown>([
            ["a", 1],
            ["b", p],
            [q, 3],
          ]),
        }),
      ).toBe(1);
      expect(count({ map: new Map([["a", new Map([["b", [p, q]]])]]) })).toBe(2);
    },
  ],
  [
    "91 a batch of rollouts: elementwise results, each on its own copy, the parameters shared",
    async () => {
      const agent = new Counter();
      const outputs = await Promise.all([1, 2, 3, 4, 5].map((x) => agent.clone().call(x)));
      expect(values(outputs)).toEqual([11, 12, 13, 14, 15]);
      expect(agent.count).toBe(0);
      const gradient = backward(outputs, "fb");
      expect(gradient.get(agent.p as Parameter)?.targets).toHaveLength(5);
      await expect(evaluate(agent, () => 1, [1, 2], [1])).rejects.toThrow(/2.*1|length/);
    },
  ],
  [
    "92 evaluation: agent and guide that change themselves start fresh for every rollout",
    async () => {
      const agent = new Counter();
      agent.p.set(0);
      const guide = (_question: number, answer: number, info: number): number => Number(answer === info);
      const { scores, samples } = await evaluate(agent, guide, [1, 2, 3, 4, 5], [1, 1, 2, 3, 4], { numSamples: 2 });
      expect(scores).toEqual([1, 0, 0, 0, 0]);
      expect(samples).toEqual([
        [1, 1],
        [0, 0],
        [0, 0],
        [0, 0],
        [0, 0],
      ]);
    },
  ],
];

describe("9.5 modules, and 9.7 batches", () => {
  it.each(modules)("%s", (_title, check) => check() as Promise<void>);
});
