import { describe, expect, it } from "vitest";
import { ids, thrownBy } from "../../test/support/nodes.ts";
import { ExecutionError } from "./execution-error.ts";
import { isNode, type Node, node } from "./node.ts";
import * as operators from "./operators.ts";

type Operator = (...args: unknown[]) => Node;
const all = operators as unknown as Record<string, Operator>;

/** Every operator with what it gives; `throws` stands for an `ExecutionError` that says so. */
const table: Record<string, [args: unknown[], expected: unknown][]> = {
  add: [
    [[1, 2], 3],
    [[2, 1], 3],
    [[0.5, -1], -0.5],
  ],
  subtract: [
    [[1, 2], -1],
    [[2, 1], 1],
  ],
  multiply: [
    [[1, 2], 2],
    [[2, 1], 2],
  ],
  divide: [
    [[1, 2], 0.5],
    [[2, 1], 2],
    [[0, 1], 0],
    [[1, 0], /division by zero/],
  ],
  floorDivide: [
    [[1, 2], 0],
    [[2, 1], 2],
    [[-1, 2], -1],
    [[7, -2], -4],
    [[1, 0], /division by zero/],
  ],
  modulo: [
    [[1, 2], 1],
    [[2, 1], 0],
    [[-1, 3], 2],
    [[1, -3], -2],
    [[-1, -3], -1],
    [[-4, 2], 0],
    [[1.5, 1], 0.5],
    [[1, 0], /division by zero/],
  ],
  power: [
    [[1, 2], 1],
    [[2, 1], 2],
    [[2, 10], 1024],
  ],
  shiftLeft: [
    [[1, 2], 4],
    [[2, 1], 4],
  ],
  shiftRight: [
    [[1, 2], 0],
    [[2, 1], 1],
  ],
  bitAnd: [
    [[1, 2], 0],
    [[2, 1], 0],
    [[6, 3], 2],
  ],
  bitOr: [
    [[1, 2], 3],
    [[2, 1], 3],
  ],
  bitXor: [
    [[1, 2], 3],
    [[2, 1], 3],
    [[6, 3], 5],
  ],
  negate: [[[2], -2]],
  absolute: [
    [[-2], 2],
    [[2], 2],
  ],
  round: [
    [[1.4], 1],
    [[1.5], 2],
  ],
  floor: [
    [[1.9], 1],
    [[-1.1], -2],
  ],
  ceil: [
    [[1.1], 2],
    [[-1.9], -1],
  ],
  truncate: [
    [[1.9], 1],
    [[-1.9], -1],
  ],
  invert: [[[1], -2]],
  lessThan: [
    [[1, 2], true],
    [[2, 1], false],
    [[1, 1], false],
    [["a", "b"], true],
    [[10, 9], false],
  ],
  atMost: [
    [[1, 2], true],
    [[2, 1], false],
    [[1, 1], true],
  ],
  greaterThan: [
    [[1, 2], false],
    [[2, 1], true],
    [[1, 1], false],
  ],
  atLeast: [
    [[1, 2], false],
    [[2, 1], true],
    [[1, 1], true],
  ],
  equals: [
    [[1, 1], true],
    [[1, 2], false],
    [[1, "1"], false],
    [[{ a: [1] }, { a: [1] }], true],
    [[Number.NaN, Number.NaN], true],
  ],
  differs: [
    [[1, 1], false],
    [[[1], [2]], true],
  ],
  and: [
    [[1, 2], 2],
    [[0, 2], 0],
    [["", 2], ""],
  ],
  or: [
    [[1, 2], 1],
    [[0, 2], 2],
  ],
  not: [
    [[0], true],
    [["a"], false],
  ],
  xor: [
    [[1, 2], false],
    [[0, 2], true],
    [[0, ""], false],
  ],
  choose: [
    [[true, 1, 2], 1],
    [[false, 1, 2], 2],
    [["", 1, 2], 2],
  ],
  contains: [
    [[[1, { a: 1 }], { a: 1 }], true],
    [[[1], 2], false],
    [["hay", "a"], true],
    [[new Set([1]), 1], true],
    [[new Map([["k", 1]]), "k"], true],
    [[{ a: 1 }, "a"], true],
    [[{}, "constructor"], false],
    [[null, 1], /null is not a container/],
    [[5, 1], /number is not a container/],
  ],
  length: [
    [[[1, 2]], 2],
    [["abc"], 3],
    [[new Map([[1, 2]])], 1],
    [[new Set([1])], 1],
    [[{ a: 1, b: 2 }], 2],
    [[null], /null has no length/],
    [[5], /number has no length/],
  ],
  identity: [[[5], 5]],
  concat: [
    [["a", "b"], "ab"],
    [["b", "a"], "ba"],
    [[], ""],
    [["a", 1, "c"], "a1c"],
  ],
  join: [
    [[["a", "b"], "+"], "a+b"],
    [[["a", "b"]], "ab"],
    [[["a", { b: 1 }, null], ", "], 'a, {"b":1}, null'],
    [[[], "+"], ""],
  ],
  split: [
    [
      ["a,b", ","],
      ["a", "b"],
    ],
  ],
  replace: [
    [["a-b-c", "-", "+"], "a+b+c"],
    [["price", "price", "$& $1"], "$& $1"],
  ],
  format: [
    [["{a} and {b}", { a: 1, b: [2] }], "1 and [2]"],
    [["no slots", {}], "no slots"],
    [["{a}", { a: "{b}" }], "{b}"],
    [["{a}", {}], /needs a value for \{a\}/],
    [["{constructor}", {}], /needs a value for \{constructor\}/],
  ],
  trim: [[[" a "], "a"]],
  lower: [[["Ab"], "ab"]],
  upper: [[["Ab"], "AB"]],
  capitalize: [
    [["hELLO you"], "Hello you"],
    [[""], ""],
  ],
  list: [
    [
      [1, "a"],
      [1, "a"],
    ],
    [[], []],
  ],
  toList: [
    [[[1, 2]], [1, 2]],
    [["ab"], ["a", "b"]],
    [[new Set([1])], [1]],
    [[new Map([["k", 1]])], [1]],
    [[{ a: 1 }], [1]],
    [[5], /./],
    [[null], /./],
  ],
  keys: [
    [[{ a: 1, b: 2 }], ["a", "b"]],
    [[new Map([[1, 2]])], [1]],
    [[null], /./],
  ],
  values: [
    [[{ a: 1, b: 2 }], [1, 2]],
    [[new Map([[1, 2]])], [2]],
  ],
  append: [
    [
      [[1], 2],
      [1, 2],
    ],
    [[[], [1]], [[1]]],
    [[null, 1], /./],
  ],
  extend: [
    [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [1, 2, 3, 4, 5, 6],
    ],
  ],
  slice: [
    [
      [[1, 2, 3], 1],
      [2, 3],
    ],
    [
      [[1, 2, 3], 0, -1],
      [1, 2],
    ],
    [["abc", 1, 2], "b"],
    [[[1]], [1]],
  ],
  reverse: [[[[1, 2]], [2, 1]]],
  sort: [
    [[[10, 9, 1]], [1, 9, 10]],
    [[["b", "a"]], ["a", "b"]],
  ],
  merge: [
    [
      [
        { a: 1, b: 1 },
        { b: 2, c: 3 },
      ],
      { a: 1, b: 2, c: 3 },
    ],
    [[{}, JSON.parse('{"__proto__":1}')], JSON.parse('{"__proto__":1}')],
  ],
  without: [
    [[[1, 2, 1], 1], [2]],
    [[[{ a: 1 }], { a: 1 }], []],
    [[{ a: 1, b: 2 }, "a"], { b: 2 }],
    [[{ 1: "a", b: 2 }, 1], { b: 2 }],
    [[new Set([1, 2]), 1], new Set([2])],
    [
      [
        new Map([
          ["a", 1],
          ["b", 2],
        ]),
        "a",
      ],
      new Map([["b", 2]]),
    ],
    [[5, 1], /anything from a number/],
  ],
};

describe("operators", () => {
  it("are all in the table", () => {
    expect(Object.keys(table).sort()).toEqual(Object.keys(operators).sort());
  });

  const rows = Object.entries(table).flatMap(([name, cases]) => cases.map(([args, expected]) => ({ name, args, expected })));

  it.each(rows)("$name($args) → $expected", ({ name, args, expected }) => {
    const nodes = args.map((argument) => node(argument));
    for (const given of [args, nodes, args.map((argument, index) => (index === 0 ? nodes[0] : argument))]) {
      const before = structuredClone(args);
      if (expected instanceof RegExp) {
        const error = thrownBy(() => all[name]?.(...given)) as ExecutionError;
        expect(error).toBeInstanceOf(ExecutionError);
        expect(error.exceptionNode.value).toMatch(expected);
        expect(error.exceptionNode.inputs).toHaveLength(args.length);
      } else {
        const result = all[name]?.(...given) as Node;
        expect(isNode(result)).toBe(true);
        expect(result.value).toStrictEqual(expected);
        expect(result.inputs).toHaveLength(args.length);
      }
      expect(args).toStrictEqual(before);
    }
  });

  it.each(Object.keys(table))("%s has a name, a description, and its arguments in the order they were given", (name) => {
    const args = ((table[name] ?? []).find(([, expected]) => !(expected instanceof RegExp)) as [unknown[], unknown])[0].map(
      (argument) => node(argument),
    );
    const result = all[name]?.(...args) as Node;
    expect(result.operation).toMatchObject({ name, description: expect.stringMatching(/./) });
    expect(ids(result.inputs)).toEqual(ids(args));
  });

  it.each(["append", "extend", "merge", "sort", "reverse", "list", "toList", "slice", "without", "values"])(
    "%s gives a container of its own",
    (name) => {
      const [args] = (table[name] ?? [])[0] as [unknown[], unknown];
      expect(all[name]?.(...args).value).not.toBe(args[0]);
    },
  );
});
