/**
 * The TypeScript examples of the documentation, as programs: found in markdown, type-checked together, run one by one.
 *
 * A block fenced as `ts` is a whole program. It is checked and run; a `text` block right after it is what it prints.
 * A block fenced as `ts no-run` is only checked, one fenced as `ts no-check` is only read by people.
 * Programs import `opto` by its name and get the built package, as a user does.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { compileProgram } from "./compile-program.ts";
import { type ProgramResult, runProgram, withoutModels } from "./run-program.ts";

export interface DocsExample {
  /** Where the block stands: `docs/guides.md:12`, the line of its first line of code. */
  readonly place: string;
  readonly code: string;
  readonly run: boolean;
  /** What the program must print; absent when the documentation does not say. */
  readonly output?: string;
}

interface Block {
  readonly info: string;
  readonly text: string;
  /** Lines of the opening and closing fence, counted from 0. */
  readonly first: number;
  readonly last: number;
}

/** README.md, SKILL.md, and every markdown file below docs, sorted. */
export function documentationFiles(): string[] {
  const below = existsSync("docs") ? readdirSync("docs", { recursive: true, encoding: "utf8" }) : [];
  // `npm run docs` writes its pages, with copies of these, into docs/api.
  const pages = below
    .map((path) => join("docs", path))
    .filter((path) => path.endsWith(".md") && !path.startsWith(join("docs", "api")));
  return ["README.md", "SKILL.md", ...pages.sort()].filter((path) => existsSync(path));
}

/** The examples of one markdown text. */
export function docsExamples(path: string, markdown: string): DocsExample[] {
  const lines = markdown.split(/\r?\n/);
  const blocks = fencedBlocks(path, lines);
  return blocks.flatMap((block, index) => {
    if (block.info !== "ts" && block.info !== "ts no-run") return [];
    const next = blocks[index + 1];
    const adjoins = next?.info === "text" && lines.slice(block.last + 1, next.first).every((line) => line.trim() === "");
    return [
      {
        place: `${path}:${block.first + 2}`,
        code: block.text,
        run: block.info === "ts",
        ...(adjoins ? { output: next.text } : {}),
      },
    ];
  });
}

/** Writes each example into a folder of its own below `folder`, which lies in the package; returns the files in order. */
export function writeExamples(examples: readonly DocsExample[], folder: string): string[] {
  return examples.map(({ place, code }) => {
    const home = resolve(folder, place.replaceAll(/[^A-Za-z0-9]+/g, "-"));
    mkdirSync(home, { recursive: true });
    const file = join(home, "example.ts");
    writeFileSync(file, code);
    return file;
  });
}

/** What the compiler says of each file, in order; one program for all, since loading the libraries is what takes time. */
export function typeProblems(files: readonly string[]): string[][] {
  const config = ts.readConfigFile("tsconfig.build.json", (path) => readFileSync(path, "utf8"));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ".");
  const { rootDir, outDir, declarationDir, ...shared } = options;
  const program = ts.createProgram([...files], {
    ...shared,
    noEmit: true,
    noCheck: false,
    declaration: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  });
  return files.map((file) => {
    const source = program.getSourceFile(file);
    return ts.getPreEmitDiagnostics(program, source).map(({ start = 0, messageText }) => {
      const line = source === undefined ? 0 : source.getLineAndCharacterOfPosition(start).line + 1;
      return `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
  });
}

/** Runs one written example in its own folder, so that whatever it saves stays there. */
export function runExample(file: string): Promise<ProgramResult> {
  return runProgram(process.execPath, [compileProgram(file)], {
    cwd: join(file, ".."),
    env: { ...withoutModels(), NO_COLOR: "1" },
    timeoutMs: 60_000,
  });
}

function fencedBlocks(path: string, lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  for (let first = 0; first < lines.length; first++) {
    const [, indent = "", fence, info = ""] = /^(\s*)(`{3,}|~{3,})\s*(.*?)\s*$/.exec(lines[first] ?? "") ?? [];
    if (fence === undefined) continue;
    const last = lines.findIndex((line, index) => index > first && closes(line, fence));
    if (last < 0) throw new Error(`${path}:${first + 1} opens a block that is never closed`);
    const inside = lines.slice(first + 1, last).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    blocks.push({ info, text: inside.join("\n"), first, last });
    first = last;
  }
  return blocks;
}

/** A fence is closed by one of the same kind that is at least as long. */
function closes(line: string, fence: string): boolean {
  const text = line.trim();
  return text.startsWith(fence) && text === (fence[0] ?? "").repeat(text.length);
}
