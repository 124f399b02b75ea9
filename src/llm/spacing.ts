/**
 * `Spacing`: finds out whether a provider refuses requests because they follow too closely on each other.
 *
 * @module
 */

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
 * together, however few are in flight. A window of places cannot see that; it would shrink to one. When close followers are
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
