import { spawn } from "node:child_process";
import { hash } from "node:crypto";
import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CheckpointError } from "../errors.ts";
import { fileNames } from "./run-files.ts";
import { lockHolder, takeLock } from "./run-lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opto-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const clock = { now: () => Date.UTC(2030, 0, 31), monotonic: () => 0 };
const write = (holder: object): void => writeFileSync(join(folder, fileNames.lock), JSON.stringify(holder));

describe("takeLock", () => {
  it("names its holder, and leaves nothing behind", async () => {
    const lock = await takeLock(folder, { clock });
    const expected = { pid: process.pid, host: hostname(), startedAt: "2030-01-31T00:00:00.000Z" };
    expect(JSON.parse(readFileSync(join(folder, fileNames.lock), "utf8"))).toMatchObject(expected);
    expect(lockHolder(folder)).toMatchObject(expected);
    expect(readdirSync(folder)).toEqual([fileNames.lock]);
    lock.release();
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    expect(lockHolder(folder)).toBeUndefined();
  });

  it("is refused while this process has it", async () => {
    const lock = await takeLock(folder, { clock });
    await expect(takeLock(folder)).rejects.toThrow(CheckpointError);
    await expect(takeLock(folder)).rejects.toThrow(
      `${folder} is in use by process ${process.pid} on ${hostname()} since 2030-01-31T00:00:00.000Z.`,
    );
    lock.release();
    (await takeLock(folder)).release();
  });

  it("works where the file system has no links", async () => {
    const link = vi.spyOn(fs, "linkSync").mockImplementation(() => {
      throw Object.assign(new Error("operation not permitted"), { code: "EPERM" });
    });
    syncBuiltinESMExports();
    try {
      write({ pid: 2 ** 22 + 1, host: hostname(), startedAt: "", birth: "1" });
      const lock = await takeLock(folder, { clock });
      await expect(takeLock(folder)).rejects.toThrow(`in use by process ${process.pid}`);
      lock.release();
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      link.mockRestore();
      syncBuiltinESMExports();
    }
  });

  it("is refused by another way to the same folder, too", async () => {
    const link = `${folder}-link`;
    symlinkSync(folder, link);
    const lock = await takeLock(folder, { clock });
    await expect(takeLock(link)).rejects.toThrow(`in use by process ${process.pid}`);
    lock.release();
    rmSync(link);
  });

  it("is taken over although a process has died while it did so", async () => {
    const dead = JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), startedAt: "", birth: "1" });
    writeFileSync(join(folder, fileNames.lock), dead);
    const claim = `${fileNames.lock}.${hash("sha256", dead).slice(0, 16)}.claim`;
    writeFileSync(join(folder, claim), dead.replace('"birth":"1"', '"birth":"2"'));
    (await takeLock(folder)).release();
    expect(readdirSync(folder)).toEqual([claim]);
  });

  it("is refused while another process lives, and taken over when it is gone", async () => {
    const child = spawn("sleep", ["60"]);
    write({ pid: child.pid, host: hostname(), startedAt: "2029-12-31T00:00:00.000Z" });
    await expect(takeLock(folder)).rejects.toThrow(`in use by process ${child.pid}`);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.on("close", resolve));
    expect(lockHolder(folder)).toBeUndefined();
    (await takeLock(folder)).release();
  });

  it.runIf(process.platform === "linux")("is taken over when the pid belongs to a later process", async () => {
    write({ pid: process.ppid, host: hostname(), startedAt: "", birth: "1" });
    (await takeLock(folder)).release();
  });

  it.each(["", "{", '{"pid":"1"}', "null"])("counts as free when the file holds %j", async (text) => {
    writeFileSync(join(folder, fileNames.lock), text);
    (await takeLock(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("a lock of another host", () => {
  const path = (): string => join(folder, fileNames.lock);
  const elsewhere = { pid: 1, host: "elsewhere", startedAt: "2029-12-31T00:00:00.000Z", token: "t" };
  const gone =
    "process 1 on elsewhere, which had held it since 2029-12-31T00:00:00.000Z and had not renewed its lock for a minute";

  /** Time that passes by itself; what else happens meanwhile is up to a test. */
  const watching = (meanwhile: (passedMs: number) => void = () => {}) => {
    const watch = { passedMs: 0, said: [] as string[] };
    const sleep = async (ms: number): Promise<void> => {
      watch.passedMs += ms;
      meanwhile(watch.passedMs);
    };
    return { watch, options: { sleep, onWait: (message: string) => void watch.said.push(message) } };
  };

  it("is taken over after it was not renewed for a minute, with a warning that names it", async () => {
    write(elsewhere);
    const { watch, options } = watching();
    const lock = await takeLock(folder, options);
    expect(lock.warning).toBe(`${folder} was taken over from ${gone}`);
    expect(watch.passedMs).toBe(60_000);
    expect(watch.said).toEqual([
      `${folder} is locked by process 1 on elsewhere, and it cannot be determined from here whether that process is still running. ` +
        "Waiting up to 60 s to see whether it renews its lock",
    ]);
    expect(lockHolder(folder)?.pid).toBe(process.pid);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ["an hour old", -3_600_000, 15_000],
    ["from the future, because its clock is wrong", 3_600_000, 60_000],
    ["new", 0, 60_000],
  ])("whose file is %s is watched, longer or shorter", async (_, ageMs, expectedMs) => {
    write(elsewhere);
    const time = new Date(Date.now() + ageMs);
    utimesSync(path(), time, time);
    const { watch, options } = watching();
    (await takeLock(folder, options)).release();
    expect(watch.passedMs).toBe(expectedMs);
  });

  it.each<[string, () => void]>([
    ["its text", () => write({ ...elsewhere, renewedAt: "2029-12-31T00:00:05.000Z" })],
    ["the time of its file, whatever clock that is by", () => utimesSync(path(), 1, 1)],
  ])("is refused as soon as it is renewed: %s", async (_, renew) => {
    write(elsewhere);
    const { watch, options } = watching((passedMs) => passedMs === 5_000 && renew());
    await expect(takeLock(folder, options)).rejects.toThrow(
      `${folder} is in use by process 1 on elsewhere since 2029-12-31T00:00:00.000Z. Wait for it or stop it; to train alongside it, ` +
        "use another `run.id` or `run.resume: false`",
    );
    expect(watch.passedMs).toBe(5_000);
    expect(readdirSync(folder)).toEqual([fileNames.lock]);
  });

  describe.runIf(process.platform === "linux")("of a container with the same host name", () => {
    const pidSpaceHere = async (): Promise<string> => {
      const lock = await takeLock(folder, { clock });
      const { pidSpace } = JSON.parse(readFileSync(path(), "utf8"));
      lock.release();
      return pidSpace;
    };

    it.each<[string, (here: string) => string]>([
      ["another namespace of pids", (here) => here.replace(/\d+\]$/, "1]")],
      ["another machine", (here) => here.replace(/^\S+/, "0e0e0e0e-0000-0000-0000-000000000000")],
    ])("is watched like one of another host: %s", async (_, elsewhereOf) => {
      const here = await pidSpaceHere();
      expect(here).toMatch(/^[\da-f-]{36} pid:\[\d+\]$/);
      // Here the pid is that of no process, or of one that began at another time.
      const container = { ...elsewhere, host: hostname(), birth: "1", pidSpace: elsewhereOf(here) };
      write(container);
      expect(lockHolder(folder)?.pid).toBe(1);
      const renewed = watching((passedMs) => passedMs === 5_000 && write({ ...container, renewedAt: "now" }));
      await expect(takeLock(folder, renewed.options)).rejects.toThrow("is in use by process 1 on");
      const silent = watching();
      (await takeLock(folder, silent.options)).release();
      expect(silent.watch.passedMs).toBe(60_000);
    });

    it("is asked about here where the pids are the same", async () => {
      write({ ...elsewhere, host: hostname(), birth: "1", pidSpace: await pidSpaceHere() });
      const { watch, options } = watching();
      (await takeLock(folder, options)).release();
      expect(watch.passedMs).toBe(0);
    });
  });

  it("is free when it is given back meanwhile, and another's when another process was faster", async () => {
    write(elsewhere);
    const free = watching((passedMs) => passedMs === 2_000 && rmSync(path()));
    const lock = await takeLock(folder, free.options);
    expect([lock.warning, free.watch.passedMs]).toEqual([undefined, 2_000]);
    lock.release();
    write(elsewhere);
    const taken = watching((passedMs) => passedMs === 2_000 && write({ pid: process.ppid, host: hostname(), startedAt: "now" }));
    await expect(takeLock(folder, taken.options)).rejects.toThrow(`in use by process ${process.ppid} on ${hostname()} since now`);
  });

  it("is no longer waited for after an abort, whose reason is thrown unchanged", async () => {
    write(elsewhere);
    const reason = new Error("enough");
    await expect(takeLock(folder, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(readdirSync(folder)).toEqual([fileNames.lock]);
  });

  it("holds in the eyes of those that only look for as long as it is renewed", () => {
    write(elsewhere);
    expect(lockHolder(folder)?.host).toBe("elsewhere");
    utimesSync(path(), new Date(Date.now() - 61_000), new Date(Date.now() - 61_000));
    expect(lockHolder(folder)).toBeUndefined();
  });
});

describe("renewal", () => {
  const path = (): string => join(folder, fileNames.lock);
  const renewedAt = (): unknown => JSON.parse(readFileSync(path(), "utf8")).renewedAt;
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
  afterEach(() => void vi.useRealTimers());

  it("writes the lock again until it is given back", async () => {
    let now = Date.UTC(2030, 0, 31);
    const lock = await takeLock(folder, { clock: { ...clock, now: () => now } });
    now += 5_000;
    vi.advanceTimersByTime(5_000);
    expect(renewedAt()).toBe("2030-01-31T00:00:05.000Z");
    rmSync(path());
    vi.advanceTimersByTime(5_000);
    expect([renewedAt(), lock.isHeld()]).toEqual(["2030-01-31T00:00:05.000Z", true]);
    lock.release();
    vi.advanceTimersByTime(5_000);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("notices, once, that another process has taken the lock over, and leaves it to that", async () => {
    const onLost = vi.fn();
    const lock = await takeLock(folder, { clock, onLost });
    write({ pid: 7, host: "elsewhere", startedAt: "", token: "u" });
    vi.advanceTimersByTime(15_000);
    expect(onLost.mock.calls).toEqual([
      [
        `${folder} was taken over by process 7 on elsewhere, because this process did not renew its lock for a minute: it was suspended, ` +
          "or its event loop was blocked. The folder now belongs to that process; when it has ended, run the same command again to resume",
      ],
    ]);
    expect(lock.isHeld()).toBe(false);
    lock.release();
    expect(JSON.parse(readFileSync(path(), "utf8")).pid).toBe(7);
  });
});
