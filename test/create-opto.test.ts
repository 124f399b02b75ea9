/**
 * `npm create opto` from packed tarballs: a new folder with opto installed, and a config that trains.
 *
 * @module
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { runProgram, withoutModels } from "../scripts/run-program.ts";
import { type ProcessResult, runProcess } from "./support/run-process.ts";

// It installs packages.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const root = mkdtempSync(join(tmpdir(), "create-opto-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const version = (path: string): string => (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;

async function pack(folder: string): Promise<string> {
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", root];
  const { code, stdout } = await runProgram("npm", args, { cwd: folder });
  expect(code).toBe(0);
  return join(root, stdout.trim());
}

let tarball: string;
let created: string;

beforeAll(async () => {
  tarball = await pack(".");
  created = await pack("packages/create-opto");
});

/** As `npm create opto` does, which is `npx create-opto`: the package is installed in a folder of npm's, and its program is started. */
function create(args: readonly string[], cwd = root): Promise<ProcessResult> {
  return runProcess("npx", ["--yes", `--package=${created}`, "create-opto", ...args], {
    cwd,
    env: { ...withoutModels(), npm_config_audit: "false", npm_config_fund: "false" },
  });
}

describe("npm create opto", () => {
  it("installs opto in a new folder and writes a config that trains", async () => {
    const { code, stdout } = await create(["My Agent", "--opto", tarball]);
    expect(stdout).toContain("Written: opto.config.ts");
    expect(code).toBe(0);
    const folder = join(root, "My Agent");
    expect(JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))).toMatchObject({
      name: "my-agent",
      private: true,
      type: "module",
    });
    expect(readFileSync(join(folder, ".gitignore"), "utf8")).toContain(".opto/");
    const main = join(folder, "node_modules/opto/dist/cli/main.js");
    const trained = await runProcess(process.execPath, [main, "train", "--json", "--quiet"], {
      cwd: folder,
      env: withoutModels(),
    });
    expect(JSON.parse(trained.stdout)).toMatchObject({ stopReason: "completed" });
  });

  it("passes options on, and reports what `opto init` says", async () => {
    const folder = join(root, "My Agent");
    rmSync(join(folder, "opto.config.ts"));
    const { code, stderr } = await create([".", `--opto=${tarball}`, "--agent", "nowhere.md"], folder);
    expect({ code, written: existsSync(join(folder, "opto.config.ts")) }).toEqual({ code: 2, written: false });
    expect(stderr).toContain("at nowhere.md, but there is no such file");
  });

  it("finds opto where npm installs it for a package of a workspace", async () => {
    const workspace = mkdtempSync(join(root, "workspace-"));
    const folder = join(workspace, "packages", "bot");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(workspace, "package.json"), '{ "name": "all", "private": true, "workspaces": ["packages/*"] }');
    writeFileSync(join(folder, "package.json"), '{ "name": "bot", "version": "1.0.0", "type": "module" }');
    const { code, stdout } = await create(["--opto", tarball], folder);
    expect(stdout).toContain("Written: opto.config.ts");
    expect({ code, hoisted: existsSync(join(workspace, "node_modules/opto")) }).toEqual({ code: 0, hoisted: true });
  });

  it("leaves a folder alone that has files and no package.json", async () => {
    const folder = mkdtempSync(join(root, "other-"));
    writeFileSync(join(folder, "letter.txt"), "");
    const { code, stderr } = await create([], folder);
    expect(code).toBe(2);
    expect(stderr).toContain("Name a new folder");
    expect(existsSync(join(folder, "package.json"))).toBe(false);
  });

  it("has the version of opto", () => {
    expect(version("packages/create-opto/package.json")).toBe(version(resolve("package.json")));
  });
});
