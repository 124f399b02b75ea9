import { describe, expect, it } from "vitest";
import { checkCode, readShape } from "./check-code.ts";
import type { FunctionShape } from "./function-shape.ts";

function shapeOf(text: string, name = "f"): FunctionShape {
  const shape = readShape(text, name);
  if (typeof shape === "string") throw new Error(shape);
  return shape;
}

const sync = shapeOf("function f(a: number[]): number[] { return a; }");
const later = shapeOf("async function f(a: number[]) { return a; }");
const check = (text: string, shape: FunctionShape = sync, tools: readonly string[] = []): string[] =>
  checkCode(text, { shape, tools });

describe("code that may be tried", () => {
  it.each([
    ["as it was", "function f(a: number[]): number[] { return a; }"],
    ["other types, a default", "function f(a: readonly unknown[] = []) { return a as never; }"],
    ["an arrow", "const f = (a) => a;"],
    ["a function expression", "let f = function inner(a) { return inner === f ? a : a; };"],
    [
      "helpers, types, classes, constants",
      "type A = number;\ninterface B { a: A }\nconst zero: A = Math.abs(0);\nclass C { x = this; y() { return this.x; } }\nfunction g(b: B): A { return b.a; }\nfunction f(a) { return [g({ a: zero }), new C().y()]; }",
    ],
    ["this of its own", "function f(a) { return a.map(function (x) { return this; }, a).concat({ g() { return this; } }.g()); }"],
    [
      "labels, catch, destructuring, generics",
      "function f<T>(a: T[]) { outer: for (const [i, { x, ...rest }] of a.entries()) { try { i; x; rest; break outer; } catch (e) { throw e; } } return a satisfies T[]; }",
    ],
    ["arguments", "function f(a) { return arguments.length ? a : []; }"],
    ["a directive and blanks", '"use strict";\n\n;function f(a) { return a; }\n'],
    ["async inside", "function f(a) { const g = async () => { for await (const x of a) await x; }; return a; }"],
  ])("%s", (_title, text) => {
    expect(check(text)).toEqual([]);
  });

  it("an async function may become sync, and use tools", () => {
    expect(check("function f(a) { return search(a, limit); }", later, ["search", "limit"])).toEqual([]);
    expect(check("async function f(a) { return await search(a); }", later, ["search"])).toEqual([]);
  });
});

describe("code that is refused, with its line", () => {
  it.each<[title: string, text: string, problem: string | RegExp]>([
    ["nothing", "", "expected a declaration of `function f(a)` at the top level, found none"],
    ["prose", "Here is the code you asked for.", /^line 1: \(SyntaxError\)/],
    ["cut off", "function f(a) {\n  return a", /^line 2: \(SyntaxError\)/],
    ["bad types", "function f(a: {) { return a; }", /^line 1: \(SyntaxError\)/],
    ["another name", "function g(a) { return a; }", /expected a declaration of `function f\(a\)`/],
    ["not at the top level", "function g(a) { function f(a) { return a; } return f(a); }", /at the top level, found none/],
    ["made by a call", "const f = wrap((a) => a);\nfunction wrap(x) { return x; }", /at the top level, found none/],
    ["twice", "function f(a) { return a; }\nfunction f(a) { return a; }", /^line 2: \(SyntaxError\).*already/],
    ["another parameter", "\nfunction f(b) { return b; }", "line 2: expected the parameters (a), got (b)"],
    ["one more", "function f(a, b) { return a; }", "line 1: expected the parameters (a), got (a, b)"],
    ["a rest", "function f(...a) { return a; }", "line 1: expected the parameters (a), got (...a)"],
    ["a pattern", "function f({ a }) { return a; }", "line 1: expected the parameters (a), got ({a})"],
    ["async", "async function f(a) { return a; }", "line 1: expected f to stay synchronous, got an async function"],
    ["a generator", "function* f(a) { yield a; }", "line 1: expected f to not be a generator"],
    ["import", 'import fs from "node:fs";\nfunction f(a) { return fs; }', /^line 1: expected no import/],
    ["import for its effect", 'import "node:fs";\nfunction f(a) { return a; }', /^line 1: expected no import/],
    ["import()", 'function f(a) {\n  return import("node:fs");\n}', /^line 2: expected no import/],
    ["import.meta", "function f(a) {\n  return import.meta.url;\n}", "line 2: expected no import.meta"],
    ["export", "export function f(a) { return a; }", /^line 1: expected no export/],
    ["export default", "function f(a) { return a; }\nexport default f;", /^line 2: expected no export/],
    ["require", 'function f(a) {\n  return require("fs");\n}', /^line 2: expected no `require`, which the sandbox does not have/],
    ["process", "function f(a) { return process.env; }", /^line 1: expected no `process`/],
    ["a typeof of it", "function f(a) { return typeof process; }", /^line 1: expected no `process`/],
    ["an assignment from nowhere", "function f(a) { leaked = a; return a; }", /^line 1: expected no `leaked`/],
    ["timers", "function f(a) { setTimeout(() => a); return a; }", /^line 1: expected no `setTimeout`/],
    ["proxies", "function f(a) { return new Proxy(a, {}); }", /^line 1: expected no `Proxy`/],
    [
      "eval",
      'function f(a) {\n  return eval("a");\n}',
      "line 2: expected no `eval`: code cannot be created from text in the sandbox",
    ],
    ["new Function", 'function f(a) { return new Function("return 1")(); }', /^line 1: expected no `Function`: code cannot/],
    ["with", "function f(a) { with (a) { return b; } }", /^line 1: \(SyntaxError\)/],
    ["this", "function f(a) { return this.x; }", /^line 1: expected no `this`/],
    ["this in an arrow", "const f = (a) => a.map(() => this);", /^line 1: expected no `this`/],
    ["new.target", "function f(a) { return new.target; }", "line 1: expected no new.target"],
    ["super", "function f(a) { return super.x; }", /^line 1: \(SyntaxError\)/],
    ["a statement", "function f(a) { return a; }\nf([]);", /^line 2: expected declarations only at the top level/],
    ["a loop", "while (true) {}\nfunction f(a) { return a; }", /^line 1: expected declarations only at the top level/],
    ["await at the top level", "const b = await 1;\nfunction f(a) { return a; }", "line 1: expected no await at the top level"],
    [
      "an enum",
      "\nenum A { b }\nfunction f(a) { return A.b; }",
      "line 2: expected no enum and no namespace; use a constant object",
    ],
    [
      "too long",
      `function f(a) { return a; } //${"x".repeat(100_000)}`,
      /^expected code of at most 100000 characters, got 100030$/,
    ],
    ["too deep", "(".repeat(50_000), /nested less deeply/],
    ["closing what is around it", "function f(a) { return a; } } globalThis.x = 1; {", /SyntaxError/],
  ])("%s", (_title, text, problem) => {
    const problems = check(text);
    expect(problems[0]).toEqual(typeof problem === "string" ? problem : expect.stringMatching(problem));
  });

  it("says which names there are", () => {
    expect(check("function f(a) { return lookUp(a); }", sync, ["search", "rank"])).toEqual([
      "line 1: expected no `lookUp`, which the sandbox does not have; available are the arguments, the code's own declarations, the tools (search, rank), and JavaScript's built-ins",
    ]);
  });

  it.each([
    ["members", `a${".b".repeat(40_000)}`],
    ["calls", `a${"()".repeat(40_000)}`],
    ["templates", `a${"``".repeat(40_000)}`],
    ["parentheses", `${"(".repeat(40_000)}a${")".repeat(40_000)}`],
    ["arrays", "[".repeat(40_000)],
    ["sums", `1${"+1".repeat(40_000)}`],
  ])("is nested too deeply: %s", (_title, expression) => {
    expect(check(`function f(a) { return ${expression}; }`)).toEqual([expect.stringMatching(/nested less deeply|stack space/)]);
  });

  it("tells so much that it can be read", () => {
    const problems = check(`function f(a) { return ${"q".repeat(90_000)}; }\n${"1;\n".repeat(3_000)}`);
    expect(problems.join("\n").length).toBeLessThan(4_000);
    expect(problems.at(-1)).toBe("and 2981 more");
  });

  it("takes no words about an enum for one", () => {
    expect(check("/*\nenum A {\n*/\nconst text = `\nnamespace B {\n}`;\nfunction f(a) { return text; }")).toEqual([]);
  });

  it("a first line for a shell", () => {
    expect(check("#!/usr/bin/env node\nfunction f(a) { return a; }")[0]).toMatch(/^line 1: \(SyntaxError\)/);
  });

  it("tells everything at once", () => {
    expect(check("import x from 'y';\nasync function f(b) { return this; }")).toHaveLength(4);
  });
});

describe("shapes", () => {
  it.each<[text: string, parameters: string[]]>([
    ["function f() {}", []],
    ["function f(a, b = 1, ...c) {}", ["a", "b", "...c"]],
    ["function f({ a, b: { c = 1 }, 'd-e': g, ...rest } = {}, [x, , y]) {}", ["{a, b: {c}, d-e: g, ...rest}", "[x, , y]"]],
  ])("%s", (text, parameters) => {
    expect(shapeOf(text).parameters).toEqual(parameters);
  });
});
