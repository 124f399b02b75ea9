import { describe, expect, it } from "vitest";
import { fingerprint } from "./fingerprint.ts";

class Point {
  readonly x: number;
  constructor(x: number) {
    this.x = x;
  }
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
      function a() {},
      function b() {},
    ];
    expect(new Set(values.map(fingerprint)).size).toBe(values.length);
  });
});
