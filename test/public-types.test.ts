/**
 * No `any` reaches a user: neither written nor left by a missing annotation, in no declaration that the `exports` map leads to.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { anyTypes, publicDeclarations } from "./rules/public-types.ts";

describe("public declarations", () => {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as { exports: Record<string, { types: string }> };
  const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

  it.each(Object.entries(exports))("of %s hold no `any`", (_, { types }) => {
    const entry = types.replace("./dist/", "src/").replace(/\.d\.ts$/, ".ts");
    expect(anyTypes(publicDeclarations([entry], read))).toEqual([]);
  });
});

describe("an `any`", () => {
  const find = (files: Record<string, string>): string[] => anyTypes(publicDeclarations(["src/index.ts"], (path) => files[path]));

  it.each<{ name: string; files: Record<string, string>; expected: string[] }>([
    {
      name: "is found as parameter, result, member, alias, constraint and argument",
      files: {
        "src/index.ts": [
          "export function a(x: any): void {}",
          "export const b = (): any => 1;",
          "export interface C { readonly d: any }",
          "export type E = any[];",
          "export function f<T extends (...args: any) => unknown>(g: T): void {}",
          "export class H { i: Map<string, any> = new Map(); }",
        ].join("\n"),
      },
      expected: [
        "src/index.ts publishes `any`: export declare function a(x: any): void;",
        "src/index.ts publishes `any`: export declare const b: () => any;",
        "src/index.ts publishes `any`: readonly d: any;",
        "src/index.ts publishes `any`: export type E = any[];",
        "src/index.ts publishes `any`: export declare function f<T extends (...args: any) => unknown>(g: T): void;",
        "src/index.ts publishes `any`: i: Map<string, any>;",
      ],
    },
    {
      name: "is found behind re-exports, types and inline imports",
      files: {
        "src/index.ts": 'export { a } from "./a.ts";',
        "src/a.ts": 'import type { B } from "./b.ts";\nexport const a: B | import("./c.ts").C = 1;',
        "src/b.ts": "export type B = any;",
        "src/c.ts": "export type C = any;",
        "src/unreachable.ts": "export type D = any;",
      },
      expected: ["src/b.ts publishes `any`: export type B = any;", "src/c.ts publishes `any`: export type C = any;"],
    },
    {
      name: "may stand inside functions, private fields and comments",
      files: {
        "src/index.ts":
          "/** any */\nexport class A { #b: any; c(): number { const d: any = 1; return d; } }\nconst e: any = 1; void e;",
      },
      expected: [],
    },
  ])("$name", ({ files, expected }) => {
    expect(find(files)).toEqual(expected);
  });

  it("cannot hide behind a missing annotation", () => {
    expect(() => find({ "src/index.ts": "export const a = JSON.parse('1');" })).toThrow(/isolatedDeclarations/);
  });
});
