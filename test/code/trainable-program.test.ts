/**
 * Trainable functions in programs as users run and build them, with opto as it is published: each a process of its own.
 *
 * @module
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { runProcess } from "../support/run-process.ts";

const root = mkdtempSync(join(tmpdir(), "opto-trainable-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;

/** A new folder with the program and the packages that it has installed. */
function project(): string {
  const folder = join(root, String(++folders));
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  cpSync(resolve("test/code/__fixtures__/trainable"), join(folder, "src"), { recursive: true });
  for (const name of readdirSync("node_modules")) {
    if (!name.startsWith(".")) symlinkSync(resolve("node_modules", name), join(folder, "node_modules", name));
  }
  symlinkSync(resolve("."), join(folder, "node_modules/opto"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  return folder;
}

async function run(folder: string, args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await runProcess(process.execPath, args, { cwd: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

const main = join("src", "main.ts");
const written = `function price(orders: readonly Order[]): number {
  // The sum of all.
  return orders.reduce((sum: number, { total }) => sum + total, 0) * rate.standard;
}`;
const expected = {
  source: written,
  first: 6,
  tooEarly: "GraphError",
  throughAgent: 106,
  second: 106,
  exported: expect.stringContaining("export function price(orders: readonly Order[]): number {") as string,
};

describe("a trainable function", () => {
  it("under tsx", async () => {
    expect(await run(project(), [resolve("node_modules/tsx/dist/cli.mjs"), main])).toEqual(expected);
  });

  it("as built by tsc", async () => {
    const folder = project();
    const tsc = resolve("node_modules/typescript/bin/tsc");
    const flags = "--rootDir src --outDir out --target es2023 --module nodenext --sourceMap --noCheck".split(" ");
    const { code, stdout } = await runProcess(process.execPath, [tsc, main, ...flags], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(await run(folder, ["out/main.js"])).toEqual(expected);
  });

  it.each([
    ["with opto outside", ["opto"]],
    ["with opto inside", ["ai", "@ai-sdk/*"]],
  ])("as bundled by esbuild %s", async (_, external) => {
    const folder = project();
    const options = { bundle: true, platform: "node", format: "esm", target: "node20", sourcemap: true } as const;
    // Packages of CommonJS ask for `require` inside a bundle of modules.
    const banner = {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    };
    await build({
      ...options,
      banner,
      external,
      absWorkingDir: folder,
      entryPoints: [main],
      outfile: join(folder, "out/main.js"),
    });
    expect(await run(folder, ["out/main.js"])).toEqual(expected);
  });
});

describe("importing opto", () => {
  it("loads nothing that only trainable functions need", async () => {
    const folder = project();
    writeFileSync(
      join(folder, "import.js"),
      `import { createRequire } from "node:module";
import "opto";
console.log(JSON.stringify(Object.keys(createRequire(import.meta.url).cache).filter((path) => /sucrase|eslint-scope|quickjs/.test(path))));`,
    );
    expect(await run(folder, ["import.js"])).toEqual([]);
  });
});
