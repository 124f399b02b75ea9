import { describe, expect, it } from "vitest";
import { ids, thrownBy } from "../../test/support/nodes.ts";
import { InvalidArgumentError, OptoError } from "../errors.ts";
import { backward } from "./backward.ts";
import { bundle } from "./bundle.ts";
import { ExecutionError } from "./execution-error.ts";
import { Node, node } from "./node.ts";
import { parameter } from "./parameter.ts";

const failure = (run: () => unknown): ExecutionError => {
  const error = thrownBy(run);
  expect(error).toBeInstanceOf(ExecutionError);
  return error as ExecutionError;
};

describe("a bundled function", () => {
  it("takes values or nodes and gives a node", () => {
    const add = bundle((x: number, y: number) => x + y, { name: "add", description: "Adds." });
    const x = node(1);
    const sum = add(x, 2);
    expect(sum).toMatchObject({ value: 3, kind: "message", name: "add", inputNames: ["x", "y"] });
    expect(sum.inputs[0]).toBe(x);
    expect(sum.inputs[1]).toMatchObject({ kind: "constant", name: "y", value: 2 });
    expect(sum.operation).toEqual({ name: "add", description: "Adds.", source: "const add = (x: number, y: number) => x + y;" });
    expect(sum.operation).toBe(add.operation);
  });

  it("gives a promise only when the function does", async () => {
    expect(bundle((x: number) => x)(1)).toBeInstanceOf(Node);
    const pending = bundle(async (x: number) => x)(1);
    expect(pending).toBeInstanceOf(Promise);
    expect((await pending).value).toBe(1);
  });

  it("keeps a node that is given twice in both places", () => {
    const x = node(2);
    const squared = bundle((a: number, b: number) => a * b)(x, x);
    expect(squared).toMatchObject({ value: 4, inputNames: ["a", "b"] });
    expect(ids(squared.inputs)).toEqual(ids([x, x]));
  });

  it("leaves defaults to the function", () => {
    const greet = bundle((name: string, greeting = "Hello") => `${greeting}, ${name}`);
    expect(greet("Ann")).toMatchObject({ value: "Hello, Ann", inputNames: ["name"] });
    expect(greet("Ann", undefined).value).toBe("Hello, Ann");
    expect(greet("Ann", node("Hi"))).toMatchObject({ value: "Hi, Ann", inputNames: ["name", "greeting"] });
  });

  it("takes named arguments apart", () => {
    const q = node("why", { name: "something else" });
    const ask = bundle(({ question, tone = "kind" }: { question: string; tone?: string }) => `${question} (${tone})`);
    const asked = ask({ question: q });
    expect(asked).toMatchObject({ value: "why (kind)", inputNames: ["question"] });
    expect(ids(asked.inputs)).toEqual(ids([q]));
    expect(ask({ question: "who", tone: node("stern") }).inputNames).toEqual(["question", "tone"]);
    expect(ask(node({ question: "as one node" }))).toMatchObject({ value: "as one node (kind)", inputNames: ["argument0"] });
  });

  it("numbers rest arguments, also beside one that is called like them", () => {
    const sum = bundle((args_0: number, ...args: number[]) => args.reduce((total, x) => total + x, args_0));
    const [a, b, c] = [node(1), node(2), node(3)];
    const total = sum(a, b, c);
    expect(total).toMatchObject({ value: 6, inputNames: ["args_0", "args_0", "args_1"] });
    expect(ids(total.inputs)).toEqual(ids([a, b, c]));
  });

  it("lists the arguments before what is read", () => {
    const p = parameter("p", { name: "prompt" });
    const x = node("x");
    const result = bundle((text: string) => p.value + text)(x);
    expect(result).toMatchObject({ value: "px", inputNames: ["text", "prompt"] });
    expect(ids(result.inputs)).toEqual(ids([x, p]));
  });

  it("is a method when it is written as one", () => {
    class Counter {
      count = 0;
      add = bundle(function (this: Counter, step: number): number {
        this.count += step;
        return this.count;
      });
    }
    const [one, other] = [new Counter(), new Counter()];
    void one.add(1);
    expect(one.add(node(2))).toMatchObject({ value: 3, inputNames: ["step"] });
    expect([one.count, other.count]).toEqual([3, 0]);
  });

  it("may call itself", () => {
    const factorial = bundle((n: number): number => (n <= 1 ? 1 : n * factorial(n - 1).value));
    const result = factorial(5);
    expect(result.value).toBe(120);
    expect(result.inputs.map((input) => input.value)).toEqual([5, 24]);
  });

  it("gives several outputs as one node", () => {
    const result = bundle((x: number, y: number) => [x + y, x - y])(1, 2);
    expect(result).toMatchObject({ value: [3, -1], kind: "message" });
    const [, difference] = result;
    expect(difference?.value).toBe(-1);
  });

  it("unwraps a returned node", () => {
    const inner = node(5);
    const result = bundle(() => inner)();
    expect(result).toMatchObject({ value: 5, kind: "message" });
    expect(ids(result.inputs)).toEqual(ids([inner]));
  });

  it("unwraps a promised node", async () => {
    const p = parameter(5);
    const result = await bundle(async () => p)();
    expect(result).toMatchObject({ value: 5, kind: "message" });
    expect(ids(result.inputs)).toEqual(ids([p]));
  });

  it("keeps the value it had when a parameter changes", () => {
    const p = parameter(1);
    const result = bundle(() => p)();
    p.set(2);
    expect(result.value).toBe(1);
  });

  it("leaves class instances among the arguments untouched", () => {
    class Secret {
      readonly #code = 7;
      readonly hint = node("nodes inside are the instance's own");
      open(): number {
        return this.#code;
      }
    }
    const secret = new Secret();
    const seen = bundle((value: Secret) => [value === secret, value.open()])(secret as never);
    expect(seen.value).toEqual([true, 7]);
    expect(seen.inputs).toHaveLength(1);
  });

  it("hands other functions, also bundled ones, through", () => {
    const double = bundle((x: number) => x * 2);
    const twice = bundle((fn: (x: number) => Node<number>, x: number) => fn(fn(x).value).value);
    expect(twice(double as never, 3).value).toBe(12);
  });

  it("may change what is outside", () => {
    const log: number[] = [];
    void bundle((x: number) => log.push(x))(4);
    expect(log).toEqual([4]);
  });

  it("cannot change a parameter's value in place", () => {
    const p = parameter({ words: ["free"] });
    const error = failure(() => bundle((value: { words: readonly string[] }) => (value.words as string[]).push("win"))(p));
    expect(error.exceptionNode.value).toMatch(/^\(TypeError\)/);
    expect(p.value).toEqual({ words: ["free"] });
  });

  it.each<[string, () => unknown, RegExp]>([
    ["no function", () => bundle("text" as never), /to receive a function, got "text" \(string\)/],
    ["an unknown option", () => bundle(() => 1, { catches: false } as never), /Unknown option `catches` of bundle/],
  ])("refuses %s", (_, make, message) => {
    expect(make).toThrow(InvalidArgumentError);
    expect(make).toThrow(message);
  });
});

describe("generators", () => {
  const p = parameter(10, { name: "p" });

  it("are run to their end inside the operation", () => {
    const count = bundle(function* (n: number) {
      for (let index = 0; index < n; index++) yield index + p.value;
    });
    expect(count(3)).toMatchObject({ value: [10, 11, 12], inputNames: ["n", "p"] });
  });

  it("may yield nodes", () => {
    const nodes = [node(1), node(2)];
    const all = bundle(function* () {
      yield* nodes;
    });
    const result = all();
    expect(result.value).toEqual([1, 2]);
    expect(ids(result.inputs)).toEqual(ids(nodes));
  });

  it.each<[string, () => AsyncIterable<number> | Promise<AsyncIterable<number>>]>([
    [
      "an async generator",
      async function* () {
        yield 1;
        await Promise.resolve();
        yield p.value;
      },
    ],
    [
      "a promise of one",
      async () =>
        (async function* () {
          yield 1;
          yield p.value;
        })(),
    ],
    ["a stream", () => ReadableStream.from(streamed()) as unknown as AsyncIterable<number>],
  ])("%s is collected", async (_, fn) => {
    const result = await bundle(fn)();
    expect(result.value).toEqual([1, 10]);
    expect(ids(result.inputs)).toEqual(ids([p]));
  });

  async function* streamed(): AsyncGenerator<number> {
    yield 1;
    yield p.value;
  }

  it("promised are collected too", async () => {
    const result = await bundle(async () => new Map([[1, 2]]).keys())();
    expect(result.value).toEqual([1]);
  });

  it.each<[string, unknown]>([
    ["a list", [1, 2]],
    ["a string", "ab"],
    ["a Map", new Map([[1, 2]])],
    ["a typed array", new Uint8Array([1])],
  ])("are not what %s is", (_, value) => {
    expect(bundle(() => value)().value).toBe(value);
  });

  it("that throw fail as the operation", async () => {
    const broken = bundle(function* (x: number) {
      yield x;
      throw new RangeError("no more");
    });
    expect(failure(() => broken(1)).exceptionNode.value).toBe("(RangeError) no more");
    const brokenLater = bundle(async function* (x: number) {
      yield x;
      throw new RangeError("no more");
    });
    await expect(brokenLater(1)).rejects.toBeInstanceOf(ExecutionError);
  });
});

describe("a failure", () => {
  const p = parameter("p", { name: "p" });

  it("has a node with the inputs and what was read", () => {
    const x = node(0);
    function divide(a: number, b: number): number {
      void p.value;
      if (b === 0) throw new RangeError("division by zero");
      return a / b;
    }
    const error = failure(() => bundle(divide)(1, x));
    expect(error.message).toBe("divide: (RangeError) division by zero");
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.exceptionNode).toMatchObject({
      kind: "exception",
      name: "exception_divide",
      value: "(RangeError) division by zero",
      inputNames: ["a", "b", "p"],
    });
    expect(error.exceptionNode.inputs[1]).toBe(x);
    expect(backward(error.exceptionNode, error.createFeedback()).has(p)).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ["an error without words", new Error(), "(Error)"],
    ["an error without a name", Object.assign(new Error("boom"), { name: "" }), "(Error) boom"],
    ["a string", "boom", "(string) boom"],
    ["nothing", undefined, "(undefined) undefined"],
    ["null", null, "(object) null"],
    ["a symbol", Symbol("boom"), "(symbol) Symbol(boom)"],
    ["a bigint", 5n, "(bigint) 5"],
    ["an object", { code: 5 }, '(object) {"code":5}'],
    ["an object that has no text", Object.create(null), "(object) {}"],
    ["a node", node("boom"), "(object) boom"],
  ])("may be %s", (_, thrown, text) => {
    const error = failure(() =>
      bundle(() => {
        throw thrown;
      })(),
    );
    expect(error.exceptionNode.value).toBe(text);
    expect(error.cause).toBe(thrown);
  });

  it("keeps the path to what failed inside", async () => {
    const inner = bundle(
      (x: number) => {
        throw new Error(`bad ${x}${p.value}`);
      },
      { name: "inner" },
    );
    const middle = bundle((x: number) => inner(x).value, { name: "middle" });
    const outer = bundle(async (x: number) => middle(x).value, { name: "outer" });
    const error = (await outer(1).catch((reason: unknown) => reason)) as ExecutionError;
    expect(error.message).toBe("outer: (Error) bad 1p");
    expect(error.createFeedback()).toBe("(Error) bad 1p\nRaised in inner, called by middle, called by outer.");
    expect(backward(error.exceptionNode, "fix it").has(p)).toBe(true);
  });

  it("is followed through an error that wraps it", () => {
    const inner = bundle(() => {
      throw new Error(p.value);
    });
    const outer = bundle(() => {
      try {
        return inner();
      } catch (cause) {
        throw new Error("could not do it", { cause });
      }
    });
    const { exceptionNode } = failure(() => outer());
    expect(exceptionNode.value).toBe("(Error) could not do it");
    expect(backward(exceptionNode, "fix it").has(p)).toBe(true);
  });

  it("with a cause that is its own cause ends", () => {
    const circular = new Error("circular");
    circular.cause = circular;
    expect(
      failure(() =>
        bundle(() => {
          throw circular;
        })(),
      ).cause,
    ).toBe(circular);
  });

  it("that is caught inside is none", () => {
    const inner = bundle(() => {
      throw new Error("boom");
    });
    const outer = bundle(() => {
      try {
        return String(inner().value);
      } catch (error) {
        return (error as ExecutionError).exceptionNode.value;
      }
    });
    expect(outer().value).toBe("(Error) boom");
    expect(outer().inputs[0]?.kind).toBe("exception");
  });

  it("is an error that was thrown, not one that was returned", () => {
    const error = new Error("as a value");
    expect(bundle(() => error)()).toMatchObject({ value: error, kind: "message" });
  });

  it.each<[string, unknown]>([
    ["an abort", new DOMException("stop", "AbortError")],
    ["a rate limit", Object.assign(new Error("slow down"), { status: 429 })],
    ["a network error", Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET" } })],
  ])("that is %s passes unchanged", async (_, error) => {
    const sync = bundle(() => {
      throw error;
    });
    const outer = bundle(() => sync().value);
    expect(thrownBy(outer)).toBe(error);
    const late = bundle(async () => Promise.reject(error));
    await expect(late()).rejects.toBe(error);
  });

  it("passes unchanged when it is not to be caught", () => {
    const error = new Error("raw");
    const raw = bundle(
      () => {
        throw error;
      },
      { catch: false },
    );
    expect(thrownBy(raw)).toBe(error);
  });

  it("is of the opto family", () => {
    const error = failure(() => bundle(() => JSON.parse("{"))());
    expect(OptoError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ code: "execution", name: "ExecutionError" });
  });
});

describe("thenables", () => {
  it.each<[string, unknown, unknown]>([
    [
      "that answer at once",
      // biome-ignore lint/suspicious/noThenProperty: this is the case under test
      { then: (resolve: (value: number) => void) => resolve(1) },
      1,
    ],
    [
      "that answer twice",
      {
        // biome-ignore lint/suspicious/noThenProperty: this is the case under test
        then: (resolve: (value: number) => void) => {
          resolve(1);
          resolve(2);
        },
      },
      1,
    ],
    [
      "that answer and then throw",
      {
        // biome-ignore lint/suspicious/noThenProperty: this is the case under test
        then: (resolve: (value: number) => void) => {
          resolve(1);
          throw new Error("too late");
        },
      },
      1,
    ],
    // biome-ignore lint/suspicious/noThenProperty: this is the case under test
    ["that answer with another", { then: (resolve: (value: unknown) => void) => resolve(Promise.resolve(node(3))) }, 3],
  ])("%s are awaited", async (_, thenable, expected) => {
    const result = await (bundle(() => thenable)() as unknown as Promise<Node>);
    expect(result.value).toBe(expected);
  });

  // biome-ignore lint/suspicious/noThenProperty: this is the case under test
  it.each<unknown>([{ then: 1 }, { then: null }, { then: {} }])("are not %j", (value) => {
    expect(bundle(() => value)().value).toBe(value);
  });

  it("whose `then` cannot be read fail as the operation", () => {
    const hostile = {
      // biome-ignore lint/suspicious/noThenProperty: this is the case under test
      get then(): never {
        throw new Error("hands off");
      },
    };
    expect(failure(() => bundle(() => hostile)()).exceptionNode.value).toBe("(Error) hands off");
  });

  it("that reject fail as the operation", async () => {
    // biome-ignore lint/suspicious/noThenProperty: this is the case under test
    const thenable = { then: (_: unknown, reject: (reason: unknown) => void) => reject(new Error("no")) };
    await expect(bundle(() => thenable)() as unknown as Promise<Node>).rejects.toBeInstanceOf(ExecutionError);
  });
});
