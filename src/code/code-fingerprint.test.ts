/**
 * Fingerprints of code: what counts as a change and what does not.
 *
 * @module
 */
import { Session } from "node:inspector";
import { Parser } from "acorn";
import { transformSync } from "esbuild";
import { transform } from "sucrase";
import ts from "typescript";
import { describe, expect, it, vi } from "vitest";
import { methodsOf, withCodeFingerprints } from "./code-fingerprint.ts";

type AnyFunction = (...args: never[]) => unknown;
type InspectorAnswer = (error: Error | null, answer?: { readonly result?: { readonly length?: number } }) => void;

const of = (fn: AnyFunction): string => withCodeFingerprints((codeFingerprint) => codeFingerprint(fn));
/** Functions of a text, each in a file of its own. */
const written = (text: string): AnyFunction => new Function(`return (${text}\n);`)() as AnyFunction;

describe("the same code", () => {
  it.each<[string, string, string]>([
    ["whitespace", "(a, b) => a + b", "(a,b)  =>\n\n  a +\tb"],
    ["comments", "(a) => a", "/* first */ (a) => /* second */ a"],
    ["quotation marks", '(a) => a + "x"', "(a) => a + 'x'"],
    ["a template without slots", '(a) => a + "x"', "(a) => a + `x`"],
    ["parentheses", "a => (a * 2)", "(a) => a * 2"],
    ["keys", "(a) => ({ b: a.c })", '(a) => ({ "b": a["c"] })'],
    ["constants", "(a) => a === true ? undefined : 1000", "(a) => a === !0 ? void 0 : 1e3"],
    ["semicolons", "function (a) { return a }", "function (a) { return a;; }"],
    ["the function's own name", "function one(a) { return a; }", "function two(a) { return a; }"],
    [
      "the block of one statement",
      "(a) => { if (a) return 1; else throw a; }",
      "(a) => { if (a) { return 1; } else { throw a; } }",
    ],
    ["the block around what an arrow function gives", "(a) => a + 1", "(a) => { return a + 1; }"],
    ["helpers of compilers", "(a) => a.map((b) => b)", '(a) => a.map(__name((b) => b, "b"))'],
    ["compiled imports", "(a) => parse(a)", "(a) => (0, parse_js_1.parse)(a)"],
  ])("whatever the %s", (_, one, other) => {
    expect(of(written(other))).toBe(of(written(one)));
  });

  it("compiled by esbuild, sucrase or tsc", () => {
    const source =
      "const judge = async (question: string, answer: number[], right: { n?: number }): Promise<number> => {\n" +
      "  // how far it is\n  const sum = answer.reduce((total, one) => total + one, 0);\n" +
      "  return right.n === undefined ? 0 : -Math.abs((sum as number) - right!.n!) / `\u0024{question}`.length;\n};";
    const compiled = [
      transformSync(source, { loader: "ts", target: "es2022" }).code,
      transformSync(source, { loader: "ts", target: "es2022", keepNames: true }).code,
      transformSync(source, { loader: "ts", target: "es2022", minifyWhitespace: true }).code,
      transform(source, { transforms: ["typescript"], disableESTransforms: true }).code,
      ts.transpile(source, { target: ts.ScriptTarget.ES2022 }),
      ts.transpile(source, { target: ts.ScriptTarget.ES2022, removeComments: true }),
    ];
    const judges = compiled.map((code) => new Function(`${code}\nreturn judge;`)() as AnyFunction);
    expect(new Set(judges.map(of)).size).toBe(1);
  });
});

describe("objects around a function", () => {
  const inFile = (text: string): AnyFunction => new Function(text)() as AnyFunction;

  it("count with the functions that they have", () => {
    const judge = (score: string): string =>
      of(inFile(`const scorers = { exact(a) { return ${score}; }, other: 1 }; return (a) => scorers.exact(a);`));
    expect(judge("1")).toBe(judge("1"));
    expect(judge("1")).not.toBe(judge("2"));
  });

  it("count with the plain options that a function was made from", () => {
    const judge = (options: string): string =>
      of(inFile(`const make = (options) => (a) => (options.strict ? 1 : options.weight * a); return make(${options});`));
    expect(judge("{ weight: 0.5 }")).toBe(judge("{ weight: 0.5, port: 41234, path: '/tmp/x' }"));
    expect(judge("{ weight: 0.5 }")).not.toBe(judge("{ weight: 0.7 }"));
    expect(judge("{ other: true }")).toBe(judge("{ other: false }"));
    expect(judge("{ strict: true }")).not.toBe(judge("{ strict: false }"));
  });

  it("do not count with what an earlier run has put into them", () => {
    const judge = inFile("const cache = {}; return (a) => (cache[a] ??= () => a)();") as (key: string) => unknown;
    const before = of(judge);
    judge("b");
    expect(of(judge)).toBe(before);
  });
});

describe("other code", () => {
  it.each<[string, string, string]>([
    ["an operator", "(a, b) => a + b", "(a, b) => a - b"],
    ["a number", "(a) => a * 2", "(a) => a * 20"],
    ["a text", '(a) => a + "x"', '(a) => a + "x "'],
    ["a text inside a template", "(a) => `\u0024{a} x`", "(a) => `\u0024{a} y`"],
    ["a text that looks like a number", '(a) => a + "1"', "(a) => a + 1"],
    ["async", "(a) => a", "async (a) => a"],
    ["a default", "(a = 1) => a", "(a = 2) => a"],
    ["a called function", "(a) => one(a)", "(a) => two(a)"],
    ["a regular expression", "(a) => /a/.test(a)", "(a) => /a/i.test(a)"],
    ["an optional link", "(a) => a.b", "(a) => a?.b"],
    ["a key", "(a) => ({ b: a })", "(a) => ({ c: a })"],
    ["a template", "(a) => tag`x`", "(a) => tag`y`"],
    ["a class", "class { a() { return 1; } }", "class { a() { return 2; } }"],
  ])("by %s", (_, one, other) => {
    expect(of(written(other))).not.toBe(of(written(one)));
  });
});

const helper = (x: number): number => inner(x) + 1;
const inner = (x: number): number => (x > 10 ? helper(x - 1) : x);

describe("functions that a function uses", () => {
  const calling = (f: (x: number) => number) => (x: number) => f(x);

  it("count, where they are of the same file: closed over, and at the top of the module", () => {
    expect(of(calling((x) => x + 1))).toBe(of(calling((x) => x + 1)));
    expect(of(calling((x) => x + 1))).not.toBe(of(calling((x) => x + 2)));
    const through = (f: (x: number) => number) => calling(calling(f));
    expect(of(through((x) => x + 1))).not.toBe(of(through((x) => x + 2)));
    expect(of((x: number) => helper(x))).toBe(of((x: number) => helper(x)));
  });

  it("are known of the functions that have the name only", () => {
    const unused = (_x: number): number => 1;
    const make = (other: (x: number) => number) => ({ fn: (x: number) => x, other: (x: number) => other(x) });
    expect(of(make(unused).fn)).toBe(of(make(helper).fn));
  });

  it("do not count where they are native, or of other files", () => {
    expect(of(calling(Math.abs as (x: number) => number))).toBe(of(calling(Math.sign as (x: number) => number)));
    expect(of(calling(written("(x) => x") as never))).toBe(of(calling(written("(x) => -x") as never)));
  });

  it.each<[string, (text: string) => AnyFunction]>([
    ["closed over", (text) => () => text],
    ["used by a function that it uses", (text) => calling(((x: number) => x + text.length) as never)],
  ])("have texts that count, where they are of several words: %s", (_, using) => {
    const rubric = using("One point for each city.");
    expect(of(using("One point for each city."))).toBe(of(rubric));
    expect(of(using("Two points for each city."))).not.toBe(of(rubric));
    expect(of(using("/tmp/a"))).toBe(of(using("/tmp/b")));
  });

  it("are found by one look at the variables of a module, of which a bundle has thousands", async () => {
    const functions = Array.from({ length: 60 }, (_, index) => `function f${index}(x) { return f${(index + 1) % 60}(x); }`);
    const text = `${functions.join("\n")}\nexport const first = f0;`;
    // As Node imports it: the test runner puts a file into a function.
    const url = `data:text/javascript,${encodeURIComponent(text)}`;
    const { first } = (await import(/* @vite-ignore */ url)) as { readonly first: AnyFunction };
    const { post } = Session.prototype;
    let looks = 0;
    Session.prototype.post = function (this: Session, method: string, parameters: object, done: InspectorAnswer) {
      Reflect.apply(post, this, [
        method,
        parameters,
        (...[error, answer]: Parameters<InspectorAnswer>) => {
          if ((answer?.result?.length ?? 0) >= 60) looks++;
          done(error, answer);
        },
      ]);
    } as typeof post;
    try {
      expect(of(first)).not.toBe(of(written("(x) => f1(x)")));
    } finally {
      Session.prototype.post = post;
    }
    expect(looks).toBe(1);
  });

  /** The function that a module exports, as Node imports it. */
  const exported = async (text: string): Promise<AnyFunction> => {
    const url = `data:text/javascript,${encodeURIComponent(text)}`;
    return ((await import(/* @vite-ignore */ url)) as { readonly default: AnyFunction }).default;
  };
  const guide = (declarations: string, use = "eps"): string =>
    `${declarations}\nexport default (a, b) => Math.abs(a - b) < ${use};`;

  it.each<[string, string, string]>([
    ["a number", guide("const eps = 0.1;"), guide("const eps = 0.2;")],
    ["a number of many digits", guide("const eps = 12345678;"), guide("const eps = 12345679;")],
    [
      "a number that another is made of",
      guide("const base = 1; const eps = base / 10;"),
      guide("const base = 2; const eps = base / 10;"),
    ],
    ["an object", guide("const w = { a: 1, b: [2] };", "w.a"), guide("const w = { a: 1, b: [3] };", "w.a")],
    ["a set of words", guide('const w = new Set(["a"]);', "w.size"), guide('const w = new Set(["b"]);', "w.size")],
    ["a word", guide('const mode = "strict";', "mode"), guide('const mode = "loose";', "mode")],
    ["what is taken apart", guide("const { eps } = { eps: 1 };"), guide("const { eps } = { eps: 2 };")],
    [
      "what a counter begins with",
      guide("let eps = 1; export const next = () => eps++;"),
      guide("let eps = 2; export const next = () => eps++;"),
    ],
    [
      "a number that a method uses",
      "const eps = 1; class A { static m(a) { return a < eps; } }\nexport default A.m;",
      "const eps = 2; class A { static m(a) { return a < eps; } }\nexport default A.m;",
    ],
    [
      "a number that a function of the file uses",
      "const eps = 1; function near(a) { return a < eps; }\nexport default (a) => near(a);",
      "const eps = 2; function near(a) { return a < eps; }\nexport default (a) => near(a);",
    ],
  ])("have constants that count: %s", async (_, one, other) => {
    expect(of(await exported(other))).not.toBe(of(await exported(one)));
    expect(of(await exported(`// The same\n${one}`))).toBe(of(await exported(one)));
  });

  it.each<[string, string, string]>([
    ["the writing of a number", guide("const eps = 0.1;"), guide("const eps = .10;")],
    ["a constant that is not used", guide("const eps = 1; const other = 2;"), guide("const eps = 1; const other = 3;")],
    ["a constant called like a key", guide("const eps = 1;", "a.eps"), guide("const eps = 2;", "a.eps")],
    ["a constant called like an argument", "const a = 1;\nexport default (a) => a;", "const a = 2;\nexport default (a) => a;"],
    [
      "a time",
      guide("const eps = 1764297360000 + performance.now();"),
      guide("const eps = 1764297360000 + performance.now(); // later"),
    ],
    ["a random number", guide("const eps = Math.random();"), guide("const eps = Math.random(); // again")],
    ...[
      "globalThis.process.argv.length > 1",
      "new Date().getDate()",
      "Math.random() < 0.5",
      "Boolean(import.meta.url.length)",
      "Number(globalThis.process.env.N ?? 4)",
    ].map((read): [string, string, string] => [
      `what a program's main function reads: ${read}`,
      `function main() { const eps = [${read}, 1][1]; return (a) => a < eps; }\nexport default main();`,
      `function main() { const eps = [${read}, 2][1]; return (a) => a < eps; }\nexport default main();`,
    ]),
  ])("do not count by %s", async (_, one, other) => {
    expect(of(await exported(other))).toBe(of(await exported(one)));
  });

  it("have arguments of the function around them that count, where these are numbers as people write them, or truth values", () => {
    const within = (eps: number) => (a: number, b: number) => Math.abs(a - b) < eps;
    const strictly = (isStrict: boolean) => () => isStrict;
    expect(of(within(0.1))).not.toBe(of(within(0.25)));
    expect(of(within(0.1))).toBe(of(within(0.1)));
    expect(of(within(54_321))).toBe(of(within(54_322)));
    expect(of(strictly(true))).not.toBe(of(strictly(false)));
  });

  it("have what the function around them makes of its arguments and of constants, which counts", () => {
    const within = (options: { readonly percent: number }) => {
      const share = options.percent / 100;
      const { least } = { least: Math.min(share, 0.5) };
      return (a: number) => a < least;
    };
    expect(of(within({ percent: 10 }))).not.toBe(of(within({ percent: 20 })));
    expect(of(within({ percent: 10 }))).toBe(of(within({ percent: 10 })));
    const circular = (start: number) => {
      const even = (n: number): boolean => (n === start ? true : odd(n - 1));
      const odd = (n: number): boolean => (n === start ? false : even(n - 1));
      return (n: number) => even(n) || odd(n);
    };
    expect(of(circular(1))).toBe(of(circular(1)));
  });

  it("have a file that is read once for all the functions in it", async () => {
    const functions = Array.from(
      { length: 60 },
      (_, at) => `const f${at} = (a) => a < eps ? a : ${at === 0 ? "a" : `f${at - 1}(a)`};`,
    );
    const fn = await exported(`const eps = 0.1;\n${functions.join("\n")}\nexport default (a) => f59(a);`);
    const parse = vi.spyOn(Parser, "parse");
    try {
      of(fn);
      expect(parse.mock.calls.filter(([text]) => text.startsWith("const eps")).length).toBe(1);
    } finally {
      parse.mockRestore();
    }
  });

  it("have counters and lists that grow, which do not count", () => {
    const counting = (start: number) => {
      let count = start;
      return () => count++;
    };
    expect(of(counting(1))).toBe(of(counting(2)));
    const seen: string[] = [];
    const collecting = (text: string): number => seen.push(text);
    const before = of(collecting as AnyFunction);
    collecting("a");
    expect(of(collecting as AnyFunction)).toBe(before);
  });

  it("leave nothing behind", () => {
    expect(
      Reflect.ownKeys(globalThis)
        .map(String)
        .filter((key) => key.includes("opto")),
    ).toEqual([]);
  });
});

it("methods, getters and setters are those of the classes, also such that are overridden", () => {
  class Base {
    one(): number {
      return 1;
    }
  }
  class Derived extends Base {
    override one(): number {
      return super.one() + 1;
    }
    get two(): number {
      return 2;
    }
    field = (): number => 3;
  }
  expect(methodsOf(new Derived(), () => false).map(([name]) => name)).toEqual(["0 get two", "0 value one", "1 value one"]);
  expect(methodsOf(new Derived(), (prototype) => prototype === Base.prototype).map(([name]) => name)).toEqual([
    "0 get two",
    "0 value one",
  ]);
});
