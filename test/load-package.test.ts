/**
 * Packages of the project that opto is linked into: opto uses the copy that the project imports, and says which is missing.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runProcess } from "./support/run-process.ts";

const loader = pathToFileURL("dist/data/load-package.js").href;
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "opto-load-package-"));
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  const both = (name: string): object => ({ types: `./${name}.d.ts`, import: `./${name}.mjs`, require: `./${name}.cjs` });
  add("two-forms", { ".": both("index"), "./part": { node: both("part") } }, ["index", "part"]);
  add("@scope/two-forms", both("index"), ["index"]);
  add("one-form", undefined, ["index"]);
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Installs a package whose files say how they were loaded. */
function add(name: string, exports: object | undefined, files: readonly string[]): void {
  const folder = join(project, "node_modules", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, main: "./index.cjs", exports }));
  for (const file of files) {
    writeFileSync(join(folder, `${file}.mjs`), `export const form = "import ${file}";`);
    writeFileSync(join(folder, `${file}.cjs`), `exports.form = "require ${file}";`);
  }
}

async function load(name: string): Promise<string> {
  const program = `const { loadPackage } = await import(${JSON.stringify(loader)});
    const loaded = await loadPackage(process.argv[1], "This").catch((error) => ({ form: error.message }));
    console.log(loaded.form);`;
  const { stdout, stderr } = await runProcess(process.execPath, ["--input-type=module", "-e", program, name], { cwd: project });
  expect(stderr).toBe("");
  return stdout.trim();
}

describe("a package of the project", () => {
  it.each([
    ["two-forms", "import index"],
    ["two-forms/part", "import part"],
    ["@scope/two-forms", "import index"],
    ["one-form", "require index"],
    ["missing", 'This needs the package "missing", which is not installed. Run: npm install missing'],
    ["@scope/missing/part", 'This needs the package "@scope/missing", which is not installed. Run: npm install @scope/missing'],
  ])("%s is loaded as the project would: %s", async (name, expected) => {
    expect(await load(name)).toBe(expected);
  });
});
