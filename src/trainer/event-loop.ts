/**
 * The event loop's share: rollouts that wait for nothing follow each other without end, and let it turn in between.
 *
 * @module
 */
import { systemClock } from "../data/clock.ts";

/** For how long pieces of work may begin before the event loop turns, in milliseconds. */
const stretchMs = 10;
/** How many times as many pieces may begin in a stretch as in the one before. */
const growth = 4;

/** The real one, also where a test has put its own timers in place of it: what has begun has to go on. */
const { setImmediate } = globalThis;

/** There is one event loop, whoever works in it. A stretch is what happens between two of its turns. */
let isInStretch = false;
let startedAt = 0;
/** Pieces of work begun in the stretch, and how many may be. */
let begun = 0;
let most = 1;
/** Pieces that begin after the next turn, or a later one, in this order. */
const waiting: (() => void)[] = [];

/**
 * Begins a piece of work: now, or after the event loop has turned, when it has not for too long. So signals, timers and servers
 * in the process never wait long, also where rollouts wait for nothing. How long a piece keeps the loop is known only after it:
 * the first of its kind begins alone, then as many together as fit into the time.
 */
export function beginInTurn(piece: () => void): void {
  if (waiting.length === 0 && mayBegin()) count(piece);
  else waiting.push(piece);
}

/** Work of another kind comes, of which nothing is known yet. */
export function startSlowly(): void {
  most = Math.min(most, isInStretch ? begun + 1 : 1);
}

/** Lets the event loop turn in the middle of a piece of work, when it has not for too long. */
export async function letTurn(): Promise<void> {
  if (isInStretch && isOverlong()) await new Promise<void>((resolve) => beginInTurn(resolve));
}

function count(piece: () => void): void {
  if (!isInStretch) {
    isInStretch = true;
    startedAt = systemClock.monotonic();
    begun = 0;
    setImmediate(turned);
  }
  begun++;
  piece();
}

function mayBegin(): boolean {
  return !isInStretch || (begun < most && !isOverlong());
}

function isOverlong(): boolean {
  return systemClock.monotonic() - startedAt >= stretchMs;
}

function turned(): void {
  const each = (systemClock.monotonic() - startedAt) / begun;
  most = Math.max(1, Math.min(Math.floor(stretchMs / each), growth * begun));
  isInStretch = false;
  let next = 0;
  // What these ask for themselves comes after all that was asked for before.
  while (next < waiting.length && mayBegin()) count(waiting[next++] as () => void);
  waiting.splice(0, next);
}
