import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { crossingProblem, decodeValue, encodeValue } from "./crossing.ts";
import { resolveLimits } from "./limits.ts";
import { loadSandbox, runInSandbox } from "./sandbox.ts";

/** Everything that may cross, with keys and texts that look like tags. */
const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(undefined, null, true, Number.NaN, Infinity, -Infinity, -0, 0, "$", "NaN", '{"$":"NaN"}'),
    fc.double(),
    fc.string({ unit: "binary" }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom("$", "__proto__", "constructor", "toJSON"), fc.string()), tie("value"), {
      maxKeys: 4,
    }),
  ),
})).value;

beforeAll(loadSandbox);

describe("values on their way", () => {
  it("come back from text as they were", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(isDeepStrictEqual(decodeValue(encodeValue(value)), plain(value))).toBe(true);
      }),
    );
  });

  it("go through the sandbox and back as they were", () => {
    const program = { text: "function f(a) { return a; }", name: "f", isAsync: false, tools: {}, limits: resolveLimits() };
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(isDeepStrictEqual(runInSandbox(program, [value]), plain(value))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[unknown, string | undefined]>([
    [1, undefined],
    [{ a: [undefined, Number.NaN] }, undefined],
    [Object.create(null), undefined],
    [() => 1, "x is a function"],
    [{ a: [Symbol("s")] }, "x.a[0] is a symbol"],
    [[1n], "x[0] is a bigint"],
    [new Map(), "x is an instance of Map"],
    [new (class Order {})(), "x is an instance of Order"],
    [
      {
        get a() {
          return 1;
        },
      },
      "x.a is a getter",
    ],
    [Object.defineProperty([1], 0, { get: () => 1 }), "x[0] is a getter"],
  ])("%o: %s", (value, problem) => {
    expect(crossingProblem(value, "x")).toBe(problem);
  });

  it("what contains itself, and what is too deep, is told", () => {
    const cycle: unknown[] = [];
    cycle.push({ cycle });
    expect(crossingProblem(cycle, "x")).toBe("x[0].cycle contains itself");
    let deep: unknown = 1;
    for (let depth = 0; depth < 600; depth++) deep = [deep];
    expect(crossingProblem(deep, "x")).toMatch(/is nested more than 500 deep$/);
  });

  it.each(['{"$":"process"}', '{"$":1}', '{"$":null}', '{"$":{"$":{"$":1}}}', '[{"$":[1]}]'])(
    "a made-up text gives plain data: %s",
    (text) => {
      expect(crossingProblem(decodeValue(text), "x")).toBeUndefined();
    },
  );
});

/** Objects of fast-check have no prototype. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const copy = {};
  for (const [key, inner] of Object.entries(value)) {
    Object.defineProperty(copy, key, { value: plain(inner), enumerable: true, writable: true, configurable: true });
  }
  return copy;
}
