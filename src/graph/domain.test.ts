import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { choices, type Domain, describeDomain, domainProblem, range, subset } from "./domain.ts";

const words = choices(["short", "long"]);
const objects = choices([{ a: 1, b: [2] }, null, 3]);
const real = range(-1, 1);
const whole = range(-3, 5, { integer: true });
const some = subset(["free", "winner", "cash"], { min: 1, max: 2 });
const pairs = subset([
  [1, 2],
  [3, 4],
]);

describe("a domain", () => {
  it.each<[Domain, unknown, boolean]>([
    [words, "short", true],
    [words, "Short", false],
    [words, undefined, false],
    [objects, { b: [2], a: 1 }, true],
    [objects, { a: 1 }, false],
    [objects, null, true],
    [objects, "3", false],
    [real, -1, true],
    [real, 1, true],
    [real, 0.5, true],
    [real, 1.0001, false],
    [real, "0", false],
    [real, Number.NaN, false],
    [real, 0n, false],
    [whole, 5, true],
    [whole, 2.5, false],
    [some, ["cash", "free"], true],
    [some, [], false],
    [some, ["free", "winner", "cash"], false],
    [some, ["free", "free"], false],
    [some, ["free", "other"], false],
    [some, "free", false],
    [pairs, [[3, 4]], true],
    [pairs, [[4, 3]], false],
    [subset([{ a: 1, b: 2 }]), [{ b: 2, a: 1 }], true],
  ])("%o and %o: %s", (domain, value, belongs) => {
    if (belongs) expect(domainProblem(domain, value)).toBeUndefined();
    else expect(domainProblem(domain, value)).toContain(`expected ${describeDomain(domain)}, got `);
  });

  it.each<[Domain, string]>([
    [words, 'one of ["short","long"]'],
    [real, "a number from -1 to 1"],
    [whole, "a whole number from -3 to 5"],
    [some, 'a list of 1 to 2 different elements of ["free","winner","cash"]'],
  ])("in words: %j", (domain, expected) => {
    expect(describeDomain(domain)).toBe(expected);
  });

  it("cannot be changed, nor by what it was made from", () => {
    const values = [{ a: [1] }];
    const domain = choices(values);
    values.push({ a: [2] });
    values[0]?.a.push(2);
    expect(domain.values).toEqual([{ a: [1] }]);
    expect(Object.isFrozen(domain.values[0]?.a)).toBe(true);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["no choices", () => choices([]), /at least one of its values/],
    ["a choice twice", () => choices(["a", "a"]), /different values for choices, got "a" twice/],
    [
      "equal choices",
      () =>
        choices([
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ]),
      /twice/,
    ],
    ["choices that are not JSON", () => choices([() => 1] as never), /JSON values for choices/],
    ["an upside-down range", () => range(1, 0), /low <= high, got range\(1, 0\)/],
    ["an endless range", () => range(0, Number.POSITIVE_INFINITY), /finite/],
    ["a range of no numbers", () => range("0" as never, 1), /finite/],
    ["broken bounds of whole numbers", () => range(0, 1.5, { integer: true }), /integer bounds/],
    ["a log range from zero", () => range(0, 1, { log: true }), /low > 0/],
    ["an unknown option of range", () => range(0, 1, { int: true } as never), /Unknown option `int` of range/],
    ["an empty pool", () => subset([]), /at least one of its pool/],
    ["more than the pool", () => subset(["a"], { max: 2 }), /0 <= min <= max <= 1/],
    ["min above max", () => subset(["a", "b"], { min: 2, max: 1 }), /0 <= min <= max/],
    ["an unknown option of subset", () => subset(["a"], { maximum: 1 } as never), /Unknown option `maximum` of subset/],
  ])("refuses %s", (_, make, message) => {
    expect(make).toThrow(InvalidArgumentError);
    expect(make).toThrow(message);
  });
});
