/**
 * Holds the architecture: who imports whom, what is exported, how files look. The second half proves that each rule can fail.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { codeLines, emptilyNamed, impure, looseIndexes, tooLong, withoutPurpose } from "./rules/file-rules.ts";
import { brokenImports, cycles, layerViolations, type Manifest, typeCycles, undeclaredPackages } from "./rules/import-rules.ts";
import { readSourceFiles, type SourceFile, sourceFile } from "./rules/source-file.ts";

type Rule = (files: readonly SourceFile[]) => string[];

interface PackageJson extends Manifest {
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
}

const packageJson = JSON.parse(readFileSync("package.json", "utf8")) as PackageJson;
const subpaths = Object.entries(packageJson.exports).map(([subpath, conditions]) => ({ subpath, ...conditions }));

/** Files whose types may be imported from layers below theirs. None needs to be. */
const contracts: readonly string[] = [];

/** Type imports that close a cycle: an error carries the node of what failed, and a node throws such errors. */
const knots = ["src/graph/execution-error.ts -> src/graph/node.ts"];

describe("src", () => {
  const files = readSourceFiles();

  it.each<[string, Rule]>([
    ["imports down, up only types of contracts", (found) => layerViolations(found, contracts)],
    ["has no cycle of imports", cycles],
    ["has no cycle of types", (found) => typeCycles(found, knots)],
    ["imports files that are there", brokenImports],
    ["imports packages that users have", (found) => undeclaredPackages(found, packageJson)],
    ["keeps files short", tooLong],
    ["names files after what they hold", emptilyNamed],
    ["opens every file with its purpose", withoutPurpose],
    ["re-exports by name", looseIndexes],
    ["reads time, randomness and environment, and makes folders, in one place", impure],
  ])("%s", (_, rule) => {
    expect(files.length).toBeGreaterThan(0);
    expect(rule(files)).toEqual([]);
  });

  it("has the contracts and knots that are listed, and needs each", () => {
    for (const contract of contracts)
      expect(
        layerViolations(
          files,
          contracts.filter((other) => other !== contract),
        ),
      ).not.toEqual([]);
    for (const knot of knots)
      expect(
        typeCycles(
          files,
          knots.filter((other) => other !== knot),
        ),
      ).not.toEqual([]);
  });
});

describe("the exports map", () => {
  it.each(subpaths)("gives $subpath types and code of one index", ({ subpath, types, default: code }) => {
    const folder = subpath.slice(1);
    expect({ types, code }).toEqual({ types: `./dist${folder}/index.d.ts`, code: `./dist${folder}/index.js` });
  });

  // While the top assembly is not written, neither are all folders.
  it.runIf(existsSync("src/index.ts")).each(subpaths)("has a source for $subpath", ({ subpath }) => {
    expect(existsSync(`src${subpath.slice(1)}/index.ts`)).toBe(true);
  });

  it("is what the API documentation covers", () => {
    const { entryPoints } = JSON.parse(readFileSync("typedoc.json", "utf8")) as { entryPoints: string[] };
    expect(entryPoints.toSorted()).toEqual(subpaths.map(({ subpath }) => `src${subpath.slice(1)}/index.ts`).toSorted());
  });
});

describe("a violation is found", () => {
  const manifest: Manifest = {
    dependencies: { acorn: "1" },
    peerDependencies: { ai: "6", "@scope/peer": "1" },
    peerDependenciesMeta: { ai: { optional: true } },
  };
  const packages: Rule = (files) => undeclaredPackages(files, manifest);
  const upward = (specifier: string, part: string, target: string): string =>
    `imports \`${specifier}\`, but ${part} stands below ${target}: only \`import type\` may go up`;
  const upwardType = (specifier: string, part: string, target: string): string =>
    `imports \`${specifier}\`, but ${part} stands below ${target}: only types of the contracts listed here may be imported upward`;

  it.each<{ name: string; rule: Rule; files: Record<string, string>; expected: string[] }>([
    {
      name: "a value import that goes up, over several lines",
      rule: layerViolations,
      files: { "src/graph/a.ts": 'const a = 1;\nimport {\n  b,\n  type C,\n} from "../llm/b.ts";' },
      expected: [`src/graph/a.ts:2 ${upward("../llm/b.ts", "graph", "llm")}`],
    },
    {
      name: "inline type imports, which still load the module",
      rule: layerViolations,
      files: { "src/data/a.ts": 'import { type B } from "../graph/b.ts";' },
      expected: [`src/data/a.ts:1 ${upward("../graph/b.ts", "data", "graph")}`],
    },
    {
      name: "re-exports and dynamic imports that go up",
      rule: layerViolations,
      files: {
        "src/errors.ts": 'export { b } from "./graph/b.ts";\nexport * as c from "./train.ts";\nawait import("./llm/b.ts");',
      },
      expected: [
        `src/errors.ts:1 ${upward("./graph/b.ts", "errors", "graph")}`,
        `src/errors.ts:2 ${upward("./train.ts", "errors", "train")}`,
        `src/errors.ts:3 ${upward("./llm/b.ts", "errors", "llm")}`,
      ],
    },
    {
      name: "a type import that goes up to what is no contract, however it is written",
      rule: (files) => layerViolations(files, ["src/trainer/b.ts"]),
      files: {
        "src/guides/a.ts":
          'import type { B } from "../trainer/b.ts";\nimport type { B2 } from "../trainer/b2.ts";\nexport type { C } from "../cli/c.ts";\ntype D = import("../index.ts").D;',
      },
      expected: [
        `src/guides/a.ts:2 ${upwardType("../trainer/b2.ts", "guides", "trainer")}`,
        `src/guides/a.ts:3 ${upwardType("../cli/c.ts", "guides", "cli")}`,
        `src/guides/a.ts:4 ${upwardType("../index.ts", "guides", "index")}`,
      ],
    },
    {
      name: "a value import of a contract that goes up",
      rule: (files) => layerViolations(files, ["src/trainer/b.ts"]),
      files: { "src/guides/a.ts": 'import { b } from "../trainer/b.ts";' },
      expected: [`src/guides/a.ts:1 ${upward("../trainer/b.ts", "guides", "trainer")}`],
    },
    {
      name: "nothing in siblings, in imports that go down",
      rule: layerViolations,
      files: {
        "src/guides/a.ts":
          'import { e } from "../optimizers/e.ts";\nimport { f } from "../llm/f.ts";\nimport { g } from "./g.ts";',
        "src/train.ts": 'import { a } from "./executors/a.ts";',
        "src/cli/main.ts": 'import { train } from "../train.ts";',
        "src/index.ts": 'export { a } from "./viewer/a.ts";',
      },
      expected: [],
    },
    {
      name: "use of testing, which may use the trainer",
      rule: layerViolations,
      files: {
        "src/testing/a.ts":
          'import type { T } from "../trainer/t.ts";\nimport { g } from "../guides/g.ts";\nimport { u } from "../trainer/u.ts";',
        "src/index.ts": 'export { a } from "./testing/a.ts";',
      },
      expected: [`src/index.ts:1 ${upward("./testing/a.ts", "index", "testing")}`],
    },
    {
      name: "a folder that has no layer",
      rule: layerViolations,
      files: { "src/misc/a.ts": "" },
      expected: ["src/misc/a.ts: `misc` has no place in the table of layers"],
    },
    {
      name: "a cycle of values, not one of types",
      rule: cycles,
      files: {
        "src/graph/a.ts": 'import { b } from "./b.ts";\nimport type { d } from "./d.ts";',
        "src/graph/b.ts": 'export { c } from "./c.ts";',
        "src/graph/c.ts": 'await import("./b.ts");',
        "src/graph/d.ts": 'import { a } from "./a.ts";',
      },
      expected: ["src/graph/b.ts -> src/graph/c.ts -> src/graph/b.ts"],
    },
    {
      name: "a cycle of types, over folders, too",
      rule: typeCycles,
      files: {
        "src/graph/a.ts": 'import type { B } from "../llm/b.ts";',
        "src/graph/d.ts": 'import { a } from "./a.ts";',
        "src/llm/b.ts": 'export { c } from "./c.ts";',
        "src/llm/c.ts": 'export type A = import("../graph/a.ts").A;',
      },
      expected: ["src/graph/a.ts -> src/llm/b.ts -> src/llm/c.ts -> src/graph/a.ts"],
    },
    {
      name: "a cycle of types beside one that is known",
      rule: (files) => typeCycles(files, ["src/graph/a.ts -> src/graph/b.ts"]),
      files: {
        "src/graph/a.ts": 'import type { B } from "./b.ts";',
        "src/graph/b.ts": 'import type { A } from "./a.ts";\nimport type { C } from "./c.ts";',
        "src/graph/c.ts": 'import type { B } from "./b.ts";',
      },
      expected: ["src/graph/b.ts -> src/graph/c.ts -> src/graph/b.ts"],
    },
    {
      name: "an import without its ending, or of nothing",
      rule: brokenImports,
      files: { "src/graph/a.ts": 'import "./b.js";\nimport "./b.ts";', "src/graph/b.ts": 'import type { C } from "./c.ts";' },
      expected: [
        "src/graph/a.ts:1 imports `./b.js`, which is no source file",
        "src/graph/b.ts:1 imports `./c.ts`, which is no source file",
      ],
    },
    {
      name: "a package that users do not have",
      rule: packages,
      files: {
        "src/llm/a.ts":
          'import "acorn";\nimport "node:fs";\nimport type { L } from "ai";\nimport { g } from "ai/test";\nimport "@scope/peer/x";\nimport type { Z } from "@scope/other/y";\nawait import("ai");',
      },
      expected: [
        "src/llm/a.ts:4 loads `ai`, an optional peer that users may not have: use `import()` where it is needed",
        "src/llm/a.ts:6 imports `@scope/other`, which is neither a dependency nor a peer dependency",
      ],
    },
    {
      name: "a file of more than 250 lines of code",
      rule: tooLong,
      files: { "src/a.ts": "// no\n\na();\n".repeat(250), "src/b.ts": "a();\n".repeat(251) },
      expected: ["src/b.ts has 251 lines of code, more than 250: split it"],
    },
    {
      name: "a name that says nothing",
      rule: emptilyNamed,
      files: { "src/graph/utils.ts": "", "src/types.ts": "", "src/graph/data-types.ts": "" },
      expected: ["src/graph/utils.ts is named after no concept", "src/types.ts is named after no concept"],
    },
    {
      name: "a file that does not say what it is for",
      rule: withoutPurpose,
      files: {
        "src/a.ts": "/** Purpose. @module */",
        "src/b.ts": "// Purpose.\n",
        "src/c.ts": "/**\n * @module\n */\n",
        "src/d.ts": "#!/usr/bin/env node\n/**\n * Purpose.\n *\n * @module\n */\n",
        "src/e.ts": 'import "x";\n/** Purpose. */',
      },
      expected: [
        "src/a.ts opens with a comment that has no `@module`",
        "src/b.ts does not open with a `/**` comment",
        "src/c.ts opens without a line that says what it is for",
        "src/e.ts does not open with a `/**` comment",
      ],
    },
    {
      name: "an index that re-exports everything or holds code",
      rule: looseIndexes,
      files: {
        "src/index.ts": 'export * from "./a.ts";\nexport * as a from "./a.ts";\nexport { b } from "./a.ts";\nexport const c = 1;',
        "src/a.ts": 'export * from "./b.ts";',
      },
      expected: ["src/index.ts:1 re-exports without naming what", "src/index.ts:4 is not a re-export"],
    },
    {
      name: "nothing in an index of what another file names",
      rule: looseIndexes,
      files: { "src/index.ts": 'export * from "./a.ts";', "src/a.ts": 'export { b } from "./b.ts";' },
      expected: [],
    },
    {
      name: "a read of time, randomness or environment, however it is written",
      rule: impure,
      files: {
        "src/a.ts": [
          "globalThis.Math.random();",
          'Date["now"]();',
          "new Date(); new Date(0);",
          "Date();",
          "const { env: settings } = process;",
          'import { randomUUID as id } from "node:crypto";',
          "crypto.randomUUID();",
          "// Math.random()",
          '"Date.now()";',
          "const f = Date.now;",
        ].join("\n"),
        "src/data/clock.ts": "Date.now(); process.env;",
        "src/data/environment.ts": "process.env.HOME;",
      },
      expected: [
        "src/a.ts:1 reads `Math.random`",
        "src/a.ts:2 reads `Date.now`",
        "src/a.ts:3 reads `new Date()`",
        "src/a.ts:4 reads `new Date()`",
        "src/a.ts:5 reads `process.env`",
        "src/a.ts:6 reads `crypto.randomUUID`",
        "src/a.ts:7 reads `crypto.randomUUID`",
        "src/a.ts:10 reads `Date.now`",
        "src/data/clock.ts:1 reads `process.env`",
      ],
    },
  ])("$name", ({ rule, files, expected }) => {
    expect(rule(Object.entries(files).map(([path, text]) => sourceFile(path, text)))).toEqual(expected);
  });

  it("counts lines of code by what the compiler reads", () => {
    const text = "/** Doc. */\nconst a = `\n\n// not a comment\n`; // one\n\n/* two\nthree */\nfunction f() {\n  // nothing\n}\n";
    expect(codeLines(sourceFile("src/a.ts", text))).toBe(6);
  });
});
