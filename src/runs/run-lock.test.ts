import { spawn } from "node:child_process";
import { hash } from "node:crypto";
import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CheckpointError } from "../errors.ts";
import { fileNames } from "./file-names.ts";
import { lockHolder, takeLock } from "./run-lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opto-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const clock = { now: () => Date.UTC(2030, 0, 31), monotonic: () => 0 };
const write = (holder: object): void => writeFileSync(join(folder, fileNames.lock), JSON.stringify(holder));

describe("takeLock", () => {
  it("names its holder, and leaves nothing behind", () => {
    const unlock = takeLock(folder, clock);
    const expected = { pid: process.pid, host: hostname(), startedAt: "2030-01-31T00:00:00.000Z" };
    expect(JSON.parse(readFileSync(join(folder, fileNames.lock), "utf8"))).toMatchObject(expected);
    expect(lockHolder(folder)).toMatchObject(expected);
    expect(readdirSync(folder)).toEqual([fileNames.lock]);
    unlock();
    unlock();
    expect(readdirSync(folder)).toEqual([]);
    expect(lockHolder(folder)).toBeUndefined();
  });

  it("is refused while this process has it", () => {
    const unlock = takeLock(folder, clock);
    expect(() => takeLock(folder)).toThrow(CheckpointError);
    expect(() => takeLock(folder)).toThrow(
      `${folder} is in use by process ${process.pid} on ${hostname()} since 2030-01-31T00:00:00.000Z.`,
    );
    unlock();
    takeLock(folder)();
  });

  it("works where the file system has no links", () => {
    const link = vi.spyOn(fs, "linkSync").mockImplementation(() => {
      throw Object.assign(new Error("operation not permitted"), { code: "EPERM" });
    });
    syncBuiltinESMExports();
    try {
      write({ pid: 2 ** 22 + 1, host: hostname(), startedAt: "", birth: "1" });
      const unlock = takeLock(folder, clock);
      expect(() => takeLock(folder)).toThrow(`in use by process ${process.pid}`);
      unlock();
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      link.mockRestore();
      syncBuiltinESMExports();
    }
  });

  it("is refused by another way to the same folder, too", () => {
    const link = `${folder}-link`;
    symlinkSync(folder, link);
    const unlock = takeLock(folder, clock);
    expect(() => takeLock(link)).toThrow(`in use by process ${process.pid}`);
    unlock();
    rmSync(link);
  });

  it("is taken over although a process has died while it did so", () => {
    const dead = JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), startedAt: "", birth: "1" });
    writeFileSync(join(folder, fileNames.lock), dead);
    const claim = `${fileNames.lock}.${hash("sha256", dead).slice(0, 16)}.claim`;
    writeFileSync(join(folder, claim), dead.replace('"birth":"1"', '"birth":"2"'));
    takeLock(folder)();
    expect(readdirSync(folder)).toEqual([claim]);
  });

  it("is refused while another process lives, and taken over when it is gone", async () => {
    const child = spawn("sleep", ["60"]);
    write({ pid: child.pid, host: hostname(), startedAt: "2029-12-31T00:00:00.000Z" });
    expect(() => takeLock(folder)).toThrow(`in use by process ${child.pid}`);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.on("close", resolve));
    expect(lockHolder(folder)).toBeUndefined();
    takeLock(folder)();
  });

  it.runIf(process.platform === "linux")("is taken over when the pid belongs to a later process", () => {
    write({ pid: process.ppid, host: hostname(), startedAt: "", birth: "1" });
    takeLock(folder)();
  });

  it("of another host stays, with the advice to look there", () => {
    write({ pid: 1, host: "elsewhere", startedAt: "2029-12-31T00:00:00.000Z" });
    expect(() => takeLock(folder)).toThrow(
      `in use by process 1 on elsewhere since 2029-12-31T00:00:00.000Z. Wait for it or stop it; to train beside it, give another \`run\` or ` +
        `\`resume: false\`. If that process is gone, delete ${join(folder, fileNames.lock)}`,
    );
  });

  it.each(["", "{", '{"pid":"1"}', "null"])("counts as free when the file holds %j", (text) => {
    writeFileSync(join(folder, fileNames.lock), text);
    takeLock(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });
});
