import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ids, thrownBy } from "../../test/support/nodes.ts";
import { InvalidArgumentError } from "../errors.ts";
import { bundle } from "./bundle.ts";
import { ExecutionError } from "./execution-error.ts";
import { isNode, type Node, node } from "./node.ts";
import { parameter } from "./parameter.ts";

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("node", () => {
  it.each<[unknown, string]>([
    [1, "number"],
    ["a", "string"],
    [true, "boolean"],
    [10n, "bigint"],
    [Symbol("s"), "symbol"],
    [undefined, "undefined"],
    [null, "null"],
    [[1], "array"],
    [{ a: 1 }, "object"],
    [Object.create(null), "object"],
    [new Map(), "Map"],
    [new Date(0), "Date"],
    [() => 1, "function"],
    [new (class {})(), "object"],
    [new (class Mail {})(), "Mail"],
  ])("named after its value: %s", (value, name) => {
    expect(node(value)).toMatchObject({ name, kind: "constant", description: undefined, inputs: [], operation: undefined });
    expect(node(value).value).toBe(value);
  });

  it("keeps its name and description", () => {
    expect(node(1, { name: "count", description: "how many" })).toMatchObject({ name: "count", description: "how many" });
    expect(node(1, { name: "__proto__" }).name).toBe("__proto__");
  });

  it("is itself when it is given again", () => {
    const given = node(1);
    expect(node(given)).toBe(given);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["a name for a node", () => node(node(1), { name: "again" }), /already|keeps its own/],
    ["a description that is no text", () => node(1, { description: 5 as never }), /description to be a string, got 5/],
    ["a name that is no text", () => node(1, { name: 5 as never }), /name to be a string, got 5/],
    ["an unknown option", () => node(1, { trainable: true } as never), /Unknown option `trainable` of node/],
  ])("refuses %s", (_, make, message) => {
    expect(make).toThrow(InvalidArgumentError);
    expect(make).toThrow(message);
  });

  it("has an identity of its own", () => {
    expect(new Set([node(1), node(1)]).size).toBe(2);
    expect(isNode({ value: 1, inputs: [] })).toBe(false);
  });
});

describe("reading", () => {
  it("inside an operation makes an input, peeking does not", () => {
    const read = node(2, { name: "read" });
    const peeked = node(3);
    const result = bundle((x: number) => x + read.value + peeked.peek())(1);
    expect(result.value).toBe(6);
    expect(result.inputNames).toEqual(["x", "read"]);
    expect(result.inputs[1]).toBe(read);
  });

  it("twice, or of an argument, makes one input", () => {
    const x = node(2);
    const other = node(3);
    const result = bundle((a: number) => a + x.value + x.value + other.value + other.value)(x);
    expect(ids(result.inputs)).toEqual(ids([x, other]));
  });

  it("outside of any operation makes nothing", () => {
    const x = node(1);
    expect(x.value + x.value).toBe(2);
    expect(bundle(() => 1)().inputs).toEqual([]);
  });

  it.each<[string, (x: Node<string>) => unknown]>([
    ["a template string", (x) => `${x}`],
    ["String()", (x) => String(x)],
    ["JSON.stringify", (x) => JSON.stringify({ x })],
    ["a comparison", (x) => x > node("a")],
    ["concatenation", (x) => `${"a"}`.concat(x as never)],
  ])("by %s counts", (_, use) => {
    const x = node("x");
    expect(bundle(() => use(x))().inputs).toContain(x);
  });

  it("by console.log does not count", () => {
    const x = parameter("x", { name: "prompt" });
    const result = bundle(() => inspect(x))();
    expect(result.value).toBe('Parameter(prompt = "x" (string))');
    expect(result.inputs).toEqual([]);
  });

  it("in an inner operation belongs to the inner one", () => {
    const p = parameter(1);
    const inner = bundle((x: number) => x + p.value, { name: "inner" });
    const outer = bundle((x: number) => inner(x).value * 2)(1);
    const [, innerNode] = outer.inputs;
    expect(outer.inputs).toHaveLength(2);
    expect(innerNode?.operation?.name).toBe("inner");
    expect(innerNode?.inputs).toContain(p);
  });

  it("is carried over await, timers and concurrency", async () => {
    const nodes = Array.from({ length: 20 }, (_, index) => node(index, { name: `n${index}` }));
    const slow = bundle(async (index: number) => {
      for (let turns = 20 - index; turns > 0; turns--) await tick();
      await new Promise((resolve) => setTimeout(resolve, 1));
      return (nodes[index] as Node<number>).value;
    });
    const results = await Promise.all(nodes.map((_, index) => slow(index)));
    expect(results.map((result) => result.value)).toEqual(nodes.map((_, index) => index));
    for (const [index, result] of results.entries()) expect(ids(result.inputs.slice(1))).toEqual(ids([nodes[index] as Node]));
  });

  it("is in the order in which the operations began, not in which they ended", async () => {
    const wait = bundle(async (turns: number) => {
      for (let turn = 0; turn < turns; turn++) await tick();
      return turns;
    });
    const all = bundle(async () => {
      const read: number[] = [];
      await Promise.all([5, 1, 3].map(async (turns) => read.push((await wait(turns)).value)));
      return read;
    });
    const result = await all();
    expect(result.value).toEqual([1, 3, 5]);
    expect(result.inputs.map((input) => input.value)).toEqual([5, 1, 3]);
  });

  it("late, when the operation has ended, changes nothing", async () => {
    const late = node("late");
    let done: Promise<string> | undefined;
    const result = bundle(() => {
      done = tick().then(() => late.value);
      return 1;
    })();
    await done;
    expect(result.inputs).toEqual([]);
  });
});

describe("map", () => {
  it("computes a node", async () => {
    const x = node(2);
    const doubled = x.map((value) => value * 2, "Doubles it.");
    expect(doubled).toMatchObject({ kind: "message", inputNames: ["value"] });
    expect(ids(doubled.inputs)).toEqual(ids([x]));
    expect(doubled.operation).toMatchObject({ name: "map", description: "Doubles it.", source: expect.stringContaining("* 2") });
    expect(doubled.value).toBe(4);
    expect((await x.map(async (value) => value + 1)).value).toBe(3);
    expect(x.map((value) => node(value)).value).toBe(2);
  });
});

describe("get", () => {
  class Point {
    x = 1;
    get length(): number {
      return 5;
    }
  }
  it.each<[string, unknown, string | number, unknown]>([
    ["an element", ["a", "b"], 1, "b"],
    ["a missing element", ["a"], 5, undefined],
    ["a character", "ab", 1, "b"],
    ["a property", { a: { b: 1 } }, "a", { b: 1 }],
    ["an entry", new Map([["k", 1]]), "k", 1],
    ["a field", new Point(), "x", 1],
    ["a getter", new Point(), "length", 5],
    ["nothing that a plain object inherits", {}, "constructor", undefined],
    ["nothing that a list inherits", [1], "constructor", undefined],
    ["no method of a list", [1], "map", undefined],
    ["the length of a list", [1], "length", 1],
    ["nothing that a text inherits", "abc", "constructor", undefined],
    ["the length of a text", "abc", "length", 3],
    ["the size of a Set", new Set([1]), "size", 1],
    ["the length of a typed array", Float64Array.of(1), "length", 1],
    ["nothing that every instance inherits", new Point(), "constructor", undefined],
    ["no method of every instance", new Point(), "hasOwnProperty", undefined],
    ["no prototype", {}, "__proto__", undefined],
    ["an own __proto__", JSON.parse('{"__proto__":1}'), "__proto__", 1],
    ["what an inner node holds", [node(7)], 0, 7],
  ])("takes %s", (_, value, key, expected) => {
    const container = node(value);
    const element = container.get(key);
    expect(element.value).toEqual(expected);
    expect(element.inputs[0]).toBe(container);
    expect(element.inputNames.slice(0, 2)).toEqual(["value", "key"]);
  });

  it("takes a node as key", () => {
    const key = node(1);
    const list = node(["a", "b"]);
    expect(list.get(key).value).toBe("b");
    expect(ids(list.get(key).inputs)).toEqual(ids([list, key]));
  });

  it("of nothing fails as an operation", () => {
    expect(() => node(null as unknown as string[]).get(0)).toThrow(ExecutionError);
  });
});

describe("iteration", () => {
  it.each<[string, unknown, unknown[]]>([
    ["a list", [1, 2, 3], [1, 2, 3]],
    ["an empty list", [], []],
    ["a Set", new Set([1, 2]), [1, 2]],
    ["a Map", new Map([["a", 1]]), [["a", 1]]],
    ["a typed array", new Float64Array([0.5, 1]), [0.5, 1]],
    ["a list of nodes", [node(1), 2], [1, 2]],
  ])("over %s", (_, value, expected) => {
    const container = node(value);
    const elements = [...container];
    expect(elements.map((element) => element.value)).toEqual(expected);
    for (const element of elements) {
      const source = element.inputs[0] as Node;
      expect(source === container || source.inputs[0] === container).toBe(true);
    }
  });

  it("by destructuring", () => {
    const pair = bundle(() => [3, -1] as [number, number])();
    const [first, second] = pair;
    expect([first?.value, second?.value]).toEqual([3, -1]);
    expect(first?.inputs[0]).toBe(pair);
  });

  it.each<[string, unknown]>([
    ["null", null],
    ["undefined", undefined],
  ])("over %s fails as an operation", (_, value) => {
    const source = node(value);
    const error = thrownBy(() => Array.from(source)) as ExecutionError;
    expect(error).toBeInstanceOf(ExecutionError);
    expect(error.exceptionNode).toMatchObject({
      kind: "exception",
      value: `(TypeError) there is nothing to iterate over in ${value}`,
    });
    expect(ids(error.exceptionNode.inputs)).toEqual(ids([source]));
  });

  it.each<[string, unknown]>([
    ["a number", 5],
    ["a text", "ab"],
    ["a plain object", { a: 1 }],
    ["something only array-like", { length: 2 }],
  ])("over %s is refused by the language, and inside an operation depends on the node", (_, value) => {
    const source = node(value) as unknown as Node<string[]>;
    const take = bundle(() => {
      const [first] = source;
      return first;
    });
    expect(() => [...source]).toThrow(/source is not iterable/);
    const error = thrownBy(() => take()) as ExecutionError;
    expect(error.exceptionNode.value).toMatch(/^\(TypeError\) source is not iterable/);
    expect(ids(error.exceptionNode.inputs)).toEqual(ids([source]));
  });

  it("is not tried where nodes are only compared", () => {
    expect(node(1)).not.toBe(node(1));
    expect(node(1)).not.toEqual(node(1));
    expect({ prompt: parameter("a") }).not.toEqual({ prompt: parameter("a") });
    expect([node([1])]).not.toEqual([node([1])]);
    const same = node({ a: 1 });
    expect({ same }).toEqual({ same });
  });
});

describe("conversion", () => {
  it("compares values, not texts", () => {
    expect(node(9) > node(10)).toBe(false);
    expect(node(10) >= node(9)).toBe(true);
  });

  it.each<[unknown, string]>([
    ["text", "text"],
    [1.5, "1.5"],
    [{ a: [1] }, '{"a":[1]}'],
    [undefined, "undefined"],
  ])("%j as text is %s", (value, expected) => {
    expect(`${node(value)}`).toBe(expected);
  });

  it("into JSON is its value", () => {
    expect(JSON.stringify({ a: node([1, node("x")]), b: parameter({ c: 1 }) })).toBe('{"a":[1,"x"],"b":{"c":1}}');
  });
});
