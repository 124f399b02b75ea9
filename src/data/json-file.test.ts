import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CheckpointError } from "../errors.ts";
import { readJsonFile, writeJsonFile, writeTextFile } from "./json-file.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-json-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("writeJsonFile", () => {
  it("writes what readJsonFile reads, making folders", async () => {
    const path = join(folder, "a", "b", "value.json");
    const value = { text: "é \u2028 \ud83d\ude00", list: [1, null], __proto__x: {} };
    await writeJsonFile(path, value);
    expect(await readJsonFile(path)).toEqual(value);
    expect(await readFile(path, "utf8")).toBe(`${JSON.stringify(value, null, 2)}\n`);
  });

  it("replaces the file and leaves nothing beside it", async () => {
    const path = join(folder, "c", "value.json");
    await writeJsonFile(path, "long ".repeat(1_000));
    await writeJsonFile(path, 1);
    expect(await readFile(path, "utf8")).toBe("1\n");
    expect(await readdir(join(folder, "c"))).toEqual(["value.json"]);
  });

  it("takes a path without a folder", async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      await writeTextFile("bare.txt", "text");
      expect(await readFile(join(folder, "bare.txt"), "utf8")).toBe("text");
    } finally {
      process.chdir(before);
    }
  });

  it.each<[string, (root: string) => Promise<string>]>([
    [
      "a folder stands in its place",
      async (root) => {
        await mkdir(join(root, "taken", "inside"), { recursive: true });
        return join(root, "taken");
      },
    ],
    [
      "a file stands in the place of its folder",
      async (root) => {
        await writeFile(join(root, "file"), "x");
        return join(root, "file", "value.json");
      },
    ],
  ])("fails when %s, and leaves nothing behind", async (_, prepare) => {
    const root = await mkdtemp(join(folder, "fail-"));
    const path = await prepare(root);
    const before = await readdir(root);
    await expect(writeJsonFile(path, 1)).rejects.toThrow(/EISDIR|ENOTDIR|ENOTEMPTY|EEXIST/);
    expect(await readdir(root)).toEqual(before);
  });
});

describe("readJsonFile", () => {
  it.each<[string, string | undefined, RegExp]>([
    ["missing", undefined, /^Could not read .*missing\.json: ENOENT/],
    ["empty", "", /empty\.json is not complete JSON \(0 characters, ending in ""\)/],
    ["torn", `{"a": [1, 2${" ".repeat(50)}`, /torn\.json is not complete JSON \(61 characters, ending in " {40}"\)/],
    ["long", `{"a":"${"x".repeat(9_000)}tail`, /9010 characters, ending in "x+tail"/],
  ])("refuses a %s file, saying what stands there", async (name, content, message) => {
    const path = join(folder, `${name}.json`);
    if (content !== undefined) await writeFile(path, content);
    const error = (await readJsonFile(path).catch((reason: unknown) => reason)) as CheckpointError;
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(400);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it("reads __proto__ as a key", async () => {
    const path = join(folder, "proto.json");
    await writeFile(path, '{"__proto__":{"polluted":1}}');
    const value = (await readJsonFile(path)) as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect(value.polluted).toBeUndefined();
  });
});
