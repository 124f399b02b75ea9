/**
 * The renewal of locks: how a process shows other hosts that it is alive, and how long its silence is watched.
 *
 * @module
 */
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import type { Clock } from "../data/clock.ts";
import type { Sleep } from "../llm/sleep.ts";
import { holderIn, holderText, type LockHolder, type LockState, readLock } from "./lock-file.ts";

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
