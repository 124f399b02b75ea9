/**
 * The event loop's share: rollouts that wait for nothing follow each other without end, and let it turn in between.
 *
 * @module
 */
import { systemClock } from "../data/clock.ts";
import type { MaybePromise } from "../data/maybe-promise.ts";

/** For how long pieces of work may begin before the event loop turns, in milliseconds. */
const stretchMs = 10;

/** The real ones, also where a test has put its own timers in place of them: what has begun has to go on. */
const { setImmediate } = globalThis;
const { nextTick } = process;

/** There is one event loop, whoever works in it. A stretch is what happens between two of its turns. */
let isInStretch = false;
let startedAt = 0;
/** Whether a piece has begun, and what it does before it first waits for something is not over. */
let isBusy = false;
const settled = Promise.resolve();
/** Pieces that have yet to begin, in this order. */
const waiting: Piece[] = [];

/** A piece of work; when it returns no promise, it is over. */
type Piece = () => MaybePromise<void>;

/**
 * Begins a piece of work: now, after what another has to do before it first waits, or after the event loop has turned, when it
 * has not for too long. So signals, timers and servers in the process never wait long, also where rollouts wait for nothing.
 */
export function beginInTurn(piece: () => void): void {
  runInTurn(() => {
    piece();
    return settled;
  });
}

/** `beginInTurn` for what may be over when it returns: the next piece then follows immediately. */
export function runInTurn(piece: Piece): void {
  waiting.push(piece);
  if (!isBusy) beginNext();
}

/** Lets the event loop turn in the middle of a piece of work. Resolves after that; `undefined` when it has turned lately. */
export function letTurn(): Promise<void> | undefined {
  return isOverlong() ? new Promise<void>((resolve) => beginInTurn(resolve)) : undefined;
}

/** Lets the event loop turn between two steps of a preparation that waits for nothing. */
export function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function beginNext(): void {
  for (;;) {
    isBusy = false;
    if (isOverlong()) return;
    const piece = waiting.shift();
    if (piece === undefined) return;
    if (!isInStretch) {
      isInStretch = true;
      startedAt = systemClock.monotonic();
      setImmediate(turned);
    }
    isBusy = true;
    if (piece() === undefined) continue;
    void settled.then(afterPromises);
    return;
  }
}

/** Comes when no settled promise has anything left to do: how long a piece takes before it waits is known only then. */
function afterPromises(): void {
  nextTick(beginNext);
}

function isOverlong(): boolean {
  return isInStretch && systemClock.monotonic() - startedAt >= stretchMs;
}

function turned(): void {
  isInStretch = false;
  beginNext();
}
