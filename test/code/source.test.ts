/**
 * The source of functions in programs as users run and build them: each is a process of its own, in a folder of its own.
 *
 * @module
 */
import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildOptions } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import type { FunctionSource } from "../../src/code/source.ts";
import { compile, esbuild, main, project, removeProjects, written } from "../support/built-programs.ts";
import { runProcess } from "../support/run-process.ts";

type Sources = Readonly<Record<string, FunctionSource>>;

afterAll(removeProjects);

async function run(folder: string, args: readonly string[]): Promise<Sources> {
  const { code, stdout, stderr } = await runProcess(process.execPath, args, { cwd: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout.slice(stdout.indexOf("{"), stdout.lastIndexOf("}") + 1)) as Sources;
}

function texts(sources: Sources): Record<string, string> {
  return Object.fromEntries(Object.entries(sources).map(([id, { text }]) => [id, text]));
}

describe("a program is what its author wrote", () => {
  it("under tsx", async () => {
    const folder = project();
    const sources = await run(folder, [resolve("node_modules/tsx/dist/cli.mjs"), main]);
    expect(texts(sources)).toEqual(written);
    const text = readFileSync(join(folder, main), "utf8").split("\n");
    const { file, line } = sources["inline function"]?.place ?? { file: "", line: 0 };
    expect(file).toBe(join(folder, main));
    expect(text[line - 1]).toContain("function sortList(");
  });

  it("under vitest", async () => {
    const folder = project();
    writeFileSync(
      join(folder, "main.test.ts"),
      'import { it } from "vitest";\nimport "./src/main.ts";\nit("is loaded", () => {});\n',
    );
    const vitest = resolve("node_modules/vitest/vitest.mjs");
    writeFileSync(
      join(folder, "vitest.config.js"),
      `export default { resolve: { alias: { vitest: ${JSON.stringify(resolve("node_modules/vitest"))} } } };`,
    );
    const sources = await run(folder, [vitest, "run", "--no-color", "--disable-console-intercept", "--reporter=dot"]);
    expect(texts(sources)).toEqual(written);
  });

  it("under the hooks of the command line", async () => {
    const folder = project();
    const hooks = JSON.stringify(pathToFileURL(resolve("dist/cli/typescript-hooks.js")).href);
    // In this thread where Node can, as the command line does.
    const register = `"registerHooks" in module ? module.registerHooks(await import(${hooks})) : module.register(${hooks});`;
    writeFileSync(join(folder, "hooks.js"), `import * as module from "node:module";\n${register}\n`);
    // Cutting types out moves columns: of two alike on one line, the second is not told from the first.
    expect(texts(await run(folder, ["--import", "./hooks.js", main]))).toEqual({
      ...written,
      "second on a line": "const operation = (x) => x;",
    });
  });

  it.runIf("typescript" in process.features && process.features.typescript)("under Node's own stripping of types", async () => {
    expect(texts(await run(project(), ["--disable-warning=ExperimentalWarning", main]))).toEqual(written);
  });

  it.each([
    ["a map beside", "--sourceMap", true],
    ["a map inside", "--inlineSourceMap", true],
    ["the sources in the map", "--sourceMap --inlineSources", false],
    ["a root of sources", "--sourceMap --sourceRoot ../src/", true],
    ["lowered syntax", "--sourceMap --inlineSources --useDefineForClassFields false", false],
  ])("as built by tsc with %s", async (_, flags, needsSources) => {
    const folder = project();
    compile(folder, flags);
    if (!needsSources) rmSync(join(folder, "src"), { recursive: true });
    expect(texts(await run(folder, ["out/main.js"]))).toEqual(written);
    expect(texts(await run(folder, ["--enable-source-maps", "out/main.js"]))).toEqual(written);
  });

  it("as built by tsc to CommonJS", async () => {
    const folder = project();
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "commonjs" }));
    compile(folder, "--sourceMap");
    expect(texts(await run(folder, ["out/main.js"]))).toEqual(written);
  });

  it.each<[string, BuildOptions]>([
    ["", { sourcemap: true }],
    ["an inline map", { sourcemap: "inline" }],
    ["kept names", { sourcemap: true, keepNames: true }],
    ["minified", { sourcemap: true, minify: true }],
    ["minified, kept names", { sourcemap: true, minify: true, keepNames: true }],
    ["CommonJS", { sourcemap: true, format: "cjs", outExtension: { ".js": ".js" } }],
  ])("as bundled by esbuild %s", async (_, options) => {
    const folder = project();
    await esbuild(folder, options);
    if (options.format === "cjs") writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "commonjs" }));
    rmSync(join(folder, "src"), { recursive: true });
    expect(texts(await run(folder, ["out/main.js"]))).toEqual(written);
  });

  it("as bundled with opto inside", async () => {
    const folder = project();
    // Its packages are outside: what loads on demand is in no bundle.
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    await esbuild(folder, { sourcemap: true, external: [] });
    expect(texts(await run(folder, ["out/main.js"]))).toEqual(written);
  });

  it("in a program that makes its own stack traces", async () => {
    const folder = project();
    writeFileSync(join(folder, "traces.js"), "Error.stackTraceLimit = 0;\nError.prepareStackTrace = () => 'mine';\n");
    const tsx = ["--import", pathToFileURL(resolve("node_modules/tsx/dist/esm/index.mjs")).href];
    expect(texts(await run(folder, [...tsx, "--import", "./traces.js", main]))).toEqual(written);
  });
});

describe("without the original", () => {
  /** What no author has written. */
  const injected = /__name|__vi|import_|__publicField|_js_\d|\(0,|__PURE__|\bcov_/;

  it.each<[string, (folder: string) => unknown]>([
    ["tsc", (folder) => compile(folder, "--sourceMap false")],
    ["tsc, to CommonJS", (folder) => compile(folder, "--sourceMap false --module commonjs --moduleResolution bundler")],
    ["tsc, with a map of sources that are gone", (folder) => compile(folder, "--sourceMap")],
    ["esbuild", (folder) => esbuild(folder, { keepNames: true })],
    ["esbuild, minified", (folder) => esbuild(folder, { keepNames: true, minify: true })],
    ["esbuild, with a damaged map", (folder) => esbuild(folder, { keepNames: true, sourcemap: true }).then(() => damage(folder))],
  ])("is what runs, as built by %s", async (_, make) => {
    const folder = project();
    await make(folder);
    rmSync(join(folder, "src"), { recursive: true });
    if (readFileSync(join(folder, "out/main.js"), "utf8").includes("require(")) {
      writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "commonjs" }));
    }
    const sources = await run(folder, ["out/main.js"]);
    expect(Object.keys(sources)).toEqual(Object.keys(written));
    for (const { text } of Object.values(sources)) {
      expect(text).not.toMatch(injected);
      expect(text).not.toMatch(/: (?:number|string)/);
    }
    // Declared by name, so that a program can be made of it.
    const { name, text } = sources.declaration as FunctionSource;
    const fn = new Function(`${text}\nreturn ${name};`)() as (to: number) => Iterable<number>;
    expect([...fn(3)]).toEqual([0, 1, 2]);
  });

  it("is never another function, though the files have changed since", async () => {
    const folder = project();
    compile(folder, "--sourceMap");
    const path = join(folder, main);
    // The same lines, all moved, and other code where the map points.
    const changed = readFileSync(path, "utf8")
      .replace("sign * (a - b)", "sign * (b - a)")
      .replace("bundle(\n", "\n\n\nbundle(\n");
    writeFileSync(path, changed);
    const sources = texts(await run(folder, ["out/main.js"]));
    expect(sources["inline function"]).toContain("const compare = (a, b) => sign * (a - b);");
    expect(sources["inline function"]).not.toContain("b - a");
    // Which of several alike it was, the map cannot tell any more.
    const known = Object.keys(written).filter((id) => !/^inline function|on a line$|^nested/.test(id));
    expect(known.map((id) => sources[id])).toEqual(known.map((id) => written[id]));
    expect(sources["first on a line"]).not.toContain("plain");
  });

  function damage(folder: string): void {
    writeFileSync(join(folder, "out/main.js.map"), '{"version":3,"sources":["x.ts"],"mappings":"%%%"');
  }
});
