/**
 * A program of functions as users build it, each time in a folder of its own, and what its author wrote.
 *
 * @module
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type BuildOptions, build } from "esbuild";
import ts from "typescript";

const fixtures = resolve("test/code/__fixtures__/program");
let root: string | undefined;
let folders = 0;

/** A new folder with the program, which uses opto as it is built. @param bundle what stands for `bundle` in it */
export function project(bundle = readFileSync(join(fixtures, "bundle.ts"), "utf8")): string {
  root ??= mkdtempSync(join(tmpdir(), "opto-source-"));
  const folder = join(root, String(++folders));
  mkdirSync(folder);
  cpSync(fixtures, join(folder, "src"), { recursive: true });
  const text = bundle.replaceAll(/"[./]*\/src\/code\/([\w-]+)\.ts"/g, (_, name: string) =>
    JSON.stringify(resolve(`dist/code/${name}.js`)),
  );
  writeFileSync(join(folder, "src/bundle.ts"), text);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  return folder;
}

/** Removes the folders of all programs. */
export function removeProjects(): void {
  if (root !== undefined) rmSync(root, { recursive: true, force: true });
  root = undefined;
}

/** The program of a project. */
export const main: string = join("src", "main.ts");

const tscFlags = "--target es2023 --module nodenext --rewriteRelativeImportExtensions --noCheck --noLib";

/** Compiles a project to `out/` as `tsc` with these flags does, without starting a process for it. */
export function compile(folder: string, flags: string): void {
  const { options: given, errors } = ts.parseCommandLine(`${tscFlags} ${flags}`.split(" "));
  const options = { ...given, rootDir: join(folder, "src"), outDir: join(folder, "out"), types: [] };
  const host = { ...ts.createCompilerHost(options), getCurrentDirectory: () => folder };
  const { emitSkipped, diagnostics } = ts.createProgram([join(folder, main)], options, host).emit();
  const [problem] = [...errors, ...diagnostics];
  if (emitSkipped || problem !== undefined)
    throw new Error(`Could not compile the program: ${JSON.stringify(problem?.messageText)}`);
}

/** Bundles a project to `out/main.js`. */
export function esbuild(folder: string, options: BuildOptions): Promise<unknown> {
  const defaults: BuildOptions = {
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: [resolve("dist/*")],
    logLevel: "silent",
  };
  return build({ ...defaults, absWorkingDir: folder, entryPoints: [main], outfile: join(folder, "out/main.js"), ...options });
}

/** What the author wrote. */
export const written: Readonly<Record<string, string>> = {
  "inline function": `function sortList(items: readonly number[], descending?: boolean): number[] {
  // Keep what came.
  const sign: 1 | -1 = descending ? -1 : 1;
  const compare = (a: number, b: number): number => sign * (a - b);
  return [...items].sort(compare);
}`,
  "inline arrow": `const shout = async <T extends string>(text: T, marks = 1): Promise<string> => \`\${text}\${"!".repeat(marks)}\` as string;`,
  "arrow in a variable": "const scale = (x: number): number => x * factor;",
  declaration: `/** Counts up. */
function* count(this: void, to: number): Generator<number> {
  for (let i = 0; i < to; i++) yield i;
}`,
  "anonymous function": `const keyOf = function (this: void, item: Item): string {
  return item!.key satisfies string;
};`,
  "class field": `const greet = (name: string): string => {
  const lines: string[] = [
    \`Dear \${name},
  how are you?
    \`,
  ];
  return lines.join("\\n");
};`,
  method: `async function search<T>(query: T, ...more: readonly T[]): Promise<T[]> {
  return [query, ...more];
}`,
  property: "const plain = (x: number): number => x;",
  "first on a line": "const one = (x: number) => x;",
  "second on a line": "const two = (x: string) => x;",
  "nested of one name, number": `function inner(x: number): string {
  return \`\${x}\`;
}`,
  "nested of one name, string": `function inner(x: string): string {
  return \`\${x}\`;
}`,
  "through a helper": `function fromHelper(file: string): string {
  class Named {
    static readonly kind: string = "named";
    #file?: string = file;
    read(): string {
      return basename(this.#file ?? "") + path.extname(file) + double(2) + Named.kind;
    }
  }
  return new Named().read();
}`,
  "of another file": `/** Is declared in one file and handed over in another. */
function elsewhere<T extends { readonly size: number }>(items: readonly T[]): number {
  // The sum of all.
  return items.reduce((sum: number, { size }) => sum + size, 0);
}`,
};
