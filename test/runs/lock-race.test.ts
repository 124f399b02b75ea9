/**
 * Many processes that find the lock of a dead one at the same moment.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { compileProgram } from "../../scripts/compile-program.ts";
import { fileNames } from "../../src/runs/run-files.ts";

it("lets exactly one of them take it over", async () => {
  const root = await mkdtemp(join(tmpdir(), "opto-race-"));
  const folders = Array.from({ length: 1200 }, (_, index) => join(root, String(index)));
  const dead = JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), startedAt: "2029-12-31T00:00:00.000Z", birth: "1" });
  for (const folder of folders) {
    await mkdir(folder);
    await writeFile(join(folder, fileNames.lock), dead);
  }
  const program = compileProgram(fileURLToPath(new URL("./take-locks.ts", import.meta.url)));
  const args = [program, root, String(folders.length), String(Date.now() + 2500)];
  const children = Array.from({ length: 6 }, () => spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] }));
  const taken = await Promise.all(children.map(async ({ stdout }) => JSON.parse(String(await once(stdout, "data")))));
  for (const child of children) child.kill();
  const numbers = (taken as number[][]).flat().sort((a, b) => a - b);
  expect(numbers).toEqual(folders.map((_, index) => index));
  expect(new Set((await Promise.all(folders.map((folder) => readdir(folder)))).flat())).toEqual(new Set([fileNames.lock]));
  await rm(root, { recursive: true });
});
