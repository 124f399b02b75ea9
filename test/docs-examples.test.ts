/**
 * Every TypeScript example of README.md and docs compiles, runs, and prints what the documentation says.
 *
 * @module
 */
import { readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type DocsExample,
  docsExamples,
  documentationFiles,
  runExample,
  typeProblems,
  writeExamples,
} from "../scripts/docs-examples.ts";

// Inside the package, so that `opto` means this package; not below node_modules, where a package has no name for itself.
const folder = `.cache/docs-examples-${process.pid}`;

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const examples = documentationFiles().flatMap((path) => docsExamples(path, readFileSync(path, "utf8")));

describe.runIf(examples.length > 0)("the documentation", () => {
  let files: string[] = [];
  let problems: string[][] = [];

  beforeAll(() => {
    files = writeExamples(examples, folder);
    problems = typeProblems(files);
  });

  it.concurrent.each(examples.map((example, index) => [example.place, index] as const))("%s", async (_, index) => {
    const { run, output } = examples[index] as DocsExample;
    expect(problems[index]).toEqual([]);
    if (!run) return;
    const result = await runExample(files[index] ?? "");
    expect(result.code, result.output).toBe(0);
    if (output !== undefined) expect(result.stdout.trimEnd()).toBe(output.trimEnd());
  });
});

describe("docsExamples", () => {
  it.each<{ name: string; markdown: string; expected: DocsExample[] }>([
    {
      name: "takes programs and what they print",
      markdown: "# A\n```ts\na();\n\nb();\n```\n\n```text\n1\n```\n",
      expected: [{ place: "a.md:3", code: "a();\n\nb();", run: true, output: "1" }],
    },
    {
      name: "takes output only when nothing stands between",
      markdown: "```ts\na();\n```\nPrints:\n```text\n1\n```\n",
      expected: [{ place: "a.md:2", code: "a();", run: true }],
    },
    {
      name: "takes programs that are not run, and leaves other blocks",
      markdown: "```ts no-run\na();\n```\n```ts no-check\nb();\n```\n```bash\nc\n```\n```\nd\n```\n```text\ne\n```",
      expected: [{ place: "a.md:2", code: "a();", run: false }],
    },
    {
      name: "takes indented blocks, and leaves blocks inside longer fences",
      markdown: "- x\n\n  ```ts\n  if (a) {\n    b();\n  }\n  ```\n\n````md\n```ts\nc();\n```\n````\n",
      expected: [{ place: "a.md:4", code: "if (a) {\n  b();\n}", run: true }],
    },
  ])("$name", ({ markdown, expected }) => {
    expect(docsExamples("a.md", markdown)).toEqual(expected);
  });

  it("refuses a block that is never closed", () => {
    expect(() => docsExamples("a.md", "text\n```ts\na();\n")).toThrow("a.md:2 opens a block that is never closed");
  });
});

describe("an example that is wrong is found", () => {
  const code = [
    "const a: number = 'text';\nconsole.log(a);",
    'console.log("out");\nconsole.error("err");',
    'import { readdirSync } from "node:fs";\nconsole.log(readdirSync(".").join());\nthrow new Error("boom");',
  ];
  let files: string[] = [];

  beforeAll(() => {
    files = writeExamples(
      code.map((text, index) => ({ place: `planted/${index}`, code: text, run: true })),
      folder,
    );
  });

  it("by its types", () => {
    expect(typeProblems(files)).toEqual([["line 1: Type 'string' is not assignable to type 'number'."], [], []]);
  });

  it("by what it prints", async () => {
    expect(await runExample(files[1] ?? "")).toMatchObject({ code: 0, stdout: "out\n" });
  });

  it("by how it ends, in a folder of its own", async () => {
    expect(await runExample(files[2] ?? "")).toMatchObject({
      code: 1,
      stdout: "example.ts\n",
      output: expect.stringContaining("boom") as string,
    });
  });
});
