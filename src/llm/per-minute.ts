/**
 * `PerMinute`: spreads requests, or tokens, evenly over each minute.
 *
 * @module
 */

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
