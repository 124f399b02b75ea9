/**
 * A program in one file, made by esbuild as it is published: run where there is no `node_modules`.
 *
 * @module
 */
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withoutModels } from "../../scripts/run-program.ts";
import { type OpenAIServer, startOpenAIServer } from "../support/openai-server.ts";
import { type ProcessResult, runProcess } from "../support/run-process.ts";

/** Milliseconds: bundling takes its time on a busy machine. */
const patience = 240_000;
const root = mkdtempSync(join(tmpdir(), "opto-bundled-"));
let server: OpenAIServer;
beforeAll(async () => {
  server = await startOpenAIServer(() => "total");
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});
let folders = 0;

/** Builds the program where all packages are installed but `missing`, and gives the folder that has the bundle alone. */
async function ship(program: string, options: BuildOptions, missing: readonly string[] = []): Promise<string> {
  const source = join(root, `source-${++folders}`);
  mkdirSync(join(source, "node_modules", "opto"), { recursive: true });
  const link = (name: string): void => symlinkSync(resolve("node_modules", name), join(source, "node_modules", name));
  for (const name of readdirSync("node_modules")) {
    if (!name.startsWith(".") && name !== "opto" && !missing.includes(name)) link(name);
  }
  // A copy and no link, so that it sees the packages of this project alone.
  cpSync(resolve("dist"), join(source, "node_modules", "opto", "dist"), { recursive: true });
  copyFileSync(resolve("package.json"), join(source, "node_modules", "opto", "package.json"));
  writeFileSync(join(source, "main.ts"), program);
  writeFileSync(join(source, "package.json"), '{ "type": "module" }');
  const out = join(root, `shipped-${folders}`);
  const isModule = options.format !== "cjs";
  // Packages of CommonJS ask for `require` inside a bundle of modules.
  const banner = {
    js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
  };
  const { warnings } = await build({
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    logLevel: "silent",
    preserveSymlinks: true,
    absWorkingDir: source,
    entryPoints: ["main.ts"],
    outfile: join(out, isModule ? "main.mjs" : "main.cjs"),
    ...(isModule ? { banner } : {}),
    ...options,
  });
  // In CommonJS there is no `import.meta`; the program does without.
  expect(warnings.filter(({ id }) => id !== "empty-import-meta")).toEqual([]);
  return out;
}

function start(folder: string, { isImported = false } = {}): Promise<ProcessResult> {
  const [script = ""] = readdirSync(folder).filter((name) => name.startsWith("main.") && !name.endsWith(".map"));
  const env = { ...withoutModels(), OPENAI_BASE_URL: server.baseUrl };
  return runProcess(process.execPath, isImported ? ["-e", `import("./${script}")`] : [script], { cwd: folder, env });
}

function agentFile(folder: string, name: string, parameters: object): void {
  writeFileSync(join(folder, name), JSON.stringify({ format: "opto-agent", version: 1, parameters }));
}

const readText = async (name: string): Promise<string> =>
  (await import("node:fs/promises")).readFile(resolve("test/code/__fixtures__/bundled", name), "utf8");
const learnedTotal = `function total(prices: readonly number[], { rate }: { rate: number }): number {
  return prices.reduce((sum, price) => sum + price, 0) * rate;
}`;
const learnedAverage =
  "function average(numbers: number[]): number {\n  return numbers.reduce((a, b) => a + b) / numbers.length;\n}";
const renamed = expect.stringMatching(
  /^average\.json was saved from another agent: .*expected a declaration of `function \w+\(\w+\)`.*build with source maps.*name: "…", params/s,
) as unknown;

describe("a program in one file", () => {
  it.each<{ name: string; options: BuildOptions; unnamed: unknown }>([
    { name: "of modules", options: {}, unnamed: renamed },
    { name: "of CommonJS", options: { format: "cjs" }, unnamed: renamed },
    { name: "minified", options: { minify: true }, unnamed: renamed },
    { name: "minified, with source maps", options: { minify: true, sourcemap: true }, unnamed: 3 },
  ])(
    "$name calls a model and runs learned code",
    async ({ options, unnamed }) => {
      const folder = await ship(await readText("main.ts"), options);
      agentFile(folder, "shop.json", { total: learnedTotal, prompt: "Say." });
      agentFile(folder, "average.json", { average: learnedAverage });
      const incomplete = await start(folder);
      expect(incomplete.stderr).toContain('Running code in the sandbox needs the package "quickjs-wasi"');
      expect(incomplete.stderr).toContain(`copy quickjs.wasm of that package beside it: ${join(folder, "quickjs.wasm")}`);
      copyFileSync(resolve("node_modules/quickjs-wasi/quickjs.wasm"), join(folder, "quickjs.wasm"));
      const { code, stdout, stderr } = await start(folder);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const byName = expect.stringMatching(
        /npm install @ai-sdk\/mistral\. In a bundle, import the package and pass its model object/,
      );
      expect(JSON.parse(stdout)).toEqual({ before: "total 6", learned: "total 12", unnamed, byName });
      // As a function of a cloud is started: by a script of the platform.
      expect(await start(folder, { isImported: true })).toMatchObject({ code: 0, stdout, stderr: "" });
    },
    patience,
  );

  it(
    "has learned values without any setting, and leaves out what only code parameters need",
    async () => {
      const program = `import { Module, parameter } from "opto";
      class Greeter extends Module<string, string> {
        greeting = parameter("Hello");
        override forward(name: string): string {
          return this.greeting.value + ", " + name;
        }
      }
      const agent = await new Greeter().load("greeter.json");
      agent.apply({ greeting: agent.candidate().greeting + "!" });
      console.log((await agent.call("Ada")).value);`;
      const onlyForCode = ["sucrase", "@sveltejs/acorn-typescript", "eslint-scope", "@jridgewell/trace-mapping"];
      const external = [...onlyForCode, "@pydantic/genai-prices"];
      for (const options of [
        { external, minify: true, banner: {} },
        { minify: true, banner: {} },
      ]) {
        const folder = await ship(program, options);
        agentFile(folder, "greeter.json", { greeting: "Good day" });
        expect(await start(folder)).toMatchObject({ code: 0, stdout: "Good day!, Ada\n", stderr: "" });
        const bytes = statSync(join(folder, "main.mjs")).size;
        expect(bytes).toBeLessThan("external" in options ? 300_000 : 1_500_000);
        expect(readdirSync(folder).sort()).toEqual(["greeter.json", "main.mjs"]);
      }
    },
    patience,
  );

  it(
    "is built and calls models without the optional package ai, and says how to install it when tools need it",
    async () => {
      const program = `import { generate, train } from "opto";
      import { createOpenAI } from "@ai-sdk/openai";
      const replies = async () => Response.json({ choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }] });
      const model = createOpenAI({ apiKey: "k", fetch: replies }).chat("x");
      console.log(typeof train, (await generate({ model, prompt: "Hi" })).value);
      const look = { description: "Looks.", inputSchema: { type: "object" }, execute: () => "seen" };
      await generate({ model, prompt: "Hi", tools: { look } }).catch(({ message }) => console.log(message));`;
      const { stdout } = await start(await ship(program, {}, ["ai"]));
      expect(stdout).toBe(
        'function Hello\nCalling a language model needs the package "ai", which is not installed. Run: npm install ai\n',
      );
    },
    patience,
  );

  it(
    "says at a trainable function what a bundler's renaming has broken",
    async () => {
      const program = `import { bundle } from "opto";
      const taxRate = { standard: 2 };
      try {
        bundle((price: number) => price * taxRate.standard, { name: "gross", trainable: true, tools: { taxRate } });
        console.log("fine");
      } catch (error) {
        console.log((error as Error).message);
      }`;
      const small = { external: ["ai"] };
      const { stdout } = await start(await ship(program, { ...small, minify: true }));
      expect(stdout).toMatch(
        /The function gross cannot be trained.*expected no `\w+`.*build with source maps, or leave its file out of the bundle/s,
      );
      expect((await start(await ship(program, { ...small, minify: true, sourcemap: true }))).stdout).toBe("fine\n");
    },
    patience,
  );
});
