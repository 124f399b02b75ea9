/**
 * The lock of a run directory: one process at a time.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../data/clock.ts";
import { isPlainObject } from "../data/json.ts";
import { CheckpointError } from "../errors.ts";
import { fileNames } from "./file-names.ts";

/** Who has a run. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** When the process began, in ticks since the machine did: tells it from a later process of the same pid. Linux only. */
  readonly birth?: string | undefined;
}

/** The locks that this very process holds. */
const held = new Set<string>();

/**
 * Takes the lock of a run directory. The lock of a process that is gone is taken over.
 *
 * @returns a function that gives it back
 * @throws CheckpointError naming the process and the host that have it
 */
export function takeLock(folder: string, clock: Clock = systemClock): () => void {
  const path = join(folder, fileNames.lock);
  const aside = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const own: LockHolder = {
    pid: process.pid,
    host: hostname(),
    startedAt: new Date(clock.now()).toISOString(),
    birth: birthOf(process.pid),
  };
  writeFileSync(aside, `${JSON.stringify(own)}\n`, { flag: "wx" });
  try {
    while (!tryLink(aside, path)) {
      const { text, holder } = readHolder(path);
      if (holder !== undefined && isAlive(holder, path)) throw new CheckpointError(taken(folder, path, holder));
      // Another process may be taking it over, too: what is moved away must be what was judged, else it is put back.
      const moved = `${aside}.stale`;
      if (!tryRename(path, moved)) continue;
      if (readText(moved) !== text) tryLink(moved, path);
      rmSync(moved, { force: true });
    }
  } finally {
    rmSync(aside, { force: true });
  }
  held.add(path);
  return () => {
    if (!held.delete(path)) return;
    // Not when somebody has taken it over, believing this process gone.
    if (readHolder(path).holder?.startedAt === own.startedAt) rmSync(path, { force: true });
  };
}

/** Who has a run now, or `undefined` when nobody does. */
export function lockHolder(folder: string): LockHolder | undefined {
  const path = join(folder, fileNames.lock);
  const { holder } = readHolder(path);
  return holder !== undefined && isAlive(holder, path) ? holder : undefined;
}

/** A process of another host cannot be asked, so it counts as alive. */
function isAlive({ pid, host, birth }: LockHolder, path: string): boolean {
  if (host !== hostname()) return true;
  if (pid === process.pid) return held.has(path);
  const now = birthOf(pid);
  if (birth !== undefined && now !== undefined) return birth === now;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function birthOf(pid: number): string | undefined {
  try {
    // The name of the program, in parentheses, may hold anything; the fields after it do not.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, "").trim().split(" ");
    return fields[19];
  } catch {
    return undefined;
  }
}

function taken(folder: string, path: string, { pid, host, startedAt }: LockHolder): string {
  return (
    `${folder} is in use by process ${pid} on ${host} since ${startedAt}. Wait for it or stop it; to train beside it, give ` +
    `another \`run\` or \`resume: false\`${host === hostname() ? "" : `. If that process is gone, delete ${path}`}`
  );
}

function readHolder(path: string): { text: string | undefined; holder: LockHolder | undefined } {
  const text = readText(path);
  try {
    const holder: unknown = JSON.parse(text ?? "");
    const isHolder = isPlainObject(holder) && typeof holder.pid === "number" && typeof holder.host === "string";
    return { text, holder: isHolder ? (holder as unknown as LockHolder) : undefined };
  } catch {
    return { text, holder: undefined };
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** The file appears with its content, or not at all. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function tryRename(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
