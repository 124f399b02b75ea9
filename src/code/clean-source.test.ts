/**
 * Texts of running functions without what tools put in.
 *
 * @module
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code in strings is what is tested
import { describe, expect, it } from "vitest";
import { cleanSource } from "./clean-source.ts";
import { type FunctionText, readFunction } from "./syntax.ts";

describe("cleanSource", () => {
  it.each([
    [
      "names kept by esbuild",
      '(x)=>{const f=/* @__PURE__ */ __name((y)=>y,"f");return f(x)}',
      "(x)=>{const f=(y)=>y;return f(x)}",
    ],
    [
      "names of declarations",
      '(x) => {\n  function f() {}\n  __name(f, "f");\n  return f;\n}',
      "(x) => {\n  function f() {}\n  return f;\n}",
    ],
    ["names of classes", '()=>{class A{static{__name(this,"A")}x=1}}', "()=>{class A{x=1}}"],
    ["imports of vite", "(a) => (0,__vi_import_0__.f)(a, __vi_import_1__.g(a))", "(a) => f(a, g(a))"],
    ["imports of vite 8", "(a) => (0, __vite_ssr_import_0__.f)((0, __vite_ssr_import_1__.g)(a))", "(a) => f(g(a))"],
    ["imports of tsc", "(a) => (0, some_file_js_1.f)((0, node_path_1.g)(a)) + file_ts_2.h", "(a) => f(g(a)) + h"],
    ["imports of esbuild", "(a) => (0, import_node_path.f)(a) + import_x.g", "(a) => f(a) + g"],
    [
      "class fields",
      '() => class { constructor() { __publicField(this, "x", __name(() => 1, "x")); } }',
      "() => class { constructor() { this.x = () => 1; } }",
    ],
    ["counters of istanbul", "(a)=>{cov_1x().f[0]++;cov_1x().s[0]++;return cov_1x().b[0][1]++,a}", "(a)=>{return a}"],
    ["a method", 'sort(a){return __name(()=>a,"f")}', "sort(a){return ()=>a}"],
    ["nothing", "async (x) => `__name(${x})` // (0, x.y)", "async (x) => `__name(${x})` // (0, x.y)"],
    ["nothing of the author's", "(a) => (0, a.b)(1) + a.map((x) => (x, 0))", "(a) => (0, a.b)(1) + a.map((x) => (x, 0))"],
    ["helpers that change what runs", "() => _asyncToGenerator(function* () {})", "() => _asyncToGenerator(function* () {})"],
  ])("takes away %s", (_, text, cleaned) => {
    expect(cleanSource(readFunction(text) as FunctionText)).toBe(cleaned);
  });
});
