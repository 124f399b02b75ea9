/**
 * `AdaptiveWindow`: how many requests a provider takes at once, found out from what it refuses.
 *
 * @module
 */

/** Names the round in which an attempt was sent. */
export type RoundMark = object;

interface Round {
  sent: number;
  failed: number;
  answered: number;
  /** The most places that were taken at once. */
  peak: number;
}

/** What was measured before the window was made smaller. */
interface Suspicion {
  readonly limit: number;
  readonly from: number;
  readonly failedShare: number;
}

const firstLimit = 8;
const smallestLimit = 1 / 16;
/** An attempt in three has to get through, or the load is to blame in any case. */
const worstBackground = 0.65;
const leastSent = 8;
const fullRound = 20;

/**
 * Additive increase, multiplicative decrease of the number of places, where only failures that depend on the load count.
 *
 * Attempts are counted in rounds; a round has the attempts sent since the last change. Failures are compared with the
 * background: the share that fails whatever the load. When clearly more fail, the window shrinks to what the provider
 * took, and the next round shows whether that helped. If the share went down with the load, the load was to blame. If
 * it did not, this is the background, and the window gets its former size back.
 *
 * An attempt that is still under way counts as not failed: refusals come fast, answers take their time, so of the first
 * outcomes of a round nearly all are refusals whatever the load.
 */
export class AdaptiveWindow {
  #limit = firstLimit;
  #background = 0;
  #doubling = true;
  #pressed = false;
  #suspicion: Suspicion | undefined;
  #round: Round = newRound();

  /** How many places there are now; below 1 it is the share of the time in which there is one. */
  get limit(): number {
    return this.#limit;
  }

  /** Tells that a call has to wait because all places are taken: only then is it worth while to have more. */
  press(): void {
    this.#pressed = true;
  }

  /** Tells that an attempt is sent, which makes `taken` places taken. */
  sent(taken: number): RoundMark {
    this.#round.sent += 1;
    this.#round.peak = Math.max(this.#round.peak, taken);
    return this.#round;
  }

  /** Tells how an attempt ended. Those sent before the last change say nothing about the present size. */
  ended(mark: RoundMark, failed: boolean): void {
    const round = this.#round;
    if (mark !== round) return;
    if (failed) round.failed += 1;
    else round.answered += 1;
    const share = round.failed / round.sent;
    if (round.sent >= leastSent && share > this.#background + this.#margin(3.5, 0.2)) this.#shrink(share);
    else if (round.failed + round.answered < Math.max(fullRound, this.#limit)) return;
    else if (share > this.#background + this.#margin(2, 0.1)) this.#shrink(share);
    else this.#grow(share);
  }

  /** Tells that the provider takes nothing at all for now, at whatever load. */
  blocked(): void {
    this.#limit = Math.max(Math.min(1, this.#limit), this.#limit / 2);
    this.#doubling = true;
    this.#suspicion = undefined;
    this.#startRound();
  }

  /** How much the share may differ from the background by chance, in standard deviations, at least `least`. */
  #margin(deviations: number, least: number): number {
    const share = Math.max(this.#background, 0.05);
    return Math.max(least, deviations * Math.sqrt((share * (1 - share)) / this.#round.sent));
  }

  #grow(share: number): void {
    // Up slowly, or it would creep after the load; down quickly, for a lower share is proof.
    this.#background += (share - this.#background) * (share < this.#background ? 0.5 : 0.1);
    if (this.#suspicion !== undefined) this.#doubling = false;
    this.#suspicion = undefined;
    if (this.#pressed) {
      const step = Math.max(Math.min(1, this.#limit / 2), this.#limit / 8);
      this.#limit += this.#doubling ? this.#limit : step;
    }
    this.#startRound();
  }

  #shrink(share: number): void {
    const former = this.#suspicion;
    this.#suspicion = undefined;
    if (former !== undefined && !helped(former, this.#limit, share)) {
      this.#background = Math.min(worstBackground, (former.failedShare + share) / 2);
      this.#limit = former.limit;
    } else {
      if (former !== undefined) this.#doubling = false;
      const from = Math.min(this.#limit, Math.max(1, this.#round.peak));
      // What got through, in relation to what gets through at low load, is what the provider has room for.
      const room = (1 - share) / (1 - this.#background);
      this.#suspicion = { limit: this.#limit, from, failedShare: share };
      this.#limit = Math.max(smallestLimit, from * Math.min(0.9, Math.max(0.3, room)));
    }
    this.#startRound();
  }

  #startRound(): void {
    this.#round = newRound();
    this.#pressed = false;
  }
}

/** With the load to blame, the share that gets through grows as the load falls; halfway to that is taken for proof. */
function helped(former: Suspicion, limit: number, failedShare: number): boolean {
  return 1 - failedShare > (1 - former.failedShare) * Math.sqrt(former.from / limit);
}

function newRound(): Round {
  return { sent: 0, failed: 0, answered: 0, peak: 0 };
}
