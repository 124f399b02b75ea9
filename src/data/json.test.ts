import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalJson,
  describeValue,
  frozenCopy,
  isJsonValue,
  isPlainObject,
  type JsonValue,
  jsonEqual,
  jsonProblem,
  shorten,
  textOf,
} from "./json.ts";

class Mail {
  subject = "hi";
}

const circular: Record<string, unknown> = { a: 1 };
circular.list = [circular];

const deep = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = { next: value };
  return value;
};

/** Each of its two fields is another one of its kind. */
function endless(): object {
  return Object.defineProperties({}, { left: { enumerable: true, get: endless }, right: { enumerable: true, get: endless } });
}

function throwing(): object {
  return Object.defineProperty({}, "x", { enumerable: true, get: () => JSON.parse("{") });
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe("jsonProblem", () => {
  it.each<[unknown, string]>([
    [undefined, "value is undefined"],
    [() => 1, "value is a function"],
    [5n, "value is a bigint"],
    [Symbol("s"), "value is a symbol"],
    [Number.NaN, "value is NaN"],
    [[1, [2, Number.NEGATIVE_INFINITY]], "value[1][1] is -Infinity"],
    [{ a: [{ b: undefined }] }, "value.a[0].b is undefined"],
    [new Mail(), "value is an instance of Mail"],
    [new (class {})(), "value is an instance of a class"],
    [{ at: new Date(0) }, "value.at is an instance of Date"],
    [circular, "value.list[0] contains itself"],
    [Object.assign(new Array(2), { 1: 1 }), "value[0] is undefined"],
    [{ toJSON: () => 1 }, "value.toJSON is a function"],
    [JSON.parse('{"__proto__":{"constructor":0}}', (_, value) => (value === 0 ? undefined : value)), ""],
  ])("of %o is %j", (value, expected) => {
    expect(jsonProblem(value)).toBe(expected === "" ? undefined : expected);
    expect(isJsonValue(value)).toBe(expected === "");
  });

  it("refuses getters without calling them, and what cannot be looked at", () => {
    expect(jsonProblem(endless())).toBe("value.left is computed by a getter");
    expect(jsonProblem({ a: [throwing()] })).toBe("value.a[0].x is computed by a getter");
    expect(jsonProblem(revokedProxy())).toBe("value cannot be read");
  });

  it("names the place by the path it was given", () => {
    expect(jsonProblem([undefined], "options.rules")).toBe("options.rules[0] is undefined");
  });

  it("is the same object twice no problem", () => {
    const shared = { a: 1 };
    expect(isJsonValue([shared, { shared }])).toBe(true);
  });

  it("refuses what JSON.stringify could not write for its depth", () => {
    expect(isJsonValue(deep(1_000))).toBe(true);
    expect(jsonProblem(deep(100_000))).toMatch(/ is nested more than 1000 deep$/);
  });

  it("accepts exactly what a round trip leaves unchanged", () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true }),
        (value) => {
          if (!isJsonValue(value)) return;
          expect(JSON.parse(JSON.stringify(value))).toEqual(value);
        },
      ),
      { seed: 3 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonProblem(value)).toBeUndefined();
      }),
      { seed: 3 },
    );
  });
});

describe("canonicalJson and jsonEqual", () => {
  it.each<[JsonValue, JsonValue, boolean]>([
    [{ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 }, true],
    [[1, 2], [2, 1], false],
    [{ a: 1 }, { a: 1, b: null }, false],
    [1, "1", false],
    [null, {}, false],
    [[], {}, false],
    [JSON.parse('{"__proto__":1}'), {}, false],
    [JSON.parse('{"__proto__":1,"a":2}'), JSON.parse('{"a":2,"__proto__":1}'), true],
  ])("%j and %j: %s", (a, b, equal) => {
    expect(jsonEqual(a, b)).toBe(equal);
    expect(jsonEqual(b, a)).toBe(equal);
    expect(canonicalJson(a) === canonicalJson(b)).toBe(equal);
  });

  it("do not depend on the order of keys", () => {
    const shuffled = fc.jsonValue().map((value) => [value, reversed(value as JsonValue)] as const);
    fc.assert(
      fc.property(shuffled, ([value, other]) => {
        expect(canonicalJson(other)).toBe(canonicalJson(value as JsonValue));
        expect(JSON.parse(canonicalJson(other))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { seed: 3 },
    );
  });
});

describe("frozenCopy", () => {
  it("is equal, independent and frozen all the way down", () => {
    const value = { a: [{ b: 1 }], c: null };
    const copy = frozenCopy(value);
    expect(copy).toEqual(value);
    value.a[0] = { b: 2 };
    expect(copy.a[0]).toEqual({ b: 1 });
    for (const part of [copy, copy.a, copy.a[0]]) expect(Object.isFrozen(part)).toBe(true);
  });

  it("keeps __proto__ as a key", () => {
    const copy = frozenCopy(JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>);
    expect(Object.keys(copy)).toEqual(["__proto__"]);
    expect(copy.polluted).toBeUndefined();
  });
});

describe("isPlainObject", () => {
  it.each<[unknown, boolean]>([
    [{}, true],
    [Object.create(null), true],
    [JSON.parse("{}"), true],
    [[], false],
    [null, false],
    [() => 1, false],
    [new Mail(), false],
    [new Map(), false],
    [Promise.resolve(), false],
    [Object.create({ inherited: 1 }), false],
  ])("%o: %s", (value, expected) => {
    expect(isPlainObject(value)).toBe(expected);
  });
});

describe("textOf", () => {
  it.each<[unknown, string]>([
    ["text", "text"],
    ["", ""],
    [1.5, "1.5"],
    [Number.NaN, "NaN"],
    [-0, "0"],
    [10n, "10"],
    [true, "true"],
    [null, "null"],
    [undefined, "undefined"],
    [Symbol("s"), "Symbol(s)"],
    [[1, "a", null], '[1,"a",null]'],
    [{ a: undefined, b: 1 }, '{"b":1}'],
    [{ n: Number.NaN, big: 3n }, '{"n":"NaN","big":"3"}'],
    [new Map<unknown, unknown>([[{ k: 1 }, new Set([1])]]), '{"{\\"k\\":1}":[1]}'],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [new URL("https://example.org/a"), "https://example.org/a"],
    [new RangeError("too far"), "RangeError: too far"],
    [{ reason: new Error("x") }, '{"reason":"Error: x"}'],
    [new Mail(), '{"subject":"hi"}'],
    [new Uint8Array(3), "(3 bytes)"],
    [{ image: Buffer.from("png") }, '{"image":"(3 bytes)"}'],
  ])("of %o is %s", (value, expected) => {
    expect(textOf(value)).toBe(expected);
  });

  it("can be indented", () => {
    expect(textOf({ a: [1] }, 2)).toBe('{\n  "a": [\n    1\n  ]\n}');
  });

  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  it.each<[string, unknown]>([
    ["a circle", circular],
    ["a deep value", deep(100_000)],
    ["an object whose toJSON throws", { toJSON: () => JSON.parse("{") }],
    ["an object whose toJSON gives nothing", Object.assign(Object.create(null), { toJSON: () => undefined })],
    ["a getter that throws", Object.defineProperty({}, "x", { enumerable: true, get: () => JSON.parse("{") })],
    ["a revoked proxy", revoked.proxy],
  ])("of %s is some text, and nothing is thrown", (_, value) => {
    expect(textOf(value)).toMatch(/./);
  });
});

describe("describeValue", () => {
  it.each<[unknown, string]>([
    ["abc", '"abc" (string)'],
    [1, "1 (number)"],
    [Number.NaN, "NaN (number)"],
    [5n, "5 (bigint)"],
    [null, "null"],
    [undefined, "undefined"],
    [true, "true (boolean)"],
    [Symbol("s"), "Symbol(s) (symbol)"],
    [function named() {}, "function named"],
    [() => 1, "function without a name"],
    [[1, 2], "[1,2] (array of 2)"],
    [{ a: 1 }, '{"a":1} (Object)'],
    [Object.create(null), "{} (object)"],
    [new Mail(), '{"subject":"hi"} (Mail)'],
    [new Map([["a", 1]]), '{"a":1} (Map)'],
  ])("of %o is %s", (value, expected) => {
    expect(describeValue(value)).toBe(expected);
  });

  it.each<[string, unknown]>([
    ["a function whose name cannot be read", Object.defineProperty(() => 1, "name", { get: () => JSON.parse("{") })],
    [
      "an object whose class cannot be read",
      Object.create(Object.defineProperty({}, "constructor", { get: () => JSON.parse("{") })),
    ],
    ["a revoked proxy", revokedProxy()],
  ])("of %s is some text, and nothing is thrown", (_, value) => {
    expect(describeValue(value)).toMatch(/./);
  });

  it("is short", () => {
    expect(describeValue("x".repeat(10_000)).length).toBeLessThan(100);
    expect(describeValue(Array.from({ length: 10_000 }, () => 1))).toMatch(/ \(array of 10000\)$/);
  });
});

describe("shorten", () => {
  it.each<[string, number, string]>([
    ["short", 5, "short"],
    ["x".repeat(100), 40, `${"x".repeat(8)}…(84 characters cut)…${"x".repeat(8)}`],
    [`${"a".repeat(60)}END`, 30, "aaa…(57 characters cut)…END"],
  ])("%s at %d", (text, maxLength, expected) => {
    expect(shorten(text, maxLength)).toBe(expected);
  });

  it("never cuts through a character", () => {
    for (let maxLength = 25; maxLength < 60; maxLength++) {
      expect(shorten("😀".repeat(100), maxLength)).not.toMatch(
        /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/,
      );
    }
  });

  it("says how much is missing", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 50, maxLength: 200, unit: "binary" }), (text) => {
        const [, head = "", count = "", tail = ""] =
          /^([\s\S]*?)…\((\d+) characters cut\)…([\s\S]*)$/.exec(shorten(text, 45)) ?? [];
        expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
        expect(head.length + Number(count) + tail.length).toBe(text.length);
      }),
      { seed: 3 },
    );
  });
});

function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, inner]) => [key, reversed(inner as JsonValue)]));
}
