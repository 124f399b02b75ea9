/**
 * Learned functions as a file: what it looks like, and that it runs.
 *
 * @module
 */
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { type CodeToWrite, writeCodeFile } from "./generated-file.ts";

/** Compiles and runs the file; a module of its own each time. */
async function run(file: string): Promise<Record<string, (...args: unknown[]) => unknown>> {
  const { outputText, diagnostics = [] } = ts.transpileModule(file, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
  });
  expect(diagnostics.map(({ messageText }) => messageText)).toEqual([]);
  return import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(outputText)}`);
}

const sortList: CodeToWrite = {
  path: "sortList",
  name: "sortList",
  description: "Sorts numbers ascending.",
  text: "function sortList(items: number[]): number[] {\n  return items.toSorted((a, b) => a - b);\n}",
};

describe("writeCodeFile", () => {
  it("exports each function under the parameter it was", () => {
    const double = { path: "math.double", name: "double", text: "/** Twice. */\nconst double = (x: number): number => x * 2;" };
    expect(writeCodeFile([sortList, double])).toBe(`/**
 * Functions that an optimizer has learned, written by opto. Each is exported; the line above it names its parameter.
 */

// sortList: Sorts numbers ascending.
export function sortList(items: number[]): number[] {
  return items.toSorted((a, b) => a - b);
}

// math.double (double)
/** Twice. */
export const double = (x: number): number => x * 2;
`);
  });

  it("gives functions that work", async () => {
    const module = await run(writeCodeFile([sortList]));
    expect(module.sortList?.([3, 1, 2])).toEqual([1, 2, 3]);
  });

  it("tells helpers of one name apart", async () => {
    const text = (name: string, step: number): string =>
      `const step = ${step};\nfunction ${name}(x: number): number {\n  return add(x);\n}\nfunction add(x: number) {\n  return x + step;\n}`;
    const file = writeCodeFile([
      { path: "one", name: "one", text: text("one", 1) },
      { path: "two", name: "two", text: text("two", 2) },
    ]);
    const { one, two } = await run(file);
    expect([one?.(10), two?.(10)]).toEqual([11, 12]);
    expect(file).toContain("export const one = (() => {\n  const step = 1;\n");
  });

  it("leaves a program with helpers of its own open", () => {
    const text = "const half = 0.5;\nfunction scale(x: number) {\n  return x * half;\n}";
    expect(writeCodeFile([sortList, { path: "scale", name: "scale", text }])).toContain(
      "// scale\nconst half = 0.5;\nexport function scale(x: number) {\n  return x * half;\n}\n",
    );
  });

  it("names functions of one name by their paths", async () => {
    const sort = (path: string, sign: string): CodeToWrite => ({
      path,
      name: "sort",
      text: `function sort(items: number[]): number[] {\n  return items.length < 2 ? items : [sort, items.toSorted((a, b) => ${sign}(a - b))][1] as number[];\n}`,
    });
    const module = await run(
      writeCodeFile([sort("up.sort", "+"), sort("down.sort", "-"), sort("down.0.sort", "-"), sort("0", "+")]),
    );
    expect(Object.keys(module).toSorted()).toEqual(["down0Sort", "downSort", "sortOf0", "upSort"]);
    expect([module.upSort?.([2, 1, 3]), module.downSort?.([2, 1, 3])]).toEqual([
      [1, 2, 3],
      [3, 2, 1],
    ]);
  });

  it("keeps a helper from standing in for a tool that another program uses", async () => {
    const helped = { path: "a", name: "a", text: "const search = () => 1;\nfunction a() {\n  return search();\n}" };
    const tooled = { path: "b", name: "b", text: "function b() {\n  return typeof search;\n}" };
    const { a, b } = await run(writeCodeFile([helped, tooled]));
    expect([a?.(), b?.()]).toEqual([1, "undefined"]);
  });

  it("takes no property for a name in scope", () => {
    const sort = { path: "sort", name: "sort", text: "function sort(items: number[]) {\n  return [...items];\n}" };
    const other = { path: "other", name: "other", text: "const other = (items: number[]) => ({ sort: items.sort() });" };
    expect(writeCodeFile([sort, other])).toContain("export function sort(");
  });

  it("moves no line that is inside a string", async () => {
    const text = (name: string): string => `const rule = \`a\n  b\nc\`;\nfunction ${name}() {\n  return rule;\n}`;
    const { a, b } = await run(
      writeCodeFile([
        { path: "a", name: "a", text: text("a") },
        { path: "b", name: "b", text: text("b") },
      ]),
    );
    expect([a?.(), b?.()]).toEqual(["a\n  b\nc", "a\n  b\nc"]);
  });

  it.each(["*/ throw 1; /*", "\nthrow 1;", "\rthrow 1;", "\u2028throw 1;", "\u2029throw 1;", "`", "\u0000\u0085throw 1"])(
    "keeps %j in a description and a path a comment",
    async (hostile) => {
      const module = await run(writeCodeFile([{ ...sortList, path: hostile, description: hostile }]));
      expect(Object.keys(module)).toEqual(["sortList"]);
    },
  );

  it("is a module when there is nothing to write", async () => {
    expect(Object.keys(await run(writeCodeFile([])))).toEqual([]);
  });

  it.each([
    ["function sortList( {", "got no TypeScript"],
    ["function other() {}", "got a program without it"],
    ["foo.sortList = 1;", "got a program without it"],
  ])("refuses %j", (text, problem) => {
    expect(() => writeCodeFile([{ ...sortList, text }])).toThrow(InvalidArgumentError);
    expect(() => writeCodeFile([{ ...sortList, text }])).toThrow(problem);
  });
});
