/**
 * How many requests a provider takes concurrently, found out from what it refuses.
 *
 * @module
 */

/** Names the round in which an attempt was sent. */
export type RoundMark = object;

interface Round {
  sent: number;
  failed: number;
  answered: number;
  /** Attempts of any round whose time was up during this one. */
  late: number;
  /** Slots taken, summed over the attempts. */
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
 * Additive increase, multiplicative decrease of the number of slots, where only failures that depend on the load count.
 *
 * Attempts are counted in rounds; a round has the attempts sent since the last change, so the effect of each change is
 * seen before the next. From the last rounds `fitKnee` tells failures that come at any load from those that come above a
 * certain one, the knee. Around it the number of slots grows by an eighth a round, until it is clearly beyond, and then
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

  /** How many slots there are now; below 1 it is the share of the time in which there is one. */
  get limit(): number {
    return this.#limit;
  }

  /** Tells that a call has to wait because all slots are taken: only then is it worth while to have more. */
  press(): void {
    this.#pressed = true;
  }

  /** Tells that an attempt is sent, which makes `taken` slots taken. */
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
    // While nothing has ever failed, there is nothing to be told apart: every slot has been used once.
    const least = this.#doubling && round.failed === 0 ? leastRound : fullRound;
    const full = ended >= Math.max(least, this.#limit);
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
    // The more fail by chance, the more the number under way goes up and down below the number of slots.
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

/** What came of some requests that were sent at about the same load. */
export interface LoadSample {
  /** How many slots were taken, on average. */
  readonly load: number;
  readonly sent: number;
  readonly failed: number;
  /** How much it counts, 0 to 1. */
  readonly weight: number;
}

/** What the samples say. */
export interface Knee {
  /** The share of requests that gets through while the load does not matter, 0 to 1. */
  readonly share: number;
  /** The load from which on it does; `Infinity` when it never did. */
  readonly load: number;
}

const shares = [0.995, 0.97, 0.94, 0.9, 0.86, 0.82, 0.78, 0.74, 0.7, 0.66, 0.62, 0.58, 0.54, 0.5, 0.46, 0.42, 0.38, 0.34];
const stepOfLoad = 1.07;
/** Between two explanations that fit alike, the one with fewer failures in the background: it is tried out by sending less. */
const priorAnswers = 5;
/** A knee is believed in when it explains the samples so many times better, as a logarithm. */
const evidence = 4;

/**
 * A provider that takes a certain amount of work lets `share` of the requests through up to the knee. Above, what it lets
 * through stays the same in all, so the share falls as 1 / load. Of all such curves the likeliest is taken.
 */
export function fitKnee(samples: readonly LoadSample[]): Knee {
  // Where nothing has failed, no other explanation fits as well.
  if (samples.every(({ failed }) => failed === 0)) return { share: shares[0] as number, load: Number.POSITIVE_INFINITY };
  const merged = merge(samples);
  const loads = merged.map(({ load }) => load);
  const [least, most] = [Math.min(...loads) / 4, Math.max(...loads)];
  const never = likeliest(merged, [Number.POSITIVE_INFINITY]);
  const candidates: number[] = [];
  for (let load = most; load >= least; load /= stepOfLoad) candidates.push(load);
  const bent = likeliest(merged, candidates);
  return bent.likelihood > never.likelihood + evidence ? bent.knee : never.knee;
}

/** Requests at one load, as they count. */
interface Outcome {
  readonly load: number;
  readonly answered: number;
  readonly failed: number;
}

/** Samples of about the same load as one: there are few different ones, and each is looked at a thousand times. */
function merge(samples: readonly LoadSample[]): Outcome[] {
  const byStep = new Map<number, Outcome>();
  for (const { load, sent, failed, weight } of samples) {
    const step = Math.round(Math.log(load) / Math.log(stepOfLoad));
    const before = byStep.get(step) ?? { answered: 0, failed: 0 };
    const answered = before.answered + weight * (sent - failed);
    byStep.set(step, { load: stepOfLoad ** step, answered, failed: before.failed + weight * failed });
  }
  return [...byStep.values()];
}

function likeliest(samples: readonly Outcome[], loads: readonly number[]): { knee: Knee; likelihood: number } {
  let best = { knee: { share: 1, load: Number.POSITIVE_INFINITY }, likelihood: Number.NEGATIVE_INFINITY };
  for (const share of shares) {
    const prior = priorAnswers * Math.log(share);
    for (const load of loads) {
      const likelihood = samples.reduce((sum, sample) => sum + logLikelihood(sample, share, load), prior);
      if (likelihood > best.likelihood) best = { knee: { share, load }, likelihood };
    }
  }
  return best;
}

/** The share of requests that gets through at a load. */
function shareAt(load: number, knee: Knee): number {
  return knee.share * Math.min(1, knee.load / load);
}

function logLikelihood({ load, answered, failed }: Outcome, share: number, knee: number): number {
  const passes = Math.max(0.001, share * Math.min(1, knee / load));
  return answered * Math.log(passes) + failed * Math.log(1 - passes);
}

/** One request as the detector remembers it. */
export interface SentRequest {
  readonly sentAt: number;
  refused: boolean;
}

/** So many refusals in a row happen by chance once in two hundred times when 40% are refused. */
const enough = 6;

/**
 * A lane is blocked when the last requests that were sent, all of them, were refused, and nothing that was sent before
 * them is being answered either. Then a pause costs nothing, and each further request would only annoy.
 */
export class BlockDetector {
  #recent: SentRequest[] = [];
  #answeredAt = Number.NEGATIVE_INFINITY;
  #refusingSince: number | undefined;
  #pauses = 0;

  /** Since when nothing but refusals came; `undefined` when the last news was better. Milliseconds of the lane's clock. */
  get refusingSince(): number | undefined {
    return this.#refusingSince;
  }

  /** How many pauses there have been since the last answer. */
  get pauses(): number {
    return this.#pauses;
  }

  sent(now: number): SentRequest {
    const request = { sentAt: now, refused: false };
    this.#recent.push(request);
    if (this.#recent.length > enough) this.#recent.shift();
    return request;
  }

  answered(now: number): void {
    this.#answeredAt = now;
    this.#refusingSince = undefined;
    this.#pauses = 0;
  }

  /**
   * Tells of a refusal; true when the lane is blocked, which is then counted as a pause.
   *
   * @param inFlight how many other requests are still under way
   * @param usualMs how long an answer takes: what was sent longer ago will not be answered
   */
  refused(request: SentRequest, { now, inFlight, usualMs }: { now: number; inFlight: number; usualMs: number }): boolean {
    request.refused = true;
    this.#refusingSince ??= now;
    const [first] = this.#recent;
    if (first === undefined || this.#recent.length < enough || this.#recent.some(({ refused }) => !refused)) return false;
    if (this.#answeredAt >= first.sentAt) return false;
    if (inFlight > 0 && now - first.sentAt < 2 * usualMs) return false;
    this.#recent = [];
    this.#pauses += 1;
    return true;
  }
}
