import { beforeAll, describe, expect, it } from "vitest";
import { StopError } from "../errors.ts";
import { CodeError } from "./code-error.ts";
import type { CodeTools } from "./guest-call.ts";
import { type CodeLimits, resolveLimits } from "./limits.ts";
import { loadSandbox, runInSandbox, type SandboxCallOptions, sandboxUse } from "./sandbox.ts";

interface RunOptions extends SandboxCallOptions {
  readonly tools?: CodeTools;
  readonly limits?: CodeLimits;
}

function run(text: string, args: readonly unknown[] = [], { tools = {}, limits, ...options }: RunOptions = {}): unknown {
  const isAsync = /async function\*? f\b/.test(text);
  return runInSandbox({ text, name: "f", isAsync, tools, limits: resolveLimits(limits) }, args, options);
}

function failure(text: string, args: readonly unknown[] = [], options: RunOptions = {}): CodeError {
  try {
    run(text, args, options);
  } catch (error) {
    expect(error).toBeInstanceOf(CodeError);
    return error as CodeError;
  }
  throw new Error("Expected the call to fail");
}

async function rejection(text: string, args: readonly unknown[] = [], options: RunOptions = {}): Promise<CodeError> {
  const error: unknown = await (run(text, args, options) as Promise<unknown>).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CodeError);
  return error as CodeError;
}

/** So that nothing here takes long on a busy machine. */
const few: CodeLimits = { steps: 1_000_000, memoryBytes: 8 * 2 ** 20 };

beforeAll(loadSandbox);

describe("a program", () => {
  it.each<[title: string, text: string, args: unknown[], result: unknown]>([
    ["has types", "function f(a: number, b: number = 2): number { return a + (b as number); }", [1], 3],
    ["is an arrow", "const f = <T,>(items: readonly T[]): T | undefined => items.at(-1);", [["x", "y"]], "y"],
    [
      "has helpers before and after",
      "const two = 2;\nfunction f(n) { return half(n) * two; }\nfunction half(n) { return n / 2; }",
      [8],
      8,
    ],
    [
      "has a class of its own",
      "class Box { #n; constructor(n) { this.#n = n; } get n() { return this.#n; } }\nfunction f(n) { return new Box(n).n; }",
      [5],
      5,
    ],
    ["recurses", "function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2); }", [10], 55],
    ["is a generator: the list of what it yields", "function* f(n) { for (let i = 0; i < n; i++) yield i; }", [3], [0, 1, 2]],
    ["ends with a comment", "function f() { return 1; } // the end", [], 1],
    [
      "uses a modern library",
      "function f(a) { return Object.groupBy(a.toSorted(), (x) => (x > 1 ? 'b' : 's')); }",
      [[2, 1]],
      { b: [2], s: [1] },
    ],
    ["sees frozen arguments as its own", "function f(a) { a.push(1); return a; }", [Object.freeze([0])], [0, 1]],
    ["logs into nothing", "function f() { console.log('x'); return 1; }", [], 1],
  ])("that %s", (_title, text, args, result) => {
    expect(run(text, args)).toEqual(result);
  });

  it("cannot change its caller's arguments", () => {
    const given = { list: [1] };
    expect(run("function f(a) { a.list.push(2); a.more = 1; return a.list.length; }", [given])).toBe(2);
    expect(given).toEqual({ list: [1] });
  });

  it.each([
    ["a counter", "let n = 0; function f() { return ++n; }", 1],
    ["a cache", "const seen = new Map(); function f() { seen.set(seen.size, 1); return seen.size; }", 1],
    ["a global", "function f() { globalThis.n = (globalThis.n ?? 0) + 1; return globalThis.n; }", 1],
    ["a prototype", "function f() { Object.prototype.n = (({}).n ?? 0) + 1; return ({}).n; }", 1],
    ["a built-in", "function f() { const old = [3].map((x) => x)[0]; Array.prototype.map = () => [9]; return old; }", 3],
  ])("keeps nothing from call to call: %s", (_title, text, result) => {
    expect([run(text), run(text), run(text)]).toEqual([result, result, result]);
  });

  it("draws the same random numbers in every call", () => {
    const text = "function f() { return [Math.random(), Math.random()]; }";
    const [first, second] = run(text) as [number, number];
    expect(first).not.toBe(second);
    expect(run(text)).toEqual([first, second]);
    expect(run(`${text}// another version`)).toEqual([first, second]);
  });

  it("has no clock, but dates", () => {
    expect(failure("function f() { return Date.now(); }").message).toContain("there is no clock in the sandbox");
    expect(failure("function f() { return new Date(); }").message).toContain("there is no clock");
    const text =
      "class D extends Date {}\nfunction f(t) { return [new Date(t).toISOString(), new D(t) instanceof Date, new Date(t).getHours()]; }";
    expect(run(text, [0])).toEqual(["1970-01-01T00:00:00.000Z", true, 0]);
  });
});

describe("failures tell what and where", () => {
  it.each<[title: string, text: string, name: string, message: string, line: number | undefined]>([
    [
      "a thrown error",
      "function f() {\n  const a = undefined;\n  return a.b;\n}",
      "TypeError",
      "cannot read property 'b' of undefined",
      3,
    ],
    [
      "an error of its own",
      "class Odd extends Error { name = 'Odd'; }\nfunction f() {\n  throw new Odd('no');\n}",
      "Odd",
      "no",
      3,
    ],
    [
      "below types that take lines",
      "interface A {\n  a: number;\n}\nfunction f(): A {\n  throw new RangeError('x');\n}",
      "RangeError",
      "x",
      5,
    ],
    ["a text", "function f() { throw 'boom'; }", "string", "boom", undefined],
    ["an object", "function f() { throw { code: 1 }; }", "object", '{"code":1}', undefined],
    ["nothing", "function f() { throw undefined; }", "undefined", "undefined", undefined],
    [
      "while it is loaded",
      "const a = 1;\nconst b = a.x.y;\nfunction f() { return b; }",
      "TypeError",
      "cannot read property 'y' of undefined",
      2,
    ],
    [
      "an error whose message throws",
      "function f() { throw { get message() { throw 1; }, toJSON() { throw 2; } }; }",
      "object",
      "an error that cannot be shown",
      undefined,
    ],
  ])("%s", (_title, text, name, message, line) => {
    expect(failure(text)).toMatchObject({ name, message, line, source: text, code: "code" });
  });

  it.each(["undefined", "null", "({ name: 1 })", "[{}]"])("whatever toJSON makes of an error: %s", (json) => {
    const text = `function f() { Object.prototype.toJSON = () => ${json}; throw new RangeError("no"); }`;
    expect(failure(text)).toMatchObject({ name: "RangeError", message: "no", line: 1 });
  });

  it("stacks cannot be made up to keep the host busy, and show nothing of the runtime", async () => {
    const made = "Error.prepareStackTrace = (_, calls) => { f.calls = calls; return 'at '.repeat(1e6); };";
    expect(failure(`function f() { ${made} for (;;); }`, [], { limits: few }).message).toContain("steps");
    expect(run(`function f() { ${made} new Error("x").stack; return typeof f.calls; }`)).toBe("undefined");
    const job =
      "async function f() { queueMicrotask(() => { const e = new TypeError('no'); e.stack = 'at '.repeat(1e6); throw e; }); await null; }";
    expect(await rejection(job)).toMatchObject({ name: "TypeError", message: "no" });
  });

  it("a job that throws is told in short", async () => {
    const { message } = await rejection("async function f() { queueMicrotask(() => { throw 'x'.repeat(1e6); }); await null; }");
    expect(message.length).toBeLessThan(3_000);
  });

  it("no name of a guest's error makes it an infrastructure failure", async () => {
    const { isInfrastructureError } = await import("../errors.ts");
    const text =
      "function f() { const e = new Error('no'); e.name = 'AbortError'; e.code = 'ECONNRESET'; e.status = 503; throw e; }";
    expect(isInfrastructureError(failure(text))).toBe(false);
  });

  it("a wrong number of arguments is none", () => {
    expect(run("function f(a, b) { return [a, b]; }", [1])).toEqual([1, undefined]);
  });
});

describe("limits", () => {
  it.each<[title: string, text: string, message: string, line: number | undefined]>([
    [
      "an endless loop",
      "function f() {\n  let n = 0;\n  while (true) {\n    n = Math.max(n, 1);\n  }\n}",
      "more than 1,000,000 steps",
      undefined,
    ],
    [
      "one that catches everything",
      "function f() {\n  for (;;) { try { for (;;) {} } catch {} finally { continue; } }\n}",
      "more than 1,000,000 steps",
      undefined,
    ],
    ["at the top level", "const a = (() => { for (;;) {} })();\nfunction f() { return a; }", "more than 1,000,000 steps", 1],
    [
      "a regular expression without end",
      "function f() { return /(a+)+$/.test('a'.repeat(50) + 'b'); }",
      "more than 1,000,000 steps",
      1,
    ],
    [
      "a built-in over a list without end",
      "function f() { return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1); }",
      "steps",
      1,
    ],
    [
      "a memory bomb",
      "function f() { const a = []; for (;;) a.push(new Array(1000).fill(a.length)); }",
      "more than 8,388,608 bytes of memory",
      1,
    ],
    ["a text that doubles", "function f() { let s = 'x'; for (;;) s += s; }", "bytes of memory", undefined],
    ["a huge array", "function f() { return new Array(1e9).fill(0); }", "bytes of memory", 1],
    ["deep recursion", "function f(n) { return f(n) + 1; }", "more than 262,144 bytes of stack: too deep a recursion", 1],
    ["recursion through a built-in", "function f() { return [1].map(f); }", "stack", 1],
    [
      "recursion while it is written",
      "function f() { const a = {}; a.toString = () => String(a); throw new Error(a); }",
      "stack",
      undefined,
    ],
  ])("%s is ended", (_title, text, message, line) => {
    const error = failure(text, [], { limits: few });
    expect(error.name).toBe("LimitError");
    expect(error.message).toContain(message);
    if (line !== undefined) expect(error.line).toBe(line);
    // The next call finds everything as it was.
    expect(run("function f(a) { return a; }", [1])).toBe(1);
  });

  it.each<[title: string, body: string]>([
    ["a search in a huge text", "return 'a'.repeat(5e6).indexOf('a'.repeat(2.5e6) + 'b');"],
    ["one that replaces", "return 'a'.repeat(5e6).replaceAll('a'.repeat(2.5e6) + 'b', '');"],
    ["huge numbers", "let n = (1n << 900000n) - 1n; for (let i = 0; i < 1000; i++) String(n); return 1;"],
    ["many large copies", "const a = new Uint8Array(3e7); for (let i = 0; i < 9e3; i++) a.fill(i); return 1;"],
    ["one while it loads", "return 1; }\nconst searched = 'a'.repeat(5e6).indexOf('a'.repeat(2.5e6) + 'b');\nfunction g() {"],
  ])("a built-in that counts no steps is ended by time, also where tools are lent: %s", (_title, body) => {
    for (const tools of [{}, { t: () => 1 }]) {
      expect(failure(`function f() { ${body} }`, [], { tools, limits: { timeMs: 100 } }).message).toBe(
        "ran longer than 100 milliseconds",
      );
    }
    expect(run("function f(a) { return a; }", [1])).toBe(1);
  });

  it("a program may catch what it ran out of, and go on", () => {
    const text = "function g() { return g() + 1; }\nfunction f() { try { g(); } catch { return 'caught'; } }";
    expect(run(text)).toBe("caught");
  });

  it("steps are the same in every run", () => {
    const turns = (steps: number): boolean => {
      try {
        run("function f() { for (let i = 0; i < 100000; i++); return 1; }", [], { limits: { steps } });
        return true;
      } catch {
        return false;
      }
    };
    expect([90_000, 90_000, 400_000, 400_000].map(turns)).toEqual([false, false, true, true]);
  });

  it.each<[CodeLimits, RegExp]>([
    [{ steps: 1 }, /limits.steps.*from 10000/],
    [{ timeMs: 0 }, /limits.timeMs/],
    [{ memoryBytes: 2 ** 31 }, /limits.memoryBytes/],
    [{ stackBytes: 1.5 }, /limits.stackBytes/],
    [{ memoryByte: 1 } as CodeLimits, /`memoryByte`.*did you mean/],
  ])("%j is refused", (limits, message) => {
    expect(() => resolveLimits(limits)).toThrow(message);
  });
});

describe("nothing of the host is inside", () => {
  it.each<[title: string, text: string]>([
    ["process", "typeof process"],
    ["require", "typeof require"],
    ["module", "typeof module"],
    ["Buffer", "typeof Buffer"],
    ["fetch", "typeof fetch"],
    ["setTimeout", "typeof setTimeout"],
    ["eval", "typeof eval"],
    ["Function", "typeof Function"],
    ["Proxy", "typeof Proxy"],
    ["WebAssembly", "typeof WebAssembly"],
    ["SharedArrayBuffer", "typeof SharedArrayBuffer"],
    ["host", "typeof host"],
    ["globalThis.process", "typeof globalThis.process"],
  ])("no %s", (_title, expression) => {
    expect(run(`function f() { return ${expression}; }`)).toBe("undefined");
  });

  it.each([
    "[].constructor.constructor('return process')()",
    "(() => 1).constructor('return process')()",
    "(async () => 1).constructor('return process')()",
    "(function* () {}).constructor('return process')()",
    "Object.getPrototypeOf(async function* () {}).constructor('return process')()",
    "t.constructor.constructor('return process')()",
    "t.constructor('return process')()",
    "Reflect.construct(t.constructor, ['return process'])()",
  ])("%s makes no code from text", (expression) => {
    const { name, message } = failure(`function f() { return ${expression}; }`, [], { tools: { t: () => 1 } });
    expect([name, message]).toEqual([
      "TypeError",
      expect.stringMatching(/code cannot be created from text|not a constructor|not a function/),
    ]);
  });

  it("import() finds nothing", async () => {
    const { message } = await rejection("async function f() { return await import('node:fs'); }");
    expect(message).toMatch(/load|module/);
  });

  it("prototypes of the host stay as they are", () => {
    run(
      `function f(a) {
      Object.prototype.polluted = 1;
      Array.prototype.polluted = 1;
      a.__proto__.polluted = 1;
      a.constructor.prototype.polluted = 1;
      return JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
    }`,
      [{}],
    );
    expect([({} as { polluted?: unknown }).polluted, ([] as { polluted?: unknown }).polluted]).toEqual([undefined, undefined]);
  });

  it("no error of the guest carries a stack or an object of the host", () => {
    const text =
      "function f() { try { t(); } catch (e) { return [e.stack, Object.keys(e), e.name, e.message, e.cause, e instanceof Error]; } }";
    const [stack, ...rest] = run(text, [], { tools: { t: secretive } }) as [string, ...unknown[]];
    expect(stack).not.toMatch(/\/|file:|node:/);
    expect(rest).toEqual([[], "SecretError", "no", undefined, true]);
  });
});

const unshowable = {
  toString() {
    throw new Error("not me");
  },
};

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

class SecretError extends Error {
  override name = "SecretError";
  readonly password = "hunter2";
}

function secretive(): never {
  throw new SecretError("no");
}

describe("results", () => {
  it.each<[title: string, expression: string, message: string]>([
    ["a getter", "{ get a() { return 1; } }", "the result.a is a getter"],
    ["a function", "() => 1", "the result is a function"],
    ["a function inside", "[1, { a: [() => 1] }]", "the result[1].a[0] is a function"],
    ["a toJSON", "{ toJSON() { return 1; } }", "the result.toJSON is a function"],
    ["a symbol", "Symbol('x')", "the result is a symbol"],
    ["a bigint", "[10n]", "the result[0] is a bigint"],
    ["a date", "new Date(0)", "the result is an instance of Date"],
    ["a map", "new Map()", "the result is an instance of Map"],
    ["an instance", "new (class Thing {})()", "the result is an instance of Thing"],
    ["an object that inherits", "Object.create({ a: 1 })", "the result is an instance of a class"],
    ["a cycle", "(() => { const a = [1]; a.push({ a }); return a; })()", "the result[1].a contains itself"],
    ["a cycle through many", "(() => { const a = {}; a.b = { c: [a] }; return a; })()", "the result.b.c[0] contains itself"],
    [
      "too deep a value",
      "(() => { let a = []; for (let i = 0; i < 1000; i++) a = [a]; return a; })()",
      "is nested more than 500 deep",
    ],
    ["a promise of a sync function", "Promise.resolve(1)", "must stay synchronous"],
    ["a thenable of a sync function", "{ then() {} }", "must stay synchronous"],
  ])("%s is refused", (_title, expression, message) => {
    const error = failure(`function f() { return ${expression}; }`);
    expect([error.name, error.message]).toEqual(["TypeError", expect.stringContaining(message)]);
  });

  it("what is too large is refused", () => {
    expect(failure("function f() { return 'x'.repeat(20e6); }").message).toMatch(/too large to leave/);
    expect(failure("function f() { const a = []; a.length = 4e9; return a; }").message).toMatch(/elements|memory|steps/);
  });

  it.each<[title: string, expression: string, value: unknown]>([
    [
      "values that JSON has no word for",
      "[undefined, NaN, Infinity, -Infinity, -0, null]",
      [undefined, Number.NaN, Infinity, -Infinity, -0, null],
    ],
    ["undefined alone", "undefined", undefined],
    ["NaN alone", "0 / 0", Number.NaN],
    ["holes", "[, 1]", [undefined, 1]],
    ["undefined properties", "{ a: undefined, b: 1 }", { a: undefined, b: 1 }],
    ["what looks like a tag", "{ $: 'NaN' }", { $: "NaN" }],
    ["what looks like a tag of a tag", "{ $: { $: 'undefined' }, a: NaN }", { $: { $: "undefined" }, a: Number.NaN }],
    ["a text like a tag", '\'{"$":"NaN"}\'', '{"$":"NaN"}'],
    ["half a character, and a zero", "'\\ud800 \\u0000 ä 🙂'", "\ud800 \u0000 ä 🙂"],
    ["an object without prototype", "Object.assign(Object.create(null), { a: 1 })", { a: 1 }],
    ["hidden properties", "Object.defineProperty({ a: 1 }, 'b', { value: () => 1 })", { a: 1 }],
    ["the same object twice", "(() => { const a = { x: 1 }; return [a, a]; })()", [{ x: 1 }, { x: 1 }]],
  ])("%s arrive", (_title, expression, value) => {
    expect(run(`function f() { return ${expression}; }`)).toEqual(value);
  });

  it("a key named __proto__ is a key", () => {
    const result = run('function f(a) { return { a, b: JSON.parse(\'{"__proto__": {"x": 1}}\'), n: NaN }; }', [
      JSON.parse('{"__proto__": {"y": 2}}'),
    ]) as { a: object; b: object };
    expect([Object.keys(result.a), Object.keys(result.b)]).toEqual([["__proto__"], ["__proto__"]]);
    expect(Object.getPrototypeOf(result.a)).toBe(Object.prototype);
    expect((result.a as { y?: unknown }).y).toBeUndefined();
  });

  it.each([
    "JSON.stringify = () => '\"spoofed\"'; JSON.parse = () => 'spoofed';",
    "Array.prototype.toJSON = () => 'spoofed'; Object.prototype.toJSON = () => 'spoofed';",
    "Array.prototype[Symbol.iterator] = function* () { yield 'spoofed'; };",
    "Object.keys = () => ['spoofed']; Object.getOwnPropertyDescriptor = () => ({ value: 'spoofed' }); Reflect.apply = () => 1;",
    "String.prototype.slice = () => 'spoofed'; String.prototype.indexOf = () => 7; Map.prototype.get = () => 1;",
    "Object.defineProperty(Array.prototype, 0, { set() {}, get: () => 'spoofed', configurable: true });",
    "globalThis.String = () => 'spoofed'; globalThis.TypeError = class {}; globalThis.Promise = class {};",
  ])("built-ins changed in the call do not reach the host: %s", (change) => {
    const value = run(`function f(a) { ${change} return { a, n: 1 }; }`, [[2, 1]]);
    // A program that spoils its own tools may spoil its own result; it stays plain data, and the next call is untouched.
    expect(JSON.stringify(value)).toMatch(/^(\{"a":\[2,1\],"n":1\}|"spoofed"|\{.*\})$/);
    expect(run("function f(a) { return { a, n: 1 }; }", [[2, 1]])).toEqual({ a: [2, 1], n: 1 });
  });

  it.each<[title: string, body: string, result: unknown]>([
    ["its own", "const a = [1]; a.toJSON = () => undefined; return a;", [1]],
    ["of all lists", "Array.prototype.toJSON = () => undefined; return [1];", [1]],
    ["of all objects", "Object.prototype.toJSON = () => undefined; return { a: NaN };", { a: Number.NaN }],
    ["of the arguments of a tool", "Array.prototype.toJSON = () => ({}); return t(1, 2);", [1, 2]],
    ["of nothing", "Array.prototype.toJSON = () => undefined; return t(1);", [1]],
  ])("no toJSON has a say: %s", (_title, body, result) => {
    expect(run(`function f() { ${body} }`, [], { tools: { t: (...given: unknown[]) => given } })).toEqual(result);
  });

  it("a getter in a list is read once", () => {
    const text = `function f() {
      let deep = [];
      for (let i = 0; i < 3000; i++) deep = [deep];
      let reads = 0;
      return Object.defineProperty([1], 0, { enumerable: true, get: () => (reads++ === 0 ? 1 : deep) });
    }`;
    expect(run(text)).toEqual([1]);
  });

  it("Symbol.species and subclasses do not matter", () => {
    const text = `class Odd extends Array { static get [Symbol.species]() { return class { constructor() { return { then: 1, get x() { throw 1; } }; } }; } }
function f() { return Odd.from([1, 2]); }`;
    expect(run(text)).toEqual([1, 2]);
  });
});

describe("arguments", () => {
  it.each<[title: string, value: unknown, message: string]>([
    ["a function", () => 1, "argument 1 is a function"],
    ["a date", [new Date(0)], "argument 1[0] is an instance of Date"],
    ["a getter", { a: Object.defineProperty({}, "b", { get: () => 1, enumerable: true }) }, "argument 1.a.b is a getter"],
    ["a bigint", 1n, "argument 1 is a bigint"],
  ])("%s does not get in", (_title, value, message) => {
    expect(failure("function f(a) { return a; }", [value]).message).toContain(message);
  });

  it("values arrive as they are", () => {
    const given = [undefined, Number.NaN, Infinity, -0, "a\u0000\ud800", [null, undefined, 1], { $: 1, a: { $: "NaN" } }];
    expect(run("function f(...a) { return [a, a.length, Object.is(a[3], -0), Object.is(a[1], NaN)]; }", given)).toEqual([
      [undefined, Number.NaN, Infinity, -0, "a\u0000\ud800", [null, undefined, 1], { $: 1, a: { $: "NaN" } }],
      7,
      true,
      true,
    ]);
  });
});

describe("tools", () => {
  it("are functions and data of the host", () => {
    const tools = { double: (n: number) => n * 2, table: { a: [1, 2] } };
    expect(run("function f(n) { return double(n) + table.a[1]; }", [5], { tools })).toBe(12);
  });

  it("data are copies, also from call to call", () => {
    const table = { a: [1] };
    const text = "function f() { table.a.push(2); return table.a.length; }";
    expect([run(text, [], { tools: { table } }), run(text, [], { tools: { table } })]).toEqual([2, 2]);
    expect(table).toEqual({ a: [1] });
  });

  it("throw into the program, which may catch it; what it lets through has the error as its cause", () => {
    const cause = new RangeError("no");
    const tools = {
      t: () => {
        throw cause;
      },
    };
    expect(
      run("function f() { try { t(); } catch (e) { return [e.name, e.message, e instanceof RangeError]; } }", [], { tools }),
    ).toEqual(["RangeError", "no", true]);
    expect(failure("function f() {\n  t();\n}", [], { tools })).toMatchObject({
      name: "RangeError",
      message: "no",
      cause,
      line: 2,
    });
  });

  it("an infrastructure failure ends the call unchanged, whatever the program would do", async () => {
    const error = new StopError("budget", "spent");
    const tools = {
      t: () => {
        throw error;
      },
      later: () => Promise.reject(error),
    };
    expect(() => run("function f() { try { t(); } catch { return 1; } }", [], { tools })).toThrow(error);
    const pending = run("async function f() { try { await later(); } catch { return 1; } }", [], { tools }) as Promise<unknown>;
    await expect(pending).rejects.toBe(error);
    await expect(run("async function f() { try { t(); } catch { return 1; } }", [], { tools })).rejects.toBe(error);
  });

  it("cannot be called while the program is loaded", () => {
    let calls = 0;
    const tools = { t: () => ++calls };
    expect(failure("const a = t();\nfunction f() { return a; }", [], { tools })).toMatchObject({
      message: "t can only be called while the function runs, not at the top level",
      line: 1,
    });
    expect(calls).toBe(0);
  });

  it("get plain data, and give it", () => {
    expect(failure("function f() { t(() => 1); }", [], { tools: { t: () => 1 } }).message).toContain(
      "what t was given[0] is a function",
    );
    expect(failure("function f() { return t(); }", [], { tools: { t: () => new Map() } }).message).toContain(
      "what t returned is an instance of Map",
    );
  });

  it.each<[title: string, tool: () => unknown, message: string]>([
    ["give what cannot be read", () => ({ revoked: revoked() }), "what t returned cannot be read"],
    ["throw what cannot be shown", () => Promise.reject(Object.assign(new Error("no"), { name: unshowable })), "cannot be shown"],
  ])("that %s fail like others, sync and async", async (_title, tool, message) => {
    const text = "async function f() { try { await t(); } catch (e) { return e.message; } }";
    expect(await run(text, [], { tools: { t: tool } })).toContain(message);
    expect(await run(text, [], { tools: { t: async () => tool() } })).toContain(message);
  });

  it("may use the sandbox themselves, also while their caller waits", async () => {
    const inner = (n: number): unknown => run("function f(n) { return n + 1; }", [n]);
    expect(run("function f(n) { return t(t(n)); }", [1], { tools: { t: inner } })).toBe(3);
    const tools = { wait: async (n: number) => inner(n) };
    const text = "async function f(n) { return (await Promise.all([wait(n), wait(n + 1)])).concat(await wait(9)); }";
    expect(await Promise.all([run(text, [1], { tools }), run(text, [5], { tools })])).toEqual([
      [2, 3, 10],
      [6, 7, 10],
    ]);
  });

  it("that are slow do not count as running", () => {
    const tools = {
      slow: () => {
        const end = performance.now() + 450;
        while (performance.now() < end);
        return 1;
      },
    };
    expect(run("function f() { return slow() + slow(); }", [], { tools, limits: { timeMs: 400 } })).toBe(2);
  });
});

describe("async programs", () => {
  it.each<[title: string, text: string, result: unknown]>([
    ["awaits", "async function f() { await null; return 1; }", 1],
    ["gives a promise of a promise", "async function f() { return Promise.resolve(Promise.resolve(2)); }", 2],
    ["is not async any more", "function g() { return 3; }\nconst f = function () { return g(); } // async function f", 3],
    ["is a generator", "async function* f() { yield 1; yield await Promise.resolve(2); }", [1, 2]],
    [
      "has changed promises",
      "async function f() { Promise.prototype.then = () => 'spoofed'; return await Promise.resolve(1); }",
      1,
    ],
    ["gives a thenable", "async function f() { return { then(ok) { ok(4); } }; }", 4],
  ])("that %s", async (_title, text, result) => {
    const pending = run(text, []);
    expect(pending).toBeInstanceOf(Promise);
    expect(await pending).toEqual(result);
  });

  it("a failure after an await has its line", async () => {
    const error = await rejection("async function f() {\n  await null;\n  throw new TypeError('late');\n}");
    expect(error).toMatchObject({ name: "TypeError", message: "late", line: 3 });
  });

  it("many promises are no failure", async () => {
    expect(
      await run("async function f(n) { let sum = 0; for (let i = 0; i < n; i++) sum += await i; return sum; }", [20_000]),
    ).toBe(199_990_000);
  });

  it("a tool that aborts the run itself ends the call with the reason", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const seen: unknown[] = [];
    controller.signal.addEventListener("abort", () => seen.push(run("function f(a) { return a; }", [1])));
    const tools = { stop: () => controller.abort(reason) };
    const text = "async function f() { await null; try { stop(); } catch {} return 1; }";
    await expect(run(text, [], { tools, signal: controller.signal })).rejects.toBe(reason);
    expect(seen).toEqual([1]);
  });

  it("a failure of an async tool has the line of its call", async () => {
    const tools = { t: () => Promise.reject(new RangeError("no")) };
    const error = await rejection("async function f() {\n  const a = 1;\n  await t();\n}", [], { tools });
    expect(error).toMatchObject({ name: "RangeError", message: "no", line: 3 });
  });

  it.each([
    "async function f() { return new Promise(() => {}); }",
    "async function f() { await new Promise(() => {}); }",
    "async function f() { await t(); await { then() {} }; }",
    "async function f() { for (;;) await new Promise(() => {}); }",
  ])("a promise that can never settle is told at once: %s", async (text) => {
    const { message } = await rejection(text, [], { tools: { t: async () => 1 } });
    expect(message).toContain("can never settle");
  });

  it("endless work between promises is ended", async () => {
    const { name } = await rejection("async function f() { for (;;) await null; }", [], { limits: few });
    expect(name).toBe("LimitError");
    const chained = await rejection("async function f() { const g = () => Promise.resolve().then(g); return g(); }", [], {
      limits: few,
    });
    expect(chained.name).toBe("LimitError");
  });

  it("an abort ends it with the reason of the signal, unchanged, and what comes later is nothing", async () => {
    const controller = new AbortController();
    const reason = { why: "enough" };
    let settle: (value: number) => void = () => undefined;
    const tools = {
      wait: () =>
        new Promise<number>((resolve) => {
          settle = resolve;
        }),
    };
    const before = sandboxUse().idleMachines;
    const pending = run("async function f() { return await wait(); }", [], {
      tools,
      signal: controller.signal,
    }) as Promise<unknown>;
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
    settle(1);
    expect(run("function f(a) { return a; }", [1])).toBe(1);
    expect(sandboxUse().idleMachines).toBeLessThanOrEqual(before + 1);
    await expect(run("async function f() { return 1; }", [], { signal: controller.signal })).rejects.toBe(reason);
    expect(() => run("function f() { return 1; }", [], { signal: controller.signal })).toThrow(reason as unknown as Error);
  });

  it("64 at once, each in a memory of its own", async () => {
    const tools = { wait: (n: number) => new Promise((resolve) => setImmediate(resolve, n)) };
    const text = "let own = 0; async function f(n) { own += n; const got = await wait(n); return own === n && got === n; }";
    const results = await Promise.all(Array.from({ length: 64 }, (_, n) => run(text, [n], { tools })));
    expect(results.every((same) => same === true)).toBe(true);
    expect(sandboxUse().idleMachines).toBeLessThanOrEqual(8);
  });
});
