/**
 * The file of a lock: which process it names, whether that process is alive, and the heartbeat that renews it.
 *
 * @module
 */
import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import type { Clock } from "../data/clock.ts";
import { parseJsonObject } from "../data/json.ts";
import type { Sleep } from "../llm/pace/limit-wait.ts";

/** The process that has a run. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** By the clock of its host. ISO 8601. */
  readonly renewedAt?: string | undefined;
  /** When the process began, in ticks since the machine did: tells it from a later process of the same pid. Linux only. */
  readonly birth?: string | undefined;
  /** Where its pid counts: the start of the machine and the namespace of pids. Tells containers of one host name apart. Linux only. */
  readonly pidSpace?: string | undefined;
  /** Unlike that of any other lock, also of the same process. */
  readonly token?: string | undefined;
}

/** What a lock's file holds, and when it was last written by the clock of its file system, in milliseconds since 1970. */
export interface LockState {
  readonly text: string;
  readonly writtenAt: number;
}

/** The tokens of the locks that this very process holds. */
export const heldTokens: Set<string> = new Set();

/** The lock of this process, as it is written. */
export function ownHolder(token: string, startedAt: string): LockHolder {
  const birth = birthOf(process.pid);
  return { pid: process.pid, host: hostname(), startedAt, renewedAt: startedAt, birth, pidSpace: pidSpace(), token };
}

/** As a file holds it. */
export function holderText(holder: LockHolder): string {
  return `${JSON.stringify(holder)}\n`;
}

/** `undefined` for a text that names no process. */
export function holderIn(text: string | undefined): LockHolder | undefined {
  const holder = parseJsonObject(text ?? "");
  return typeof holder?.pid === "number" && typeof holder.host === "string" ? (holder as unknown as LockHolder) : undefined;
}

/** `undefined` when there is no such file. */
export function readLock(path: string): LockState | undefined {
  let file: number;
  try {
    // Opened, because a network file system may know the times of a file that it has not opened from long ago.
    file = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return { text: readFileSync(file, "utf8"), writtenAt: fstatSync(file).mtimeMs };
  } finally {
    closeSync(file);
  }
}

/** Whether the process can be asked from here whether it is alive: its pid counts here, or its lock does not say where it counts. */
export function isHere(holder: LockHolder): boolean {
  return holder.host === hostname() && (holder.pidSpace === undefined || holder.pidSpace === pidSpace());
}

/** Whether a process of this host is alive. */
export function isAlive({ pid, birth, token }: LockHolder): boolean {
  // Where nothing tells processes of one pid apart, it is this one's own or that of an earlier one.
  if (pid === process.pid && birth === undefined) return token !== undefined && heldTokens.has(token);
  const now = birthOf(pid);
  if (birth !== undefined && now !== undefined) return birth === now;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function pidSpace(): string | undefined {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return undefined;
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

/** The file appears with its content, or not at all. */
export function tryLink(from: string, to: string, make: (from: string, to: string) => void = linkSync): boolean {
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

/** How often a lock is renewed, in milliseconds. */
const renewalMs = 5_000;
/** A lock that is not renewed for so long belongs to no living process, in milliseconds. */
export const staleMs = 60_000;
/** How long a lock is watched whose file says that it is stale: its times may be those of a clock that is wrong. */
const doubtMs = 3 * renewalMs;
const pollMs = 1_000;

/**
 * Renews a lock until the returned function is called.
 *
 * @param onLost called once when the lock is not this process's any more, and not renewed then
 */
export function keepRenewing(path: string, holder: LockHolder, clock: Clock, onLost: () => void): () => void {
  const renew = (): void => {
    if (renewOnce(path, { ...holder, renewedAt: new Date(clock.now()).toISOString() })) return;
    clearInterval(timer);
    onLost();
  };
  const timer = setInterval(renew, renewalMs).unref();
  return () => clearInterval(timer);
}

/** Whether the lock is still its own. Writes over the file in place, so never to a lock that another process has put there meanwhile. */
function renewOnce(path: string, holder: LockHolder): boolean {
  try {
    const file = openSync(path, "r+");
    try {
      if (holderIn(readFileSync(file, "utf8"))?.token !== holder.token) return false;
      writeSync(file, holderText(holder), 0);
    } finally {
      closeSync(file);
    }
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT" || restore(path, holder);
  }
}

/** A lock that was deleted is made again, unless another process was faster. */
function restore(path: string, holder: LockHolder): boolean {
  try {
    writeFileSync(path, holderText(holder), { flag: "wx" });
    return true;
  } catch (error) {
    // Else a network share is away for a moment.
    return (error as NodeJS.ErrnoException).code !== "EEXIST";
  }
}

/**
 * Watches a lock whose process cannot be asked whether it is alive, until it changes or has been silent for long enough: a minute by
 * the time that passes here. No clock of another machine decides: what the times of the files say only shortens the watch.
 *
 * @param now the time of the file system, in milliseconds since 1970
 * @returns the lock when it has changed, `undefined` when its file is gone, `"silent"` when it was not renewed
 */
export async function watchLock(
  path: string,
  before: LockState,
  now: number,
  { sleep, signal }: { readonly sleep: Sleep; readonly signal: AbortSignal | undefined },
): Promise<LockState | "silent" | undefined> {
  const isOld = now - before.writtenAt >= staleMs;
  for (let watchedMs = 0; watchedMs < (isOld ? doubtMs : staleMs); watchedMs += pollMs) {
    await sleep(pollMs, signal);
    const state = readLock(path);
    if (state?.text !== before.text || state.writtenAt !== before.writtenAt) return state;
  }
  return "silent";
}
