import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GraphError, InvalidArgumentError } from "../errors.ts";
import { bundle } from "./bundle.ts";
import { range } from "./domain.ts";
import { Module, model } from "./module.ts";
import { node } from "./node.ts";
import { parameter } from "./parameter.ts";
import { text } from "./text.ts";
import { applyCandidate, type Candidate, currentCandidate, withValues } from "./with-values.ts";

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Greeter extends Module<string, string> {
  readonly greeting = parameter("Hello");
  readonly times = parameter(1, { domain: range(0, 9, { integer: true }) });
  override forward(name: string): string {
    return `${this.greeting.value} ${name}`.repeat(this.times.value);
  }
}

describe("withValues", () => {
  it("makes the parameters it names read the candidate's values, inside only", async () => {
    const agent = new Greeter();
    const output = await withValues(agent, { greeting: "Hi" }, () => agent.call("Ann"));
    expect(output.value).toBe("Hi Ann");
    expect(agent.candidate()).toEqual({ greeting: "Hello", times: 1 });
    expect((await agent.call("Ann")).value).toBe("Hello Ann");
  });

  it("binds by identity: a parameter of the same name in another agent is untouched", () => {
    const [one, other] = [new Greeter(), new Greeter()];
    withValues(one, { greeting: "Hi" }, () => {
      expect([one.greeting.value, other.greeting.value]).toEqual(["Hi", "Hello"]);
      expect(other.candidate()).toEqual({ greeting: "Hello", times: 1 });
    });
  });

  it("reaches clones, which share the parameters", () => {
    const agent = new Greeter();
    const clone = agent.clone();
    withValues(agent, { greeting: "Hi" }, () => expect(clone.greeting.value).toBe("Hi"));
  });

  it("nests: the inner values win, the others stay", () => {
    const agent = new Greeter();
    withValues(agent, { greeting: "Hi", times: 2 }, () => {
      withValues(agent, { greeting: "Hey" }, () => {
        expect(agent.candidate()).toEqual({ greeting: "Hey", times: 2 });
      });
      expect(agent.candidate()).toEqual({ greeting: "Hi", times: 2 });
    });
  });

  it("takes a list of parameters by their names", () => {
    const [a, b] = [parameter(1, { name: "x" }), parameter(2, { name: "x" })];
    expect(withValues([a, b], { x_2: 5 }, () => [a.value, b.value])).toEqual([1, 5]);
  });

  it("is read by everything that reads", () => {
    const p = parameter("a", { name: "p" });
    const results = withValues([p], { p: "b" }, () => [
      p.value,
      p.peek(),
      `${p}`,
      JSON.stringify(p),
      text`${p}`.value,
      p.map((value) => value).value,
      bundle((x: string) => x)(p).value,
      bundle((list: string[]) => list.join())([p as never]).value,
      node(p).value,
    ]);
    expect(results).toEqual(["b", "b", "b", '"b"', "b", "b", "b", "b", "b"]);
  });

  it("keeps the results when it is over", async () => {
    const p = parameter(1, { name: "p" });
    const [direct, identity] = await withValues([p], { p: 2 }, async () => [
      p.map((value) => value),
      await new (class extends Module<number, number> {
        readonly p = p;
        override forward() {
          return this.p;
        }
      })().call(0),
    ]);
    expect([direct?.value, identity?.value]).toEqual([2, 2]);
  });

  it("holds frozen copies", () => {
    const p = parameter({ list: [1] }, { name: "p" });
    const candidate = { p: { list: [2] } };
    withValues([p], candidate, () => {
      candidate.p.list.push(3);
      expect(p.value).toEqual({ list: [2] });
      expect(() => p.value.list.push(4)).toThrow(TypeError);
    });
  });

  it("reaches timers, microtasks and events of what it starts, and nothing after it", async () => {
    const p = parameter("base", { name: "p" });
    const seen: Record<string, string> = {};
    await withValues([p], { p: "bound" }, async () => {
      await new Promise<void>((resolve) => {
        setTimeout(() => {
          seen.timer = p.value;
          queueMicrotask(() => {
            seen.microtask = p.value;
            process.nextTick(() => {
              seen.nextTick = p.value;
              resolve();
            });
          });
        }, 1);
      });
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      seen.thenable = await { then: (resolve: (value: string) => void) => resolve(p.value) };
    });
    seen.after = p.value;
    expect(seen).toEqual({ timer: "bound", microtask: "bound", nextTick: "bound", thenable: "bound", after: "base" });
  });

  it("does not reach what was started outside, which is where it was started", async () => {
    const p = parameter("base", { name: "p" });
    let release: (() => void) | undefined;
    const outside = new Promise<void>((resolve) => {
      release = resolve;
    }).then(() => p.value);
    const inside = await withValues([p], { p: "bound" }, async () => {
      release?.();
      await tick();
      return p.value;
    });
    expect([await outside, inside]).toEqual(["base", "bound"]);
  });

  it.each<[string, Candidate, RegExp]>([
    ["an unknown path", { tone: "x" }, /no parameter "tone" \(there are: greeting, times\)/],
    ["a hostile path", JSON.parse('{"__proto__":1}') as Candidate, /no parameter "__proto__"/],
    ["a path of Object", { constructor: 1 } as unknown as Candidate, /no parameter "constructor"/],
    ["a value of another type", { greeting: 5 }, /"greeting" cannot take this value: expected a string, got 5/],
    ["a value outside of the domain", { times: 99 }, /expected a whole number from 0 to 9/],
    ["what is not JSON", { greeting: undefined as never }, /value is undefined/],
    ["all of it at once", { tone: 1, greeting: 5 }, /no parameter "tone".*; "greeting" cannot take/],
  ])("refuses %s and runs nothing", (_, candidate, message) => {
    const agent = new Greeter();
    const run = (): unknown => withValues(agent, candidate, () => expect.unreachable());
    expect(run).toThrow(InvalidArgumentError);
    expect(run).toThrow(message);
  });
});

describe("applyCandidate", () => {
  it("sets all that it names, or nothing", () => {
    const agent = new Greeter();
    applyCandidate(agent, { times: 3 });
    expect(currentCandidate(agent)).toEqual({ greeting: "Hello", times: 3 });
    expect(() => applyCandidate(agent, { greeting: "Hi", times: "x" })).toThrow(InvalidArgumentError);
    expect(currentCandidate(agent)).toEqual({ greeting: "Hello", times: 3 });
  });

  it("sets nothing where one of them is bound", () => {
    const agent = new Greeter();
    withValues(agent, { times: 2 }, () => {
      expect(() => agent.apply({ greeting: "Hi", times: 3 })).toThrow(GraphError);
      agent.apply({ greeting: "Hey" });
    });
    expect(currentCandidate(agent)).toEqual({ greeting: "Hey", times: 1 });
  });

  it("takes back what currentCandidate gave", () => {
    const agent = new Greeter();
    const before = structuredClone(currentCandidate(agent));
    agent.apply({ greeting: "x", times: 7 });
    agent.apply(before);
    expect(agent.candidate()).toEqual(before);
  });
});

describe("concurrent evaluations on one agent", () => {
  class Chain extends Module<number, string> {
    readonly prompt = parameter("base prompt");
    readonly settings = parameter({ weight: 0 });
    readonly inner = new Greeter();
    waits: readonly number[] = [];

    override async forward(x: number): Promise<string> {
      const seen: unknown[] = [];
      const step = bundle(async (turns: number) => {
        for (let turn = 0; turn < turns; turn++) await tick();
        return this.prompt.value;
      });
      for (const turns of this.waits) {
        seen.push((await step(turns)).value, this.settings.value.weight, this.inner.greeting.value);
        if (turns % 2 === 0) await new Promise<void>((resolve) => setTimeout(resolve, 0));
      }
      return `${x}: ${seen.join()}`;
    }
  }

  it("each see their own values only, however they interleave", async () => {
    const schedule = fc.array(fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }), { minLength: 64, maxLength: 64 });
    await fc.assert(
      fc.asyncProperty(schedule, async (schedules) => {
        const agent = new Chain();
        const outputs = await Promise.all(
          schedules.map((waits, index) => {
            const clone = agent.clone();
            clone.waits = waits;
            // Every third candidate names only a part, so that the rest is what the agent holds.
            const candidate: Candidate =
              index % 3 === 0
                ? { prompt: `p${index}` }
                : { prompt: `p${index}`, settings: { weight: index }, "inner.greeting": `g${index}` };
            return withValues(agent, candidate, () => clone.call(index));
          }),
        );
        for (const [index, output] of outputs.entries()) {
          const once = index % 3 === 0 ? [`p${index}`, 0, "Hello"] : [`p${index}`, index, `g${index}`];
          const waits = schedules[index] ?? [];
          expect(output.value).toBe(`${index}: ${waits.flatMap(() => once).join()}`);
        }
        expect(agent.candidate()).toEqual({
          prompt: "base prompt",
          settings: { weight: 0 },
          "inner.greeting": "Hello",
          "inner.times": 1,
        });
      }),
      { numRuns: 15, seed: 7 },
    );
  });

  it("each have a graph of their own, in the same shape", async () => {
    const agent = new Chain();
    agent.waits = [3, 0, 1];
    const outputs = await Promise.all(
      Array.from({ length: 64 }, (_, index) => withValues(agent, { prompt: `p${index}` }, () => agent.call(index))),
    );
    const shapes = outputs.map(({ inputs }) => inputs.map((input) => [input.kind, input.name]));
    expect(new Set(shapes.map((shape) => JSON.stringify(shape))).size).toBe(1);
    const steps = outputs.flatMap(({ inputs }) => inputs.filter(({ kind }) => kind === "message"));
    expect(new Set(steps).size).toBe(64 * 3);
  });
});

describe("messages about a parameter without a name", () => {
  const agentOf = () => model({ parts: { tone: parameter(1) }, named: parameter(1, { name: "own name" }) }, () => 0);

  it("have its place in the agent, once that is known", () => {
    const agent = agentOf();
    expect(() => agent.parts.tone.set("x" as never)).toThrow(/^The parameter cannot take this value: /);
    agent.parameters();
    expect(() => agent.parts.tone.set("x" as never)).toThrow(/^The parameter parts\.tone cannot take this value: /);
    expect(() => agent.named.set("x" as never)).toThrow(/^The parameter own name cannot take this value: /);
    expect(agent.parts.tone.name).toBe("parameter");
  });

  it("say why it cannot be set while a candidate is tried, and what to do", () => {
    const agent = agentOf();
    const message =
      /^The parameter parts\.tone cannot be set here: a candidate is being tried \(by a run or by `withValues`\).*Set it before or after/;
    withValues(agent, { "parts.tone": 2 }, () => {
      expect(() => agent.parts.tone.set(3)).toThrow(message);
      expect(() => agent.apply({ named: 5, "parts.tone": 3 })).toThrow(message);
      expect(() => agent.clone().parts.tone.set(3)).toThrow(message);
      agent.named.set(4);
    });
    expect(agent.candidate()).toEqual({ "parts.tone": 1, named: 4 });
  });
});
