/**
 * Which compiled function is which written one.
 *
 * @module
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code in strings is what is tested
import { describe, expect, it } from "vitest";
import { couldBeSame, countRenames } from "./same-code.ts";
import { type FunctionNode, isFunction, readFunction, readProgram, type SyntaxNode, walk } from "./syntax.ts";

function written(text: string): FunctionNode {
  let found: FunctionNode | undefined;
  walk(readProgram(`(${text})`, { typescript: true }) as SyntaxNode, (node) => {
    if (isFunction(node)) found ??= node;
  });
  return found as FunctionNode;
}

function running(text: string): FunctionNode {
  return readFunction(text)?.node as FunctionNode;
}

const imports = new Map([
  ["basename", "basename"],
  ["join", "joinPaths"],
  ["path", "*"],
  ["zod", "default"],
]);

describe("countRenames", () => {
  it.each<[string, string, number]>([
    ["(x) => x + 1", "(x: number): number => (x as number) + 1", 0],
    ["function f(a){return a?.b.c}", "function f(this: void, a?: A) { return a?.b!.c; }", 0],
    ['()=>["a",\'b\',1e3,!0,void 0,"t"]', "() => ['a', \"b\", 1_000, true, undefined, `t`]", 0],
    [
      '(x)=>{const f=__name((y)=>y,"f");return f(x)}',
      "(x) => { type A = 1; interface B {} const f = (y: A) => y; ; return f(x); }",
      0,
    ],
    [
      '()=>{class A{static{__name(this,"A")}x=1}return A}',
      "() => { class A { private readonly x: number = 1; declare y: 2; } return A; }",
      0,
    ],
    ["(a)=>(0,__vi_import_0__.basename)(a)", "(a: string) => basename(a)", 0],
    ["(a)=>(0,foo_js_1.joinPaths)(a)", "(a) => join(a)", 0],
    ["(a)=>import_path.join(a)", "(a) => path.join(a)", 1],
    ["(a)=>zod_1.default.object(a)", "(a) => zod.object(a)", 0],
    ["(a)=>join2(a)", "(a) => path.join(a)", 0],
    ["(a)=>helper2(a)", "(a) => helper(a)", 1],
    ["function f2(n){return n?f2(n-1):0}", "function f(n: number): number { return n ? f(n - 1) : 0; }", 1],
    ["(a)=>{cov_1x2().f[0]++;cov_1x2().s[3]++;return cov_1x2().b[0][0]++,a}", "(a) => { return a; }", 0],
    ["({a:b,...c})=>({b,c,['d']:1})", "({ a: b, ...c }: T) => ({ b, c, d: 1 })", 0],
    ["(a)=>/x\\/y/gi.test(a)", "(a) => /x\\/y/gi.test(a)", 0],
  ])("takes %j for %j", (compiled, original, renames) => {
    expect(countRenames(running(compiled), written(original), imports)).toBe(renames);
  });

  it.each([
    ["(x) => x + 1", "(x) => x + 2"],
    ["(x) => x + 1", "(x, y) => x + 1"],
    ["(x) => x", "async (x) => x"],
    ["(x) => x", "function (x) { return x; }"],
    ["function(x){return x}", "function* (x) { return x; }"],
    ["(x) => foo(x)", "(x) => bar(x)"],
    ["(x) => x.foo", "(x) => x.bar"],
    ["(x) => x.foo", "(x) => x[foo]"],
    ["(x) => x?.foo", "(x) => x.foo"],
    ["(x) => x.a.b(x)", "(x) => basename(x)"],
    ["(a, a2) => a + a2", "(a, a2) => a + a"],
    ["(a, b) => a2 + b", "(a, b) => a2 + a"],
    ["(a) => /x/g", "(a) => /x/i"],
    ["(a) => 1n", "(a) => 2n"],
    ["(a) => 0", "(a) => -0"],
    ["(a = 1) => a", "(a) => a"],
    ["(...a) => a", "(a) => a"],
    ["(a) => { a; }", "(a) => { a; a; }"],
    ["(a) => `x${a}`", "(a) => `y${a}`"],
  ])("does not take %j for %j", (compiled, original) => {
    expect(countRenames(running(compiled), written(original), imports)).toBeUndefined();
  });
});

describe("couldBeSame", () => {
  it.each([
    ['n=>n.key?`a${n.key}`:"none"', "(item: Item) => { if (item.key) return `a${item.key}`; return 'none'; }", true],
    ["n=>n.key", "(item: Item) => item.other", false],
    ['n=>n.key+"a"', "(item: Item) => item.key + 'b'", false],
    ["n=>n.key", "(item: Item) => item.key + 'b'", false],
    ["(n,t)=>n.key", "(item: Item) => item.key", false],
    ["async n=>n.key", "(item: Item) => item.key", false],
  ])("of %j and %j", (compiled, original, expected) => {
    expect(couldBeSame(running(compiled), written(original))).toBe(expected);
  });
});
