/**
 * `Race`: which candidates can still be among the best, by what is known of their scores.
 *
 * @module
 */
import { leastCoverage } from "../data/comparison.ts";
import type { Random } from "../data/random.ts";

/** How a race is run. */
export interface RaceOptions {
  /** How many candidates; of equally good ones the earlier is the better. */
  readonly candidates: number;
  /** How many rollouts each has. */
  readonly size: number;
  /** How many of the best are wanted. @default 1 */
  readonly keep?: number | undefined;
  /** The rollouts in the order in which every candidate makes them. @default as they are numbered */
  readonly order?: readonly number[] | undefined;
  /** The lowest and the highest score there can be; without it no candidate is dropped. */
  readonly range?: readonly [lowest: number, highest: number] | undefined;
  /** Drops also candidates that are unlikely to be among the best: the probability that one of the best is dropped. @default none */
  readonly errorProbability?: number | undefined;
  /** How many verdicts there will be, for `errorProbability`. @default size */
  readonly verdicts?: number | undefined;
}

/** Rollouts in random order, but the samples of one example in theirs: of a candidate that is dropped none is missing before another. */
export function racingOrder(size: number, samples: number, random: Random): number[] {
  const next = new Map<number, number>();
  return random.shuffle(Array.from({ length: size }, (_, index) => index)).map((rollout) => {
    const first = rollout - (rollout % samples);
    const sample = next.get(first) ?? 0;
    next.set(first, sample + 1);
    return first + sample;
  });
}

/** Why a candidate is out: its best possible mean is too low, or it is too unlikely to be among the best. */
export type DropReason = "bound" | "racing";

/** What a verdict looks at: only what is confirmed, which is the same in every run, or also what came before its turn. */
export type RaceView = "confirmed" | "known";

const [unknown, scored, unscored] = [0, 1, 2] as const;

/** Collects scores and tells which candidates are out. */
export class Race {
  readonly size: number;
  readonly keep: number;
  readonly order: readonly number[];
  readonly #options: RaceOptions;
  /** The place of every rollout in the order. */
  readonly #places: Uint32Array;
  readonly #entrants: readonly Entrant[];

  constructor(options: RaceOptions) {
    const { candidates, size, keep = 1, order = Array.from({ length: size }, (_, index) => index) } = options;
    this.size = size;
    this.keep = keep;
    this.order = order;
    this.#options = options;
    this.#places = new Uint32Array(size);
    for (const [place, rollout] of order.entries()) this.#places[rollout] = place;
    this.#entrants = Array.from({ length: candidates }, (_, index) => new Entrant(index, size));
  }

  /** How many of a candidate's scores, in order, are confirmed. */
  confirmed(candidate: number): number {
    return this.#at(candidate).confirmed;
  }

  /** @param score `null` when the rollout could not be scored; that of a failure is the lowest there is */
  note(candidate: number, rollout: number, score: number | null): void {
    const entrant = this.#at(candidate);
    entrant.scores[rollout] = score ?? 0;
    entrant.states[rollout] = score === null ? unscored : scored;
    entrant.mean = undefined;
  }

  /** From now on the first `count` scores of a candidate, in order, count in every view. */
  confirm(candidate: number, count: number): void {
    const entrant = this.#at(candidate);
    entrant.confirmed = count;
    entrant.mean = undefined;
  }

  /**
   * Why each candidate is out, `undefined` for those that can still be among the best.
   *
   * A candidate that is out by "bound" loses against `keep` others whatever the rest of the scores will be, and whichever rollouts
   * that could not be scored are left out of the comparison in the end. One that lost against a candidate that turns out not to be
   * comparable is back. Scores are added in order of the rollouts on both sides, and rounding never turns the order of two sums of
   * which one is term by term at most the other, so this holds for the computed means as well.
   */
  verdict(view: RaceView = "confirmed"): (DropReason | undefined)[] {
    const { range } = this.#options;
    if (range === undefined) return this.#entrants.map(() => undefined);
    const looks = this.#entrants.map((entrant) => this.#look(entrant, view));
    const holes = this.#holes(looks);
    const ends = looks.map((look) => this.#ends(look, holes, range));
    this.#forgetFallen(looks);
    if (view === "confirmed") this.#raceOut(looks, range);
    const rivals = looks.filter(({ entrant, isFallen }) => entrant.racedBy === undefined && !isFallen);
    return looks.map((look) => {
      if (look.entrant.racedBy !== undefined) return "racing";
      let better = 0;
      for (const rival of rivals) {
        if (rival !== look && this.#beats(rival, look, holes, ends, range) && ++better === this.keep) return "bound";
      }
      return undefined;
    });
  }

  /**
   * Which candidates should be scored to the end before the others go on: one that is done drops others much sooner. Those are the first
   * `keep`, and later each that is ahead of all but `keep - 1` of those that are done, by a fifth of its rollouts.
   */
  frontRunners(candidates: readonly number[]): readonly number[] {
    const done = this.#entrants.filter(({ confirmed }) => confirmed === this.size).map((entrant) => this.#meanOf(entrant));
    if (done.length < this.keep) return candidates.slice(0, this.keep - done.length);
    const bar = done.sort((a, b) => b - a)[this.keep - 1] as number;
    const waiting = candidates.map((candidate) => this.#at(candidate)).filter(({ confirmed }) => confirmed >= this.size / 5);
    let best: Entrant | undefined;
    let highest = bar;
    for (const entrant of waiting) {
      const mean = this.#meanOf(entrant);
      if (mean > highest) [best, highest] = [entrant, mean];
    }
    return best === undefined ? [] : [best.index];
  }

  /** The least and the most that the mean of a candidate over all rollouts can still be. */
  interval(candidate: number): readonly [lowest: number, highest: number] {
    const range = this.#options.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const entrant = this.#at(candidate);
    const { scores } = entrant;
    const { states } = this.#look(entrant, "confirmed");
    let [low, high, count] = [0, 0, 0];
    for (let rollout = 0; rollout < this.size; rollout++) {
      if (states[rollout] === unscored) continue;
      const isKnown = states[rollout] === scored;
      low += isKnown ? (scores[rollout] as number) : range[0];
      high += isKnown ? (scores[rollout] as number) : range[1];
      count++;
    }
    return [low / count, high / count];
  }

  /** Over what is confirmed; the lowest there is of a candidate that has no score. */
  #meanOf(entrant: Entrant): number {
    entrant.mean ??= this.#computedMean(entrant);
    return entrant.mean;
  }

  #computedMean(entrant: Entrant): number {
    const { states } = this.#look(entrant, "confirmed");
    let [sum, count] = [0, 0];
    for (const [rollout, state] of states.entries()) {
      if (state !== scored) continue;
      sum += entrant.scores[rollout] as number;
      count++;
    }
    return count === 0 ? Number.NEGATIVE_INFINITY : sum / count;
  }

  #at(candidate: number): Entrant {
    return this.#entrants[candidate] as Entrant;
  }

  #look(entrant: Entrant, view: RaceView): Look {
    const states = view === "known" ? entrant.states : entrant.confirmedStates(this.#places);
    let numUnscored = 0;
    for (let rollout = 0; rollout < this.size; rollout++) if (states[rollout] === unscored) numUnscored++;
    const isFallen = numUnscored > (1 - leastCoverage) * this.size + 1e-9;
    return { entrant, states, hasHole: numUnscored > 0, isFallen };
  }

  /** The rollouts that some candidate could not be scored on: they may or may not count in the end. */
  #holes(looks: readonly Look[]): readonly number[] {
    if (looks.every(({ hasHole }) => !hasHole)) return [];
    const all = Array.from({ length: this.size }, (_, rollout) => rollout);
    return all.filter((rollout) => looks.some(({ states }) => states[rollout] === unscored));
  }

  /** The least and the most that the scores of a candidate can add up to, without the holes. */
  #ends({ entrant, states }: Look, holes: readonly number[], [lowest, highest]: readonly [number, number]): Ends {
    const isHole = new Set(holes);
    let [low, high] = [0, 0];
    for (let rollout = 0; rollout < this.size; rollout++) {
      if (isHole.size > 0 && isHole.has(rollout)) continue;
      const isKnown = states[rollout] === scored;
      const score = entrant.scores[rollout] as number;
      low += isKnown ? score : lowest;
      high += isKnown ? score : highest;
    }
    return { low, high };
  }

  /** Whether `rival` is the better one however the race goes on. */
  #beats(rival: Look, look: Look, holes: readonly number[], ends: readonly Ends[], range: readonly [number, number]): boolean {
    const { low } = ends[rival.entrant.index] as Ends;
    const { high } = ends[look.entrant.index] as Ends;
    if (holes.length === 0) return high < low || (high === low && rival.entrant.index < look.entrant.index);
    // Each hole counts in the end where that is to the advantage of the candidate.
    let advantage = 0;
    for (const rollout of holes) {
      const own = look.states[rollout] === scored ? (look.entrant.scores[rollout] as number) : range[1];
      const other = rival.states[rollout] === scored ? (rival.entrant.scores[rollout] as number) : range[0];
      advantage += Math.max(0, own - other);
    }
    const rounding = 1e-9 * this.size * Math.max(Math.abs(range[0]), Math.abs(range[1]), 1e-9);
    return high + advantage < low - rounding;
  }

  /** A candidate that lost against one that cannot be compared is back. */
  #forgetFallen(looks: readonly Look[]): void {
    for (const entrant of this.#entrants) {
      if (entrant.racedBy?.some((rival) => looks[rival]?.isFallen)) entrant.racedBy = undefined;
    }
  }

  /**
   * Hoeffding's inequality for samples drawn without replacement, as sharpened by Serfling (1974), on the differences between
   * two candidates on the same examples; over all rivals and verdicts by a union bound, so that one of the best is dropped with at
   * most `errorProbability`. After Maron and Moore (1994), "Hoeffding races". The order of the rollouts must be random.
   */
  #raceOut(looks: readonly Look[], [lowest, highest]: readonly [number, number]): void {
    const { errorProbability, verdicts = this.size } = this.#options;
    if (errorProbability === undefined) return;
    const tests = Math.max(1, this.#entrants.length - 1) * this.keep * verdicts;
    const eligible = looks
      .filter(({ entrant, hasHole }) => entrant.racedBy === undefined && !hasHole)
      .map(({ entrant }) => entrant);
    const out = new Map<Entrant, readonly number[]>();
    for (const entrant of eligible) {
      const count = entrant.confirmed;
      if (count === 0 || count === this.size) continue;
      const share = 1 - (count - 1) / this.size;
      const margin = 2 * (highest - lowest) * Math.sqrt((share * Math.log(tests / errorProbability)) / (2 * count));
      const rivals = eligible.filter((other) => {
        if (other === entrant || other.confirmed < count) return false;
        return this.#sumOfFirst(other, count) - this.#sumOfFirst(entrant, count) > margin * count;
      });
      if (rivals.length >= this.keep)
        out.set(
          entrant,
          rivals.slice(0, this.keep).map(({ index }) => index),
        );
    }
    for (const [entrant, rivals] of out) entrant.racedBy = rivals;
  }

  #sumOfFirst({ scores }: Entrant, count: number): number {
    let sum = 0;
    for (let place = 0; place < count; place++) sum += scores[this.order[place] as number] as number;
    return sum;
  }
}

/** One candidate. */
class Entrant {
  readonly index: number;
  readonly scores: Float64Array;
  readonly states: Uint8Array;
  confirmed = 0;
  /** Over what is confirmed; `undefined` where it has to be computed. */
  mean: number | undefined;
  racedBy: readonly number[] | undefined;

  constructor(index: number, size: number) {
    this.index = index;
    this.scores = new Float64Array(size);
    this.states = new Uint8Array(size);
  }

  /** Its states as far as they are confirmed. */
  confirmedStates(places: Uint32Array): Uint8Array {
    const { states, confirmed } = this;
    if (confirmed === states.length) return states;
    return states.map((state, rollout) => ((places[rollout] as number) < confirmed ? state : unknown));
  }
}

/** One candidate, as far as a view goes. */
interface Look {
  readonly entrant: Entrant;
  readonly states: Uint8Array;
  /** Whether a rollout could not be scored. */
  readonly hasHole: boolean;
  /** Whether it has been left unscored on too much to be compared. */
  readonly isFallen: boolean;
}

interface Ends {
  readonly low: number;
  readonly high: number;
}
