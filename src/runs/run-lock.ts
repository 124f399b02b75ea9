/**
 * The lock of a run directory: one process at a time.
 *
 * @module
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, systemClock } from "../data/clock.ts";
import { nodeCrypto } from "../data/load-on-demand.ts";
import { CheckpointError } from "../errors.ts";
import { type Sleep, sleep as sleepByTimer } from "../llm/pace/limit-wait.ts";
import {
  heldTokens,
  holderIn,
  holderText,
  isAlive,
  isHere,
  keepRenewing,
  type LockHolder,
  type LockState,
  ownHolder,
  readLock,
  staleMs,
  tryLink,
  watchLock,
} from "./lock-file.ts";
import { fileNames } from "./run-files.ts";

/** How a lock is taken. */
export interface LockOptions {
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** @default a timer of Node */
  readonly sleep?: Sleep | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Called before a lock is watched whose process cannot be asked whether it is alive, with what is being done and why. */
  readonly onWait?: ((message: string) => void) | undefined;
  /** Called when another process has taken the lock over, with what to do. */
  readonly onLost?: ((message: string) => void) | undefined;
}

/** A lock that was taken. */
export interface RunLock {
  /** From which process of another host or container it was taken over, and why. */
  readonly warning: string | undefined;
  /** Whether it is still this process's. */
  isHeld(): boolean;
  release(): void;
}

/**
 * Takes the lock of a run directory and renews it from then on. The lock of a process that is gone is taken over; where it was a
 * process of another host or container, after its lock has not been renewed for a minute.
 *
 * @throws CheckpointError naming the process and the host that have it
 * @throws the reason of the signal, unchanged
 */
export async function takeLock(folder: string, options: LockOptions = {}): Promise<RunLock> {
  const { clock = systemClock, onLost } = options;
  const path = join(folder, fileNames.lock);
  const token = nodeCrypto().randomBytes(12).toString("hex");
  const own = ownHolder(token, new Date(clock.now()).toISOString());
  const aside = `${path}.${token}.tmp`;
  let warning: string | undefined;
  writeFileSync(aside, holderText(own), { flag: "wx" });
  try {
    while (!tryLink(aside, path)) {
      const state = readLock(path);
      if (state === undefined) continue;
      const gone = await refuseAlive(state, { folder, path, aside }, options);
      if (await takeOver(state.text, { folder, path, aside }, options)) warning = gone;
    }
  } finally {
    rmSync(aside, { force: true });
  }
  heldTokens.add(token);
  const holderNow = (): LockHolder | undefined => holderIn(readLock(path)?.text);
  const stopRenewing = keepRenewing(path, own, clock, () => onLost?.(lost(folder, holderNow())));
  return {
    warning,
    isHeld: () => heldTokens.has(token) && [undefined, token].includes(holderNow()?.token),
    release: () => {
      stopRenewing();
      if (!heldTokens.delete(token)) return;
      // Not when another process has taken it over, believing this one gone.
      if (holderNow()?.token === token) rmSync(path, { force: true });
    },
  };
}

interface Paths {
  readonly folder: string;
  readonly path: string;
  readonly aside: string;
}

/** Returns when the process that a lock names is gone; of one of another host or container with a warning that says so. */
async function refuseAlive(state: LockState, { folder, path, aside }: Paths, options: LockOptions): Promise<string | undefined> {
  const holder = holderIn(state.text);
  if (holder === undefined) return undefined;
  if (isHere(holder)) {
    if (isAlive(holder)) throw new CheckpointError(taken(folder, holder));
    return undefined;
  }
  options.onWait?.(watching(folder, holder));
  const now = readLock(aside)?.writtenAt ?? state.writtenAt;
  const later = await watch(path, state, now, options);
  if (later === "silent") return takenOver(folder, holder);
  const next = holderIn(later?.text);
  const isSame = next !== undefined && next.token === holder.token && next.pid === holder.pid && next.host === holder.host;
  if (isSame) throw new CheckpointError(taken(folder, next));
  // It is free, or another process's: `takeOver` finds another text.
  return undefined;
}

function watch(
  path: string,
  state: LockState,
  now: number,
  { sleep = sleepByTimer, signal }: LockOptions,
): ReturnType<typeof watchLock> {
  return watchLock(path, state, now, { sleep, signal });
}

/**
 * Removes the lock of a process that is gone. Many may find it at the same moment, and one that is slow must not remove the
 * lock of one that was fast. So a removal is a claim of its own: a file named after the very text that is to go, which one
 * process alone can make. Only the process that has the claim may touch a lock of that text.
 *
 * @returns whether it was this process that has removed it
 */
async function takeOver(stale: string, { folder, path, aside }: Paths, options: LockOptions): Promise<boolean> {
  let claim = `${path}.${nodeCrypto().hash("sha256", stale).slice(0, 16)}.claim`;
  while (!tryLink(aside, claim)) {
    const state = readLock(claim);
    // Given back meanwhile.
    if (state === undefined) return false;
    const holder = holderIn(state.text);
    if (holder !== undefined && isHere(holder)) {
      if (isAlive(holder)) throw new CheckpointError(taken(folder, holder));
    } else if ((await watch(claim, state, Number.POSITIVE_INFINITY, options)) !== "silent") {
      // A claim is held for a moment only.
      return false;
    }
    // Its process has died over it: the claim is claimed in turn.
    claim = `${path}.${nodeCrypto().hash("sha256", `${claim}${state.text}`).slice(0, 16)}.claim`;
  }
  try {
    const isThere = readLock(path)?.text === stale;
    if (isThere) rmSync(path, { force: true });
    return isThere;
  } finally {
    rmSync(claim, { force: true });
  }
}

/** The process that has a run now; `undefined` when none does, or one of another host or container that has not renewed its lock for a minute. */
export function lockHolder(folder: string, clock: Clock = systemClock): LockHolder | undefined {
  try {
    const state = readLock(join(folder, fileNames.lock));
    const holder = holderIn(state?.text);
    if (state === undefined || holder === undefined) return undefined;
    const holds = isHere(holder) ? isAlive(holder) : clock.now() - state.writtenAt < staleMs;
    return holds ? holder : undefined;
  } catch {
    return undefined;
  }
}

function taken(folder: string, { pid, host, startedAt }: LockHolder): string {
  return (
    `${folder} is in use by process ${pid} on ${host} since ${startedAt}. Wait for it or stop it; to train alongside it, use ` +
    "another `run.id` or `run.resume: false`"
  );
}

function watching(folder: string, { pid, host }: LockHolder): string {
  return (
    `${folder} is locked by process ${pid} on ${host}, and it cannot be determined from here whether that process is still running. ` +
    `Waiting up to ${staleMs / 1000} s to see whether it renews its lock`
  );
}

function takenOver(folder: string, { pid, host, startedAt }: LockHolder): string {
  return `${folder} was taken over from process ${pid} on ${host}, which had held it since ${startedAt} and had not renewed its lock for a minute`;
}

function lost(folder: string, next: LockHolder | undefined): string {
  const who = next === undefined ? "another process" : `process ${next.pid} on ${next.host}`;
  return (
    `${folder} was taken over by ${who}, because this process did not renew its lock for a minute: it was suspended, or its event loop ` +
    "was blocked. The folder now belongs to that process; when it has ended, run the same command again to resume"
  );
}
