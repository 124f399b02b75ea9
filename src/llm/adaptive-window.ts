/**
 * `AdaptiveWindow`: how many requests a provider takes at once, found out from what it refuses.
 *
 * @module
 */
import { fitKnee, type Knee, type LoadSample, shareAt } from "./fit-knee.ts";

/** Names the round in which an attempt was sent. */
export type RoundMark = object;

interface Round {
  sent: number;
  failed: number;
  answered: number;
  /** Attempts of any round whose time was up during this one. */
  late: number;
  /** Places taken, summed over the attempts. */
  load: number;
}

const firstLimit = 8;
const smallestLimit = 1 / 16;
const fullRound = 20;
/** So few can already show that far too much is being sent. */
const leastRound = 8;
/** Of each round a little is forgotten with every later one, for providers change. */
const remembered = 0.96;
const mostRounds = 40;
const noKnee: Knee = { share: 1, load: Number.POSITIVE_INFINITY };
/** After a surprise most of it. */
const rememberedAfterSurprise = 0.4;
const surprising = 4;
/** A round of few requests, refused by chance or after a bold step, must not cost more than it can tell. */
const mostFall = 4;

/**
 * Additive increase, multiplicative decrease of the number of places, where only failures that depend on the load count.
 *
 * Attempts are counted in rounds; a round has the attempts sent since the last change, so the effect of each change is
 * seen before the next. From the last rounds `fitKnee` tells failures that come at any load from those that come above a
 * certain one, the knee. Around it the number of places grows by an eighth a round, until it is clearly beyond, and then
 * falls back to it, in one round to a quarter at most. As long as no knee was ever seen it doubles, and also below its first
 * size when none is in sight any more: what was seen there was imagined. So it keeps passing the knee in both directions,
 * which is what the fit needs to go on being right, and a knee that was imagined is soon refuted.
 *
 * An attempt that is still under way counts as not failed: refusals come fast, answers take their time, so of the first
 * outcomes of a round nearly all are refusals whatever the load.
 */
export class AdaptiveWindow {
  #limit = firstLimit;
  #doubling = true;
  #pressed = false;
  #samples: readonly LoadSample[] = [];
  #knee: Knee = noKnee;
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
    this.#round.load += Math.min(taken, Math.max(this.#limit, smallestLimit));
    return this.#round;
  }

  /** Tells how an attempt ended. Those sent before the last change say nothing about the present size. */
  ended(mark: RoundMark, failed: boolean): void {
    const round = this.#round;
    if (mark !== round) return;
    if (failed) round.failed += 1;
    else round.answered += 1;
    const surprise = this.#surprise(round);
    const ended = round.failed + round.answered;
    const full = ended >= Math.max(fullRound, this.#limit);
    // Earlier than that, most of the others might still be refused, and be taken for answered.
    const clear = round.sent >= leastRound && ended >= round.sent / 2 && surprise > surprising;
    if (full || clear) this.#learn(round, Math.abs(surprise) > surprising);
  }

  /**
   * Tells that the time of an attempt was up, whenever it was sent. A few hang by chance. When more run out of time than are
   * answered, the provider slows down under the load instead of refusing it, and the window is halved.
   */
  late(): void {
    this.#round.late += 1;
    if (this.#round.late < leastRound || this.#round.late <= this.#round.answered) return;
    this.#limit = Math.max(Math.min(1, this.#limit), this.#limit / 2);
    this.#doubling = false;
    this.#startRound();
  }

  /** Tells that the provider takes nothing at all for now, at whatever load. */
  blocked(): void {
    this.#limit = Math.max(Math.min(1, this.#limit), this.#limit / 2);
    this.#doubling = true;
    // What was refused before this was known has nothing to do with the load either.
    this.#samples = this.#samples.filter(({ sent, failed }) => failed < sent * 0.9);
    this.#knee = this.#samples.length === 0 ? noKnee : fitKnee(this.#samples);
    this.#startRound();
  }

  /** How many more failed than was to be expected, in standard deviations. */
  #surprise({ sent, failed, load }: Round): number {
    const expected = Math.min(0.95, Math.max(0.05, 1 - shareAt(load / sent, this.#knee)));
    return (failed - sent * expected) / Math.sqrt(sent * expected * (1 - expected));
  }

  #learn({ sent, failed, answered, late, load }: Round, surprised: boolean): void {
    // A surprise means that the provider has changed, or that no load as high was seen before.
    const factor = surprised ? rememberedAfterSurprise : remembered;
    const older = this.#samples.slice(1 - mostRounds).map((sample) => ({ ...sample, weight: sample.weight * factor }));
    this.#samples = [...older, { load: load / sent, sent, failed, weight: 1 }];
    this.#knee = fitKnee(this.#samples);
    const { share, load: knee } = this.#knee;
    if (knee < Number.POSITIVE_INFINITY) this.#doubling = false;
    // The more fail by chance, the more the number under way goes up and down below the number of places.
    const aim = knee * (0.95 + 0.9 * (1 - share));
    if (this.#limit > aim + 0.3 * knee) this.#limit = Math.max(smallestLimit, aim, this.#limit / mostFall);
    else if (this.#pressed && late * 5 <= answered) this.#limit += this.#step();
    this.#startRound();
  }

  #step(): number {
    const isUnknown = this.#knee.load === Number.POSITIVE_INFINITY;
    if (this.#doubling || (isUnknown && this.#limit < firstLimit)) return this.#limit;
    const part = this.#knee.load === Number.POSITIVE_INFINITY ? 4 : 8;
    return Math.max(Math.min(1, this.#limit / 2), this.#limit / part);
  }

  #startRound(): void {
    this.#round = newRound();
    this.#pressed = false;
  }
}

function newRound(): Round {
  return { sent: 0, failed: 0, answered: 0, late: 0, load: 0 };
}
