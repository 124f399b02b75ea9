import { describe, expect, it } from "vitest";
import { type ArgumentName, argumentNames } from "./arguments.ts";

type Fn = (...args: never[]) => unknown;

class Base {
  name = "base";
}
const computed = "computed name";

class Example extends Base {
  static shared(a: number): number {
    return a;
  }
  readonly #secret = 1;
  field = (a: number): number => a + this.#secret;
  method(a: number, b = 2): number {
    return a + b + this.#secret;
  }
  async asyncMethod(a: number): Promise<number> {
    return a;
  }
  *generator(a: number): Generator<number> {
    yield a;
  }
  [computed](a: number): number {
    return a;
  }
  overridden(a: number): string {
    return super.toString() + a;
  }
}
const example = new Example();
const { url } = import.meta;

describe("argumentNames", () => {
  it.each<[string, Fn, string[]]>([
    ["an arrow", (a: number, b: number) => a + b, ["a", "b"]],
    ["an arrow with one bare parameter", Function("return a => a")() as Fn, ["a"]],
    ["an async arrow", async (a: number) => a, ["a"]],
    [
      "a function",
      function named(a: number) {
        return a;
      },
      ["a"],
    ],
    [
      "an async generator",
      async function* (a: number) {
        yield a;
      },
      ["a"],
    ],
    ["a method", example.method, ["a", "b"]],
    ["an async method", example.asyncMethod, ["a"]],
    ["a generator method", example.generator, ["a"]],
    ["a computed method", example[computed], ["a"]],
    ["a static method", Example.shared, ["a"]],
    ["a field that uses a private name", example.field, ["a"]],
    ["a method that uses super", example.overridden, ["a"]],
    ["one that uses import.meta", (a: string) => a + import.meta.url + url, ["a"]],
    ["one that awaits an import", async (a: string) => (await import("node:fs")).existsSync(a), ["a"]],
    ["defaults", (a = 1, b = "),}") => [a, b], ["a", "b"]],
    ["comments and strings that look like parameters", (a /* , x */ = "y, z" /* ( */, b = 1) => [a, b], ["a", "b"]],
    ["rest", (a: number, ...more: number[]) => [a, more], ["a", "...more"]],
    ["a pattern", ({ a, b: { c } }: { a: number; b: { c: number } }) => [a, c], ["{argument0}"]],
    ["a pattern with a default", ({ a = 1 }: { a?: number } = {}) => a, ["{argument0}"]],
    ["a list pattern", ([a]: number[]) => a, ["{argument0}"]],
    ["a pattern as rest", (...[a, b]: number[]) => [a, b], ["...argument0"]],
    ["no parameters", () => 1, []],
    ["a native function", Math.max as Fn, []],
    ["a bound function", ((a: number) => a).bind(null), []],
    ["a class", class {} as unknown as Fn, []],
    ["a proxy", new Proxy((a: number) => a, {}), []],
    ["one that spoofs its text", Object.assign((a: number) => a, { toString: () => "(b) => b" }), ["a"]],
  ])("of %s", (_, fn, expected) => {
    expect(argumentNames(fn).map(shown)).toEqual(expected);
  });
});

function shown({ name, kind }: ArgumentName): string {
  if (kind === "rest") return `...${name}`;
  return kind === "pattern" ? `{${name}}` : name;
}
