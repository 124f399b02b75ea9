/**
 * Requests and tokens per minute: what providers say of their limits, and calls spread evenly below them.
 *
 * @module
 */

/** Headers of a reply. Names in any case; `fetch` gives them in lower case. */
export type ReplyHeaders = Readonly<Record<string, string>>;

/**
 * Milliseconds for which the headers of a refusal ask to wait, or `undefined` when they do not say.
 *
 * `retry-after-ms` comes before `retry-after` (seconds or a date), and both before a limit of which nothing remains.
 *
 * @param now milliseconds since 1970, against which dates are measured when the reply does not say when it was sent
 */
export function askedToWaitMs(headers: ReplyHeaders, now: number): number | undefined {
  const found = lowerCased(headers);
  const exact = numberOf(found.get("retry-after-ms"));
  if (exact !== undefined) return exact;
  const after = found.get("retry-after");
  const wait = after === undefined ? undefined : durationMs(after, sentAt(found) ?? now);
  return wait ?? exhaustedForMs(headers, now);
}

/**
 * Milliseconds until the last of the limits of which nothing remains is reset, or `undefined` when something remains of
 * all of them. Reads `x-ratelimit-remaining-requests` with `x-ratelimit-reset-requests`,
 * `anthropic-ratelimit-requests-remaining` with `anthropic-ratelimit-requests-reset`, and whatever else is named so.
 *
 * @param now milliseconds since 1970, against which dates are measured when the reply does not say when it was sent
 */
export function exhaustedForMs(headers: ReplyHeaders, now: number): number | undefined {
  // Every reply is asked, and few providers say anything of it.
  if (!Object.keys(headers).some((name) => /ratelimit/i.test(name))) return undefined;
  const found = lowerCased(headers);
  const waits = [...found].flatMap(([name, value]) => {
    if (!/ratelimit/.test(name) || !/\bremaining\b/.test(name) || numberOf(value) !== 0) return [];
    const wait = durationMs(found.get(name.replace("remaining", "reset")) ?? "", sentAt(found) ?? now);
    return wait === undefined ? [] : [wait];
  });
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** When the provider sent the reply, by the same clock as its other dates: that of this machine may be hours off. */
function sentAt(found: ReadonlyMap<string, string>): number | undefined {
  const date = Date.parse(found.get("date") ?? "");
  return Number.isNaN(date) ? undefined : date;
}

function lowerCased(headers: ReplyHeaders): Map<string, string> {
  return new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim()]));
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+(\.\d+)?$/.test(text)) return undefined;
  return Number(text);
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `20`, `6m0s`, `120ms`, a moment in seconds or milliseconds since 1970, or a date: as milliseconds from now, never negative. */
function durationMs(text: string, now: number): number | undefined {
  const plain = numberOf(text);
  if (plain !== undefined) {
    // No one is asked to wait for thirty years: numbers as large as that are moments.
    if (plain > 1e12) return Math.max(0, plain - now);
    return plain > 1e9 ? Math.max(0, plain * 1000 - now) : plain * 1000;
  }
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) {
    const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g);
    return [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * unitsMs[unit as string]!, 0);
  }
  // Date.parse takes "-1" for a year.
  const moment = /^([a-z]{3},|\d{4}-\d\d)/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - now);
}

/**
 * A bucket that fills at a steady rate and holds what may be used in one second, at least one unit: providers that allow
 * 600 a minute often refuse the eleventh within a second. No minute sees more than the limit, except that a use which
 * is larger than the bucket is let pass when the bucket is full, and paid back by waiting afterwards.
 */
export class PerMinute {
  readonly #capacity: number;
  readonly #perMs: number;
  #level: number;
  #at: number;

  /**
   * @param limit units a minute, above 0
   * @param now the present moment, in milliseconds of a clock that never goes back
   */
  constructor(limit: number, now: number) {
    this.#capacity = Math.max(1, limit / 60);
    // A full bucket may be emptied at the start of a minute, so what flows in during it must leave room for that.
    this.#perMs = (limit - this.#capacity + 0.99) / 60_000;
    this.#level = this.#capacity;
    this.#at = now;
  }

  /** Milliseconds until `amount` may be used, 0 when it may be now. */
  waitMs(amount: number, now: number): number {
    this.#fill(now);
    const missing = Math.min(amount, this.#capacity) - this.#level;
    // What is left over by rounding is no reason to wait.
    return missing <= 1e-9 ? 0 : missing / this.#perMs;
  }

  /** Takes `amount`, or gives it back when it is negative. */
  use(amount: number, now: number): void {
    this.#fill(now);
    this.#level = Math.min(this.#capacity, this.#level - amount);
  }

  #fill(now: number): void {
    this.#level = Math.min(this.#capacity, this.#level + (now - this.#at) * this.#perMs);
    this.#at = now;
  }
}

interface Tally {
  sent: number;
  refused: number;
}

/** By how much the shares of refusals have to differ. Where only the number in flight counts they differ by less. */
const difference = 0.4;
const enough = 10;
const remembered = 0.99;
/** Then it is tried again without. */
const longest = 1000;

/**
 * Some providers that allow 600 requests a minute take one each tenth of a second, and refuse the second of two that come
 * together, however few are in flight. A window of slots cannot see that; it would shrink to one. When close followers are
 * refused much more often than others, requests are to be spread evenly.
 */
export class Spacing {
  #close: Tally = { sent: 0, refused: 0 };
  #apart: Tally = { sent: 0, refused: 0 };
  #left = 0;

  /** True while requests are to be spread evenly. */
  get even(): boolean {
    return this.#left > 0;
  }

  /**
   * Tells how a request fared.
   *
   * @param gap time since the one before, as a share of the time between requests that are spread evenly
   */
  ended(gap: number, refused: boolean): void {
    if (this.#left > 0) {
      this.#left -= 1;
      return;
    }
    for (const tally of [this.#close, this.#apart]) {
      tally.sent *= remembered;
      tally.refused *= remembered;
    }
    const tally = gap < 0.5 ? this.#close : this.#apart;
    tally.sent += 1;
    if (refused) tally.refused += 1;
    if (this.#close.sent < enough || this.#apart.sent < enough) return;
    if (this.#close.refused / this.#close.sent < this.#apart.refused / this.#apart.sent + difference) return;
    this.#left = longest;
    this.#close = { sent: 0, refused: 0 };
    this.#apart = { sent: 0, refused: 0 };
  }
}
