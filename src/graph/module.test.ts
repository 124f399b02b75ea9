import { describe, expect, it } from "vitest";
import { ids } from "../../test/support/nodes.ts";
import { InvalidArgumentError } from "../errors.ts";
import { backward } from "./backward.ts";
import { bundle } from "./bundle.ts";
import { ExecutionError } from "./execution-error.ts";
import { isModule, Module, model } from "./module.ts";
import { node } from "./node.ts";
import { parameter } from "./parameter.ts";
import { noTrace } from "./scope.ts";

class Scale extends Module<number, number> {
  readonly factor = parameter(2);
  readonly offset = parameter(1, { trainable: false });
  override async forward(x: number): Promise<number> {
    await Promise.resolve();
    return this.factor.value * x + this.offset.value;
  }
}

const double = bundle((x: number) => x * 2, { name: "double" });

const failureOf = async (promise: Promise<unknown>): Promise<ExecutionError> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ExecutionError);
  return error as ExecutionError;
};

describe("call", () => {
  it("makes plain code one operation with what it reads", async () => {
    const agent = new Scale();
    const output = await agent.call(5);
    expect(output).toMatchObject({ value: 11, kind: "message", name: "Scale", inputNames: ["input", "parameter", "parameter"] });
    expect(ids(output.inputs.slice(1))).toEqual(ids(agent.parameters()));
    expect(output.operation).toMatchObject({ name: "Scale", source: expect.stringContaining("this.factor.value * x") });
    expect((await agent.call(1)).operation).toBe(output.operation);
    expect([...backward(output, "more").keys()].map(({ id }) => id)).toEqual([agent.factor.id]);
  });

  it("takes a node and depends on it", async () => {
    const x = node(5);
    const output = await new Scale().call(x);
    expect(output.value).toBe(11);
    expect(ids(output.inputs.slice(0, 1))).toEqual(ids([x]));
  });

  it.each<[string, (x: number) => unknown]>([
    ["the node it returns", (x) => double(x)],
    ["a promised node", async (x) => double(x)],
    ["the last of a chain", (x) => double(double(x))],
    ["a constant", (x) => node(2 * x)],
  ])("gives %s as it is when forward adds nothing", async (_, forward) => {
    let inner: unknown;
    const agent = model({}, async (_parts, x: number) => {
      inner = await forward(x);
      return inner;
    });
    expect(await agent.call(1)).toBe(inner);
  });

  it("gives a node of its own when forward read something besides", async () => {
    const p = parameter(1, { name: "p" });
    const agent = model({ p }, ({ p }, x: number) => (p.value > 0 ? double(x) : x));
    const output = await agent.call(2);
    expect(output.value).toBe(4);
    expect(output.operation?.name).toBe("agent");
    expect(output.inputs.map(({ name }) => name)).toEqual(["input", "p", "double"]);
  });

  it("gives a node of its own when the input is a node", async () => {
    const x = node(1);
    const output = await model({}, (_, value: number) => double(value)).call(x);
    expect(output.value).toBe(2);
    expect(ids(output.inputs.slice(0, 1))).toEqual(ids([x]));
  });

  it("never gives a parameter, whose value may change", async () => {
    const p = parameter("before", { name: "p" });
    const output = await model({ p }, ({ p }) => p).call("x");
    p.set("after");
    expect(output).toMatchObject({ value: "before", kind: "message" });
    expect(backward(output, "fix it").has(p)).toBe(true);
  });

  it("without tracing gives the value without inputs", async () => {
    const agent = new Scale();
    expect(await noTrace(() => agent.call(5))).toMatchObject({ value: 11, inputs: [] });
  });

  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a function", () => 1],
    ["a class instance", new Map()],
  ])("may be of %s", async (_, x) => {
    const output = await model({}, (_parts, value: unknown) => ({ value })).call(x);
    expect((output.value as { value: unknown }).value).toBe(x);
  });
});

describe("a failing forward", () => {
  const p = parameter("p", { name: "p" });

  it.each<[string, () => unknown]>([
    [
      "at once",
      () => {
        throw new RangeError(`no ${p.value}`);
      },
    ],
    ["later", async () => Promise.reject(new RangeError(`no ${p.value}`))],
  ])("that throws %s gives an exception node with the input and what was read", async (_, forward) => {
    const agent = model({ p }, forward);
    const error = await failureOf(agent.call(1));
    expect(error.exceptionNode).toMatchObject({ kind: "exception", value: "(RangeError) no p", inputNames: ["input", "p"] });
    expect(backward(error.exceptionNode, error.createFeedback()).has(p)).toBe(true);
  });

  it("says where, and adds itself only when it adds something", async () => {
    const inner = bundle(
      (_x: number): number => {
        throw new Error(p.value);
      },
      { name: "inner" },
    );
    const plain = await failureOf(model({ p }, (_parts, x: number) => inner(x)).call(1));
    expect(plain.message).toBe("inner: (Error) p");
    const reading = await failureOf(model({ p }, ({ p }, x: number) => inner(x + p.value.length)).call(1));
    expect(reading.createFeedback()).toBe("(Error) p\nRaised in inner, called by agent.");
  });

  it.each<[string, unknown]>([
    ["a rate limit", Object.assign(new Error("slow down"), { statusCode: 429 })],
    ["an abort", new DOMException("stop", "AbortError")],
  ])("with %s passes it unchanged", async (_, error) => {
    await expect(model({}, async () => Promise.reject(error)).call(1)).rejects.toBe(error);
  });
});

describe("nested agents", () => {
  class Outer extends Module<number, number> {
    readonly bias = parameter(10);
    readonly inner = new Scale();
    override async forward(x: number): Promise<number> {
      return (await this.inner.call(x)).value + this.bias.value;
    }
  }

  it("are paths in the candidate and inputs in the graph", async () => {
    const agent = new Outer();
    expect(agent.candidate()).toEqual({ bias: 10, "inner.factor": 2, "inner.offset": 1 });
    agent.apply({ "inner.factor": 3 });
    const output = await agent.call(1);
    expect(output.value).toBe(14);
    expect(output.inputs.map(({ name }) => name)).toEqual(["input", "parameter", "Scale"]);
    const trained = [...backward(output, "less").keys()];
    expect(trained.map(({ id }) => id).sort()).toEqual([agent.bias.id, agent.inner.factor.id].sort());
  });

  it("inherit and override", async () => {
    class Steep extends Scale {
      readonly extra = parameter(100);
      override async forward(x: number): Promise<number> {
        return (await super.forward(x)) + this.extra.value;
      }
    }
    const agent = new Steep();
    expect(Object.keys(agent.candidate())).toEqual(["factor", "offset", "extra"]);
    expect((await agent.call(1)).value).toBe(103);
    expect((await agent.call(1)).name).toBe("Steep");
  });
});

describe("model", () => {
  it("is a module of its parts", async () => {
    const agent = model(
      { factor: parameter(2), rules: [parameter("a")], part: new Scale() },
      async ({ factor }, x: number) => factor.value * x,
    );
    expect(isModule(agent)).toBe(true);
    expect(Object.keys(agent.candidate())).toEqual(["factor", "rules.0", "part.factor", "part.offset"]);
    expect((await agent.call(3)).value).toBe(6);
    expect(agent.factor.value).toBe(2);
  });

  it("shows the function it was made of", async () => {
    async function triage({ factor }: { factor: { value: number } }, x: number): Promise<number> {
      return factor.value * x;
    }
    const output = await model({ factor: parameter(2) }, triage).call(1);
    expect(output.operation).toMatchObject({ name: "triage", source: expect.stringMatching(/^async function triage/) });
  });

  it("keeps its state, in each clone its own", async () => {
    const agent = model({ count: 0, seen: [] as string[] }, (parts, x: string) => {
      parts.count += 1;
      parts.seen.push(x);
      return `${parts.count} ${parts.seen.join()}`;
    });
    const clone = agent.clone();
    await agent.call("a");
    expect((await agent.call("b")).value).toBe("2 a,b");
    expect((await clone.call("c")).value).toBe("1 c");
  });

  it("does not mix two models made in one place", async () => {
    const make = (factor: number) => model({ p: parameter(factor) }, ({ p }, x: number) => p.value * x);
    const [one, two] = [make(2), make(3)];
    expect([(await one.call(1)).value, (await two.call(1)).value]).toEqual([2, 3]);
    expect(one.candidate()).toEqual({ p: 2 });
  });

  it.each<[string, (list: number[]) => unknown]>([
    ["added to", (list) => list.push(2)],
    ["written over", (list) => (list[0] = 2)],
    ["cut", (list) => delete list[0]],
  ])("says what to do when the value of a parameter is %s in place", async (_, change) => {
    const agent = model({ list: parameter([1]) }, ({ list }) => change(list.value as number[]));
    const error = await failureOf(agent.call(0));
    expect(error.message).toMatch(
      /^agent: \(TypeError\) .*\. The value of a parameter is frozen: change a copy of it, structuredClone/,
    );
    expect(error.createFeedback()).not.toContain("structuredClone");
  });

  it.each(["call", "forward", "parameters", "clone", "save", "constructor", "toString", "__proto__"])(
    "refuses a part called %s",
    (name) => {
      const parts = Object.defineProperty({}, name, { value: 1, enumerable: true });
      expect(() => model(parts, () => 1)).toThrow(InvalidArgumentError);
      expect(() => model(parts, () => 1)).toThrow(`A part of a model cannot be named "${name}"`);
    },
  );
});
