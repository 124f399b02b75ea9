import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolders } from "./json-file.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "opto-folders-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("makeFolders", () => {
  it("makes all that is missing, and leaves what is there", () => {
    makeFolders(join(root, "a/b/c"));
    makeFolders(join(root, "a/b/c"));
    makeFolders(join(root, "a/b"));
    expect(existsSync(join(root, "a/b/c"))).toBe(true);
  });

  it("throws what the file system says", () => {
    writeFileSync(join(root, "file"), "");
    symlinkSync(join(root, "nowhere"), join(root, "dangling"));
    expect(() => makeFolders(join(root, "file"))).toThrow("EEXIST");
    expect(() => makeFolders(join(root, "file/inner"))).toThrow(/ENOTDIR|EEXIST/);
    expect(() => makeFolders(join(root, "dangling"))).toThrow("EEXIST");
  });

  it.runIf(process.platform === "linux")("comes to an end where Node's own does not", () => {
    expect(() => makeFolders("/proc/opto/runs")).toThrow(/ENOENT|EACCES|EPERM/);
  });
});
