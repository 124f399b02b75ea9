import { describe, expect, it } from "vitest";
import { fingerprint, fingerprintOfAll } from "./fingerprint.ts";

class Point {
  readonly x: number;
  constructor(x: number) {
    this.x = x;
  }
}

const unreadableClass = Object.defineProperty({}, "constructor", { get: () => JSON.parse("{") });

/** Each of its two fields is another one of its kind. */
function endless(): object {
  return Object.defineProperties({}, { left: { enumerable: true, get: endless }, right: { enumerable: true, get: endless } });
}

function deep(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

describe("fingerprint", () => {
  it("is SHA-256 in hexadecimal, and the same for equal values", () => {
    expect(fingerprint("a")).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprint({ a: 1, b: { c: [2] } })).toBe(fingerprint({ b: { c: [2] }, a: 1 }));
    expect(fingerprint(new Map([["a", 1]]))).toBe(fingerprint(new Map([["a", 1]])));
  });

  it("differs for all of these", () => {
    const values = [
      undefined,
      null,
      "",
      0,
      Number.NaN,
      1n,
      "1",
      [],
      {},
      { a: undefined },
      new Map([["a", 1]]),
      new Set(["a"]),
      new Date(0),
      /a/,
      new Point(1),
      new Point(2),
      { x: 1 },
      Uint8Array.of(1),
      Uint8Array.of(2),
      Uint8Array.of(0, 1, 2).subarray(1),
      Uint8Array.of(3).buffer,
      Uint8Array.of(4).buffer,
      function a() {},
      function b() {},
    ];
    expect(new Set(values.map(fingerprint)).size).toBe(values.length);
  });

  it("takes a Buffer for the bytes that it is", () => {
    expect(fingerprint({ image: Buffer.from([1, 2]) })).toBe(fingerprint({ image: Uint8Array.of(1, 2) }));
  });

  it.each<[string, (field: string) => unknown]>([
    ["a getter that throws", (field) => Object.defineProperty({ field }, "x", { enumerable: true, get: () => JSON.parse("{") })],
    ["getters that make further ones without end", (field) => ({ field, more: endless() })],
    ["a value nested very deeply", (field) => ({ field, deep: deep(100_000) })],
    ["a toJSON that throws", (field) => [field, { toJSON: () => JSON.parse("{") }]],
    ["a class that cannot be read", (field) => Object.assign(Object.create(unreadableClass), { field })],
  ])("takes %s, and what stands beside it", (_, valueWith) => {
    expect(fingerprint(valueWith("a"))).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprint(valueWith("a"))).toBe(fingerprint(valueWith("a")));
    expect(fingerprintOfAll([1, valueWith("a")])).toBe(fingerprintOfAll([1, valueWith("a")]));
    if (!_.includes("toJSON") && !_.includes("class")) expect(fingerprint(valueWith("a"))).not.toBe(fingerprint(valueWith("b")));
  });

  it("takes values that stand within themselves, and those without a class", () => {
    const circular = (name: string): object => {
      const parent: { name: string; child?: object; list?: unknown[] } = { name };
      parent.child = { parent, same: [1], again: [1] };
      parent.list = [parent];
      return parent;
    };
    expect(fingerprint(circular("a"))).toBe(fingerprint(circular("a")));
    expect(fingerprint(circular("a"))).not.toBe(fingerprint(circular("b")));
    const values = [{ x: 1 }, circular("a"), { y: [new Point(1), { x: 1 }] }, Object.create(Object.create(null))];
    expect(fingerprintOfAll(values)).toBe(fingerprintOfAll([...values]));
    const shared = { x: 1 };
    expect(fingerprintOfAll([circular("a"), [shared, shared]])).toBe(fingerprintOfAll([circular("a"), [{ x: 1 }, { x: 1 }]]));
  });
});
