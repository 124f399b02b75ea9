/**
 * Values within a length: the same text as in full, cut, and never more of a value looked at than is shown.
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonEnds, showValue, ValueText } from "./show-value.ts";

const cycle: Record<string, unknown> = { name: "a", list: [] };
(cycle.list as unknown[]).push(cycle, new Map<string, unknown>([["self", cycle]]));
const loop = new Map<string, unknown>();
loop.set("loop", loop);

describe("the text of a value", () => {
  const anything = fc.anything({ withMap: true, withSet: true, withDate: true, withBigInt: true, withBoxedValues: true });

  it("is what it is in full, when there is room", () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(new ValueText(value, 1e9).shown(1e9)).toBe(showValue(value));
      }),
    );
    const boxed = [Number.NaN, Number.POSITIVE_INFINITY, 1, "a", false, 1n, Symbol("s")].map(Object);
    for (const value of [{ "": Object(Number.POSITIVE_INFINITY) }, boxed, ...boxed]) {
      expect(new ValueText(value, 1e9).shown(1e9)).toBe(showValue(value));
    }
    expect(showValue(boxed)).toBe('["NaN","Infinity",1,"a",false,"1","Symbol(s)"]');
    for (const value of [cycle, loop, [undefined, Math.max, Number.NaN, 1n, new Error("no")], { a: undefined, b: 1 }]) {
      expect(new ValueText(value, 1e9).shown(1e9)).toBe(showValue(value));
    }
  });

  it("is both ends of it, when there is not", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.integer({ min: 1, max: 60 }), (value, maxLength) => {
        fc.pre(typeof value === "object" && value !== null);
        const whole = JSON.stringify(value);
        const { head, tail } = jsonEnds(value as object, maxLength);
        expect(whole.startsWith(head)).toBe(true);
        if (tail === undefined) expect(head).toBe(whole);
        else expect([whole.endsWith(tail), head.length, tail.length]).toEqual([true, maxLength, maxLength]);
      }),
    );
  });

  it("looks at no more of a value than it shows", () => {
    let reads = 0;
    const watched = new Proxy(
      Array.from({ length: 100_000 }, (_, i) => i),
      {
        get: (list, key) => {
          reads++;
          return Reflect.get(list, key);
        },
      },
    );
    const text = new ValueText({ watched }, 200);
    expect(text.isWhole).toBe(false);
    expect(text.shown(60)).toBe('{"watched":[0,1,2,3,4,5…(middle cut)…996,99997,99998,99999]}');
    expect(reads).toBeLessThan(600);
  });

  it("says how much of a long text is cut, and never splits a character", () => {
    expect(new ValueText("x".repeat(100), 2000).shown(40)).toBe("xxxxxxxx…(84 characters cut)…xxxxxxxx");
    for (let length = 30; length < 50; length++) {
      expect(() => encodeURIComponent(new ValueText(["🙂".repeat(100)], 60).shown(length))).not.toThrow();
    }
  });

  it("survives a getter that throws, and nesting without end", () => {
    const broken = {
      get a(): never {
        throw new Error("no");
      },
    };
    expect(new ValueText(broken, 100).shown(100)).toBe("[object Object]");
    const endless = {
      get again(): unknown {
        return {
          get again() {
            return endless;
          },
        };
      },
    };
    expect(new ValueText(endless, 50).shown(50).length).toBeLessThanOrEqual(60);
  });
});
