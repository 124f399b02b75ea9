import { describe, expect, it } from "vitest";
import { ids } from "../../test/support/nodes.ts";
import { readArguments, toNode } from "./arguments.ts";
import { bundle } from "./bundle.ts";
import { type Node, node } from "./node.ts";
import { noTrace } from "./scope.ts";

const a = node("A", { name: "a" });
const b = node("B", { name: "b" });

class Instance {
  readonly inner = a;
}

describe("a container with nodes inside", () => {
  const date = new Date(0);
  const instance = new Instance();
  const symbol = Symbol("kept");
  it.each<{ name: string; given: unknown; value: unknown; paths: string[] }>([
    { name: "a list", given: [1, a, "x", b], value: [1, "A", "x", "B"], paths: ["[1]", "[3]"] },
    { name: "a plain object", given: { x: a, y: 1, z: b }, value: { x: "A", y: 1, z: "B" }, paths: ["x", "z"] },
    {
      name: "an object without a prototype",
      given: Object.assign(Object.create(null), { x: a }),
      value: Object.assign(Object.create(null), { x: "A" }),
      paths: ["x"],
    },
    {
      name: "a Map, with keys of any kind",
      given: new Map<unknown, unknown>([
        ["k", a],
        [2, b],
      ]),
      value: new Map<unknown, unknown>([
        ["k", "A"],
        [2, "B"],
      ]),
      paths: ["k", "2"],
    },
    { name: "a Set", given: new Set([1, a]), value: new Set([1, "A"]), paths: ["[1]"] },
    {
      name: "containers in containers",
      given: { list: [{ deep: new Map([["k", new Set([a])]]) }, b] },
      value: { list: [{ deep: new Map([["k", new Set(["A"])]]) }, "B"] },
      paths: ["list[0].deep.k[0]", "list[1]"],
    },
    { name: "the same node twice", given: [a, { again: a }], value: ["A", { again: "A" }], paths: ["[0]", "[1].again"] },
    {
      name: "dates, instances and symbols beside nodes",
      given: { date, instance, [symbol]: b, a },
      value: { date, instance, [symbol]: "B", a: "A" },
      paths: ["a", "Symbol(kept)"],
    },
    {
      name: "holes",
      given: Object.assign(new Array(2), { 1: a }),
      value: Object.assign(new Array(2), { 1: "A" }),
      paths: ["[1]"],
    },
    {
      name: "hostile keys",
      given: JSON.parse('{"__proto__":0,"constructor":0}', (_, value) => (value === 0 ? a : value)),
      value: JSON.parse('{"__proto__":"A","constructor":"A"}'),
      paths: ["__proto__", "constructor"],
    },
  ])("$name", ({ given, value, paths }) => {
    const found = toNode(given, "argument");
    expect(found).toMatchObject({ kind: "message", name: "argument", inputNames: paths });
    expect(found.operation?.name).toBe("collect");
    expect(found.value).toStrictEqual(value);
    for (const input of found.inputs) expect([a, b]).toContain(input);
    expect(found.inputs).toHaveLength(paths.length);
  });

  it("is an input of the operation, and the function gets plain values", () => {
    const result = bundle((values: number[]) => values.reduce((sum, x) => sum + x, 0))([1, node(2), node(3)]);
    expect(result.value).toBe(6);
    expect(result.inputs[0]?.inputs.map((input) => input.value)).toEqual([2, 3]);
  });

  it("leaves what holds no node the very same object", () => {
    const data = { rows: [[1], [2]] };
    const { value } = toNode({ data, a }, "argument") as Node<{ data: unknown }>;
    expect(value.data).toBe(data);
  });

  it("is not changed itself", () => {
    const given = Object.freeze({ list: Object.freeze([a]) });
    expect(toNode(given, "argument").value).toEqual({ list: ["A"] });
    expect(given.list[0]).toBe(a);
  });

  it("without tracing is a value without inputs", () => {
    expect(noTrace(() => toNode([a], "argument"))).toMatchObject({ value: ["A"], inputs: [] });
  });
});

describe("a container that contains itself", () => {
  it("stays as it is without nodes", () => {
    const list: unknown[] = [1];
    list.push(list, { list });
    expect(toNode(list, "argument")).toMatchObject({ kind: "constant" });
    expect(toNode(list, "argument").value).toBe(list);
  });

  it("with nodes has a copy that contains itself", () => {
    const parent: Record<string, unknown> = { a };
    parent.children = [new Map([["parent", parent]])];
    const { value } = toNode(parent, "argument") as Node<{ a: string; children: [Map<string, unknown>] }>;
    expect(value.a).toBe("A");
    expect(value.children[0].get("parent")).toBe(value);
  });

  it("is looked at once, however often it is referred to", () => {
    let looks = 0;
    const people = Array.from({ length: 40 }, (_, index) => ({ index, friends: [] as unknown[] }));
    const counted = people.map(
      (person) =>
        new Proxy(person, {
          ownKeys: (target) => {
            looks++;
            return Reflect.ownKeys(target);
          },
        }),
    );
    for (const person of counted) person.friends.push(...counted);
    expect(toNode(counted, "argument").value).toBe(counted);
    expect(looks).toBe(40);
  });

  it("may be deeper than the stack", () => {
    let list: unknown = null;
    for (let depth = 0; depth < 200_000; depth++) list = { next: list };
    expect(toNode(list, "argument").value).toBe(list);
  });
});

describe("what is not looked into", () => {
  class Stack extends Array<unknown> {}
  class Cache extends Map<unknown, unknown> {}
  it.each<[string, unknown]>([
    ["a class instance", new Instance()],
    ["a subclass of Array", Stack.of(a)],
    ["a subclass of Map", new Cache([["k", a]])],
    ["a function", Object.assign(() => 1, { a })],
    ["a promise", Promise.resolve(a)],
    ["a key of a Map", new Map([[a, 1]])],
    ["a typed array", new Uint8Array(3)],
    ["a symbol", Symbol("s")],
    ["a bigint", 5n],
    ["undefined", undefined],
    [
      "a getter",
      {
        get lazy(): never {
          throw new Error("must not be run");
        },
      },
    ],
  ])("%s", (_, value) => {
    expect(toNode(value, "argument")).toMatchObject({ kind: "constant", inputs: [] });
    expect(toNode(value, "argument").value).toBe(value);
  });

  it("a getter beside a node, which stays a getter", () => {
    let runs = 0;
    const given = {
      a,
      get lazy(): number {
        return ++runs;
      },
    };
    const { value } = toNode(given, "argument") as Node<typeof given>;
    expect(runs).toBe(0);
    expect([value.lazy, value.lazy, value.a]).toEqual([1, 2, "A"]);
  });

  it("a getter among named arguments that the function does not take", () => {
    const given = {
      x: node(2),
      get y(): never {
        throw new Error("must not be run");
      },
    };
    expect(bundle(({ x }: { x: number; y: number }) => x)(given).value).toBe(2);
  });
});

describe("readArguments", () => {
  const plain = (name: string) => ({ name, kind: "plain" }) as const;
  it.each<{ name: string; args: unknown[]; names: Parameters<typeof readArguments>[1]; values: unknown[]; inputNames: string[] }>(
    [
      { name: "none", args: [], names: [plain("x")], values: [], inputNames: [] },
      { name: "by name", args: [1, a], names: [plain("x"), plain("y")], values: [1, "A"], inputNames: ["x", "y"] },
      { name: "more than declared", args: [1, 2], names: [plain("x")], values: [1, 2], inputNames: ["x", "argument1"] },
      { name: "explicit undefined", args: [undefined], names: [plain("x")], values: [undefined], inputNames: ["x"] },
      {
        name: "the rest",
        args: [1, a, 3],
        names: [plain("x"), { name: "more", kind: "rest" }],
        values: [1, "A", 3],
        inputNames: ["x", "more_0", "more_1"],
      },
      {
        name: "a pattern",
        args: [{ p: a, q: [b] }],
        names: [{ name: "argument0", kind: "pattern" }],
        values: [{ p: "A", q: ["B"] }],
        inputNames: ["p", "q"],
      },
      {
        name: "a pattern with hostile names",
        args: [JSON.parse('{"__proto__":1,"constructor":2}')],
        names: [{ name: "argument0", kind: "pattern" }],
        values: [JSON.parse('{"__proto__":1,"constructor":2}')],
        inputNames: ["__proto__", "constructor"],
      },
      {
        name: "a list for a pattern",
        args: [[a, 1]],
        names: [{ name: "argument0", kind: "pattern" }],
        values: [["A", 1]],
        inputNames: ["argument0"],
      },
    ],
  )("$name", ({ args, names, values, inputNames }) => {
    const read = readArguments(args, names);
    expect(read.values).toStrictEqual(values);
    expect(read.inputNames).toEqual(inputNames);
    expect(read.inputs).toHaveLength(inputNames.length);
  });

  it("names constants after their parameter and keeps nodes as they are", () => {
    const { inputs } = readArguments([a, 5], [plain("x"), plain("y")]);
    expect(ids(inputs.slice(0, 1))).toEqual(ids([a]));
    expect(inputs[1]).toMatchObject({ name: "y", kind: "constant" });
  });
});
