/**
 * Checks the package as it would be published: what is in it, whether its `exports` resolve for bundlers, Node and
 * TypeScript, whether every subpath loads in a project that has installed it and nothing else, and whether its types compile with
 * the lowest version of TypeScript that the README states.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { docsExamples, documentationFiles } from "./docs-examples.ts";
import { runProgram } from "./run-program.ts";

interface PackageJson {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const { name, exports, devDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as PackageJson;
const folder = mkdtempSync(join(realpathSync(tmpdir()), `${name}-exports-`));
try {
  const tarball = await pack();
  await step("publint", join("node_modules", ".bin", "publint"), ["run", tarball, "--strict"]);
  await step("attw", join("node_modules", ".bin", "attw"), [tarball, "--profile", "esm-only"]);
  await importEverySubpath(tarball);
  await compileWithLowestTypeScript(tarball);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function pack(): Promise<string> {
  const output = await step("npm pack", "npm", ["pack", "--silent", "--ignore-scripts", "--json", "--pack-destination", folder]);
  const [packed] = JSON.parse(output) as { filename: string; size: number; files: { path: string }[] }[];
  if (packed === undefined) throw new Error(`Expected npm pack to say what it packed, got ${output}`);
  const strays = packed.files.filter(({ path }) => /\.test\.|__fixtures__/.test(path));
  if (strays.length > 0) throw new Error(`Expected no tests in the package, got ${strays.map(({ path }) => path).join(", ")}`);
  console.log(`${packed.filename}: ${packed.files.length} files, ${Math.round(packed.size / 1024)} KiB packed`);
  return join(folder, packed.filename);
}

/** Optional peers are absent here, so this also shows that nothing loads them before they are needed. */
async function importEverySubpath(tarball: string): Promise<void> {
  const consumer = join(folder, "consumer");
  mkdirSync(consumer);
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await step("npm install", "npm", ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", tarball], consumer);
  writeFileSync(join(consumer, "only-installed.js"), onlyInstalled(consumer));
  writeFileSync(join(consumer, "import.js"), importAll(Object.keys(exports).map((subpath) => `${name}${subpath.slice(1)}`)));
  console.log((await step("import", process.execPath, ["import.js"], consumer)).trimEnd());
  const installed = join(consumer, "node_modules");
  const packages = readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith("package.json"));
  console.log(`installed: ${packages.length} manifests, ${Math.round(sizeOf(installed) / 1024)} KiB`);
}

/** Every subpath, and every example of the documentation, in a project that also checks the declarations of its packages. */
async function compileWithLowestTypeScript(tarball: string): Promise<void> {
  const [, version] = /TypeScript (\d+\.\d+) or newer/.exec(readFileSync("README.md", "utf8")) ?? [];
  if (version === undefined) throw new Error("Expected README.md to state the lowest version of TypeScript");
  const consumer = join(folder, "lowest-typescript");
  mkdirSync(consumer);
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const others = ["@types/node", "zod"].map((other) => `${other}@${devDependencies[other]}`);
  const packages = [tarball, `typescript@~${version}.0`, ...others];
  await step("npm install", "npm", ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", ...packages], consumer);
  const imports = Object.keys(exports).map((subpath, index) => `export * as part${index} from "${name}${subpath.slice(1)}";\n`);
  writeFileSync(join(consumer, "every-subpath.ts"), imports.join(""));
  for (const { place, code } of documentationFiles().flatMap((path) => docsExamples(path, readFileSync(path, "utf8")))) {
    // The declarations of the AI SDK need a newer TypeScript, so it is not installed here.
    if (/from "(ai|@ai-sdk\/[\w-]+)"/.test(code)) continue;
    writeFileSync(join(consumer, `${place.replaceAll(/[^A-Za-z0-9]+/g, "-")}.ts`), code);
  }
  const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false };
  const shared = { ...strict, target: "es2022", lib: ["es2023"], types: ["node"], noEmit: true };
  const tsc = join(consumer, "node_modules", "typescript", "bin", "tsc");
  for (const [moduleResolution, module] of [
    ["nodenext", "nodenext"],
    ["bundler", "esnext"],
  ] as const) {
    const compilerOptions = { ...shared, module, moduleResolution };
    writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    await step(`TypeScript ${version} with ${moduleResolution}`, process.execPath, [tsc], consumer);
  }
}

/** A program that loads each of `paths` and says how many names it has. */
function importAll(paths: readonly string[]): string {
  return `
    import { register } from "node:module";
    register("./only-installed.js", import.meta.url);
    for (const path of ${JSON.stringify(paths)}) console.log(path + ": " + Object.keys(await import(path)).length + " names");
  `;
}

/** Hooks that keep Node from finding a package in a folder above the project, where this machine may happen to have one. */
function onlyInstalled(consumer: string): string {
  return `
    export async function resolve(specifier, context, next) {
      const found = await next(specifier, context);
      const isOutside = found.url.startsWith("file:") && !found.url.startsWith(${JSON.stringify(pathToFileURL(consumer).href)});
      if (isOutside) throw new Error("Cannot find " + specifier + ", imported from " + context.parentURL);
      return found;
    }
  `;
}

/** Bytes of all files below a folder. */
function sizeOf(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

async function step(title: string, command: string, args: readonly string[], cwd = "."): Promise<string> {
  const { code, stdout, output } = await runProgram(command, args, { cwd, timeoutMs: 300_000 });
  if (code !== 0) throw new Error(`${title} ended with ${code ?? "a timeout"}:\n${output}`);
  console.log(`${title}: ok`);
  return stdout;
}
