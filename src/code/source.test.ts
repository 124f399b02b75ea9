/**
 * What `sourceOf` gives and refuses, in this very process.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { callSite } from "./call-site.ts";
import { type FunctionSource, sourceOf } from "./source.ts";

function capture(fn: (...args: never[]) => unknown, name?: string): FunctionSource {
  return sourceOf(fn, { ...(name === undefined ? {} : { name }), site: callSite(capture) });
}

describe("sourceOf", () => {
  it("is what stands in this file", () => {
    const { text, place } = capture(function add(a: number, b: number): number {
      // By hand.
      return a + b;
    });
    expect(text).toBe("function add(a: number, b: number): number {\n  // By hand.\n  return a + b;\n}");
    expect(place?.file).toContain("source.test.ts");
  });

  it("names a function by where it is kept, unless told otherwise", () => {
    const inner = (a: number): number => a;
    const holder = { kept: capture((a: number) => -a) };
    expect(holder.kept).toMatchObject({ name: "kept", text: "const kept = (a: number) => -a;" });
    expect(capture(inner).text).toBe("const inner = (a: number): number => a;");
    expect(capture(inner, "renamed").text).toBe("const renamed = (a: number): number => a;");
    expect(
      capture(function own(a: string) {
        return a;
      }, "renamed").text,
    ).toMatch(/^const renamed = function own\(a: string\) \{/);
  });

  it("finds a method, also of a private name", () => {
    class Agent {
      async *#steps<T>(items: readonly T[]): AsyncGenerator<T> {
        yield* items;
      }
      source(): FunctionSource {
        return capture(this.#steps);
      }
    }
    expect(new Agent().source().text).toBe(
      "async function* steps<T>(items: readonly T[]): AsyncGenerator<T> {\n  yield* items;\n}",
    );
  });

  it("keeps every line of a template where it is", () => {
    const { text } = capture(function poem(): string {
      return `one
        two
    three`;
    });
    expect(text).toBe("function poem(): string {\n  return `one\n        two\n    three`;\n}");
  });

  it("is the function's own text where there is no call site", () => {
    const { text, place, name } = sourceOf((a: number) => a * 2, { site: undefined });
    expect({ name, place }).toEqual({ name: "operation", place: undefined });
    expect(text).toBe("const operation = (a) => a * 2;");
  });

  it("declares a method of which only the text is there", () => {
    const tools = {
      async twice(a: number) {
        return a * 2;
      },
    };
    expect(sourceOf(tools.twice, { site: undefined }).text).toMatch(/^async function twice\(a\) \{\n\s+return a \* 2;\n\}$/);
  });

  it("is not deceived by another function of the same name", () => {
    const made = new Function("a", "return a - 1") as (a: number) => number;
    Object.defineProperty(made, "name", { value: "add" });
    expect(capture(made)).toMatchObject({ name: "add", place: undefined });
    expect(capture(made).text).toContain("return a - 1");
  });

  it.each<[string, (...args: never[]) => unknown, string]>([
    ["a native function", Math.max, "native, bound or a class"],
    ["a bound function", (() => 1).bind(null), "native, bound or a class"],
    ["a class", class {} as never, "native, bound or a class"],
  ])("refuses %s", (_, fn, problem) => {
    expect(() => capture(fn)).toThrow(InvalidArgumentError);
    expect(() => capture(fn)).toThrow(problem);
  });

  it.each(["sort list", "class", "1st", "a;b", "await"])("refuses the name %j", (name) => {
    expect(() => capture(() => 1, name)).toThrow(/have a name that JavaScript can declare, such as sortList, got/);
  });
});
