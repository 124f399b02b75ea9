/**
 * The lock of a run directory: one process at a time.
 *
 * @module
 */
import { hash, randomBytes } from "node:crypto";
import { constants, copyFileSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../data/clock.ts";
import { parseJsonObject } from "../data/json.ts";
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
  /** Unlike that of any other lock, also of the same process. */
  readonly token?: string | undefined;
}

/** The tokens of the locks that this very process holds. */
const held = new Set<string>();

/**
 * Takes the lock of a run directory. The lock of a process that is gone is taken over.
 *
 * @returns a function that gives it back
 * @throws CheckpointError naming the process and the host that have it
 */
export function takeLock(folder: string, clock: Clock = systemClock): () => void {
  const path = join(folder, fileNames.lock);
  const token = randomBytes(12).toString("hex");
  const own: LockHolder = {
    pid: process.pid,
    host: hostname(),
    startedAt: new Date(clock.now()).toISOString(),
    birth: birthOf(process.pid),
    token,
  };
  const aside = `${path}.${token}.tmp`;
  writeFileSync(aside, `${JSON.stringify(own)}\n`, { flag: "wx" });
  try {
    while (!tryLink(aside, path)) {
      const text = readText(path);
      if (text === undefined) continue;
      refuseAlive(text, folder, path);
      takeOver(text, aside, folder, path);
    }
  } finally {
    rmSync(aside, { force: true });
  }
  held.add(token);
  return () => {
    if (!held.delete(token)) return;
    // Not when somebody has taken it over, believing this process gone.
    if (holderIn(readText(path))?.token === token) rmSync(path, { force: true });
  };
}

/**
 * Removes the lock of a process that is gone. Many may find it at the same moment, and one that is slow must not remove the
 * lock of one that was fast. So a removal is a claim of its own: a file named after the very text that is to go, which one
 * process alone can make. Only who has the claim may touch a lock of that text.
 */
function takeOver(stale: string, aside: string, folder: string, path: string): void {
  let claim = `${path}.${hash("sha256", stale).slice(0, 16)}.claim`;
  while (!tryLink(aside, claim)) {
    const text = readText(claim);
    // Given back meanwhile.
    if (text === undefined) return;
    refuseAlive(text, folder, path);
    // Who claimed it has died over it: the claim is claimed in turn.
    claim = `${path}.${hash("sha256", `${claim}${text}`).slice(0, 16)}.claim`;
  }
  try {
    if (readText(path) === stale) rmSync(path, { force: true });
  } finally {
    rmSync(claim, { force: true });
  }
}

function refuseAlive(text: string, folder: string, path: string): void {
  const holder = holderIn(text);
  if (holder !== undefined && isAlive(holder)) throw new CheckpointError(taken(folder, path, holder));
}

/** Who has a run now, or `undefined` when nobody does. */
export function lockHolder(folder: string): LockHolder | undefined {
  try {
    const holder = holderIn(readText(join(folder, fileNames.lock)));
    return holder !== undefined && isAlive(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** A process of another host cannot be asked, so it counts as alive. */
function isAlive({ pid, host, birth, token }: LockHolder): boolean {
  if (host !== hostname()) return true;
  // Where nothing tells processes of one pid apart, it is this one's own or that of an earlier one.
  if (pid === process.pid && birth === undefined) return token !== undefined && held.has(token);
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

function holderIn(text: string | undefined): LockHolder | undefined {
  const holder = parseJsonObject(text ?? "");
  return typeof holder?.pid === "number" && typeof holder.host === "string" ? (holder as unknown as LockHolder) : undefined;
}

/** `undefined` when there is no such file. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The file appears with its content, or not at all. */
function tryLink(from: string, to: string, make: (from: string, to: string) => void = linkSync): boolean {
  try {
    make(from, to);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code === "EEXIST") return false;
    // Not every file system has links (exFAT, some network shares). There the content comes a moment after the file.
    if (make === linkSync && withoutLinks.includes(code)) return tryLink(from, to, copyAsNew);
    throw error;
  }
}

const withoutLinks: readonly string[] = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL", "EACCES"];

function copyAsNew(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_EXCL);
}
