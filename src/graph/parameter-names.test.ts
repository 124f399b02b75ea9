import { describe, expect, it } from "vitest";
import { GraphError } from "../errors.ts";
import { Module } from "./module.ts";
import { node } from "./node.ts";
import { type Parameter, parameter } from "./parameter.ts";
import { collectParameters, namedParameters } from "./parameter-names.ts";

class Part extends Module<number, number> {
  readonly weight = parameter(1);
  override forward(x: number): number {
    return x * this.weight.value;
  }
}

class Instance {
  readonly hidden = parameter("not of an agent");
}

const p = parameter("p");
const paths = (root: object): string[] => [...collectParameters(root).keys()];

describe("the paths of parameters", () => {
  it.each<[string, object, string[]]>([
    ["fields, in order of definition", { z: parameter(1), a: parameter(2) }, ["z", "a"]],
    ["nested modules", { first: new Part(), second: new Part() }, ["first.weight", "second.weight"]],
    ["lists", { rules: [parameter(1), { on: parameter(2) }, new Part()] }, ["rules.0", "rules.1.on", "rules.2.weight"]],
    [
      "Maps",
      {
        by: new Map<unknown, unknown>([
          ["k", p],
          [3, new Part()],
        ]),
      },
      ["by.k", "by.3.weight"],
    ],
    ["Sets", { all: new Set([1, p]) }, ["all.1"]],
    ["a frozen parameter", { fixed: parameter(1, { trainable: false }) }, ["fixed"]],
    ["one that is shared, by its first path", { a: { b: p }, c: p, d: [p] }, ["a.b"]],
    [
      "hostile names",
      JSON.parse('{"constructor":0,"a":{"__proto__":0}}', (_, v) => (v === 0 ? parameter(v) : v)),
      ["constructor", "a.__proto__"],
    ],
    [
      "nothing in other instances, nodes, functions and promises",
      { i: new Instance(), n: node({ p }), f: () => p, q: Promise.resolve(p) },
      [],
    ],
    [
      "nothing behind getters",
      {
        get lazy(): never {
          throw new Error("must not be run");
        },
      },
      [],
    ],
  ])("%s", (_, root, expected) => {
    expect(paths(root)).toEqual(expected);
  });

  it("end in cycles", () => {
    const parent = new (class extends Part {
      child: Part & { parent?: Part } = new Part();
      self = this;
      list: unknown[] = [this];
    })();
    parent.child.parent = parent;
    expect(paths(parent)).toEqual(["weight", "child.weight"]);
  });

  it("may be deeper than the stack and wider than an argument list", () => {
    let list: object = { p };
    for (let depth = 0; depth < 20_000; depth++) list = { next: list };
    expect(paths({ list })[0]).toMatch(/^list(\.next){20000}\.p$/);
    expect(paths({ wide: [...Array.from({ length: 300_000 }, () => ({})), p] })).toEqual(["wide.300000"]);
  });

  it.each<[string, object, RegExp]>([
    ["a path twice", { "a.b": parameter(1), a: { b: parameter(2) } }, /Two parameters have the path "a\.b"/],
    [
      "keys of equal text",
      {
        m: new Map<unknown, unknown>([
          [1, parameter(1)],
          ["1", parameter(2)],
        ]),
      },
      /"m\.1"/,
    ],
    ["__proto__", JSON.parse('{"__proto__":0}', (_, v) => (v === 0 ? parameter(v) : v)), /cannot have the path "__proto__"/],
  ])("refuse %s", (_, root, message) => {
    expect(() => collectParameters(root)).toThrow(GraphError);
    expect(() => collectParameters(root)).toThrow(message);
  });
});

describe("the names of a list of parameters", () => {
  it.each<[string[], string[]]>([
    [
      ["a", "b"],
      ["a", "b"],
    ],
    [
      ["a", "a", "a"],
      ["a", "a_2", "a_3"],
    ],
    [
      ["a", "a", "a_2"],
      ["a", "a_2", "a_2_2"],
    ],
    [
      ["x1", "x", "x:10"],
      ["x1", "x", "x:10"],
    ],
    [
      ["constructor", "constructor"],
      ["constructor", "constructor_2"],
    ],
  ])("%j become %j", (names, expected) => {
    const parameters = names.map((name) => parameter(1, { name }));
    const named = namedParameters(parameters);
    expect([...named.keys()]).toEqual(expected);
    expect([...named.values()].every((parameter, index) => parameter === parameters[index])).toBe(true);
  });

  it("count a parameter once", () => {
    const list: Parameter[] = [p, p] as Parameter[];
    expect([...namedParameters(list).keys()]).toEqual(["parameter"]);
  });

  it("of an agent are its paths", () => {
    expect([...namedParameters(new Part()).keys()]).toEqual(["weight"]);
  });
});
