/**
 * `Race`: which candidates can still win, by what is known of their scores.
 *
 * @module
 */

/** What is known of one candidate on one example. */
export interface RaceEntry {
  /** `null` when it could not be scored, or failed and there is no score for that. */
  readonly score: number | null;
  /** The agent failed and there is no score for that: the candidate cannot win. */
  readonly broken: boolean;
}

/** How a race is run. */
export interface RaceOptions {
  /** How many candidates; of equally good ones the earlier wins. */
  readonly candidates: number;
  /** How many examples. */
  readonly size: number;
  /** The examples in the order in which every candidate is scored on them. @default as they stand */
  readonly order?: readonly number[] | undefined;
  /** The lowest and the highest score there can be; without it nobody is dropped. */
  readonly range?: readonly [lowest: number, highest: number] | undefined;
  /** Drops also who is unlikely to win: the probability that the true winner is dropped. @default nobody */
  readonly errorProbability?: number | undefined;
  /** How many verdicts there will be, for `errorProbability`. @default size */
  readonly verdicts?: number | undefined;
  /** Who is scored on every example in any case. */
  readonly mustFinish?: ReadonlySet<number> | undefined;
}

/** Why a candidate is out: its agent failed, its best possible mean is too low, it is too unlikely to win. */
export type DropReason = "failed" | "bound" | "racing";

/** What a verdict looks at: only what is confirmed, which is the same in every run, or also what came before its turn. */
export type RaceView = "confirmed" | "known";

const [unknown, scored, unscored, broken] = [0, 1, 2, 3] as const;

/** Collects scores and tells who is out. */
export class Race {
  readonly size: number;
  readonly order: readonly number[];
  readonly #options: RaceOptions;
  /** The place of every example in the order. */
  readonly #places: Uint32Array;
  readonly #entrants: readonly Entrant[];

  constructor(options: RaceOptions) {
    const { candidates, size, order = Array.from({ length: size }, (_, index) => index) } = options;
    this.size = size;
    this.order = order;
    this.#options = options;
    this.#places = new Uint32Array(size);
    for (const [place, example] of order.entries()) this.#places[example] = place;
    this.#entrants = Array.from({ length: candidates }, (_, index) => new Entrant(index, size));
  }

  /** How many of a candidate's scores, in order, are confirmed. */
  confirmed(candidate: number): number {
    return this.#at(candidate).confirmed;
  }

  note(candidate: number, example: number, { score, broken: isBroken }: RaceEntry): void {
    const { states, scores } = this.#at(candidate);
    scores[example] = score ?? 0;
    if (isBroken) states[example] = broken;
    else states[example] = score === null ? unscored : scored;
  }

  /** From now on the first `count` scores of a candidate, in order, count in every view. */
  confirm(candidate: number, count: number): void {
    this.#at(candidate).confirmed = count;
  }

  /**
   * Why each candidate is out, `undefined` for those who can still win.
   *
   * Everybody who is out by "bound" loses against the leader even if all the rest of its scores are the highest there can be and
   * all the rest of the leader's the lowest. Scores are added in order of the examples on both sides, and rounding never turns
   * the order of two sums of which one is term by term at most the other, so this holds for the computed means as well.
   */
  verdict(view: RaceView = "confirmed"): (DropReason | undefined)[] {
    const { range, mustFinish } = this.#options;
    if (range === undefined) return this.#entrants.map(() => undefined);
    const looks = this.#entrants.map((entrant) => this.#look(entrant, view));
    const shared = this.#shared(looks);
    const bounds = looks.map((look) => this.#bounds(look, shared, range));
    this.#forgetFallen(looks);
    const eligible = this.#entrants.filter(({ index, racedBy }) => racedBy === undefined && !(looks[index] as Look).isBroken);
    let leader: Entrant | undefined;
    for (const entrant of eligible) {
      if (!(looks[entrant.index] as Look).canHaveMean) continue;
      if (leader === undefined || lowOf(bounds, entrant) > lowOf(bounds, leader)) leader = entrant;
    }
    if (view === "confirmed") this.#raceOut(eligible, looks, range);
    return this.#entrants.map((entrant, index) => {
      const look = looks[index] as Look;
      if (mustFinish?.has(index)) return undefined;
      if (look.isBroken) return "failed";
      // What it lost to the network weighs on the comparison of all others, which has to be known in full.
      if (look.hasHole || leader === undefined || entrant === leader) return undefined;
      if (entrant.racedBy !== undefined) return "racing";
      const high = (bounds[index] as Bounds).high;
      const low = lowOf(bounds, leader);
      return high < low || (high === low && index > leader.index) ? "bound" : undefined;
    });
  }

  /**
   * Who should be scored to the end before the others go on: a leader that is done, all of whose scores are known, drops others
   * much sooner. That is the first candidate, and later whoever is ahead of all that are done, by a fifth of the examples.
   */
  frontRunner(candidates: readonly number[]): number | undefined {
    const done = this.#entrants.filter(({ confirmed }) => confirmed === this.size).map((entrant) => this.#meanOf(entrant));
    if (done.length === 0) return candidates[0];
    const waiting = candidates.map((candidate) => this.#at(candidate)).filter(({ confirmed }) => confirmed >= this.size / 5);
    let best: Entrant | undefined;
    let highest = Math.max(...done);
    for (const entrant of waiting) {
      const mean = this.#meanOf(entrant);
      if (mean > highest) [best, highest] = [entrant, mean];
    }
    return best?.index;
  }

  /** Over what is confirmed; the lowest there is of a candidate that has failed or has no score. */
  #meanOf(entrant: Entrant): number {
    const { states, isBroken } = this.#look(entrant, "confirmed");
    let [sum, count] = [0, 0];
    for (const [example, state] of states.entries()) {
      if (state !== scored) continue;
      sum += entrant.scores[example] as number;
      count++;
    }
    return isBroken || count === 0 ? Number.NEGATIVE_INFINITY : sum / count;
  }

  /** The least and the most that the mean of a candidate over all examples can still be. */
  interval(candidate: number): readonly [lowest: number, highest: number] {
    const range = this.#options.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const { low, high } = this.#bounds(this.#look(this.#at(candidate), "confirmed"), undefined, range);
    return [low, high];
  }

  #at(candidate: number): Entrant {
    return this.#entrants[candidate] as Entrant;
  }

  #look(entrant: Entrant, view: RaceView): Look {
    const states = view === "known" ? entrant.states : this.#confirmedStates(entrant);
    let [isBroken, hasHole, hasScore, hasUnknown] = [false, false, false, false];
    for (let example = 0; example < this.size; example++) {
      const state = states[example];
      if (state === scored) hasScore = true;
      else if (state === unscored) hasHole = true;
      else if (state === broken) isBroken = true;
      else hasUnknown = true;
    }
    return { entrant, states, isBroken, hasHole, hasScore, canHaveMean: hasScore || hasUnknown };
  }

  #confirmedStates({ states, confirmed }: Entrant): Uint8Array {
    if (confirmed === this.size) return states;
    return states.map((state, example) => ((this.#places[example] as number) < confirmed ? state : unknown));
  }

  /** The examples on which all who are in the race have or may get a score; `undefined` when there is none. */
  #shared(looks: readonly Look[]): Uint8Array | undefined {
    const shared = new Uint8Array(this.size).fill(1);
    for (const { states, isBroken, hasHole, hasScore } of looks) {
      if (isBroken || !hasHole || !hasScore) continue;
      for (let example = 0; example < this.size; example++) if (states[example] === unscored) shared[example] = 0;
    }
    return shared.includes(1) ? shared : undefined;
  }

  #bounds({ entrant, states }: Look, shared: Uint8Array | undefined, [lowest, highest]: readonly [number, number]): Bounds {
    let [low, high, count] = [0, 0, 0];
    for (let example = 0; example < this.size; example++) {
      const state = states[example];
      if (shared === undefined ? state === unscored : shared[example] === 0) continue;
      const score = entrant.scores[example] as number;
      low += state === unknown ? lowest : score;
      high += state === unknown ? highest : score;
      count++;
    }
    return { low: low / count, high: high / count };
  }

  /** Who was beaten by a candidate that has failed since is back. */
  #forgetFallen(looks: readonly Look[]): void {
    for (const entrant of this.#entrants) {
      if (entrant.racedBy !== undefined && looks[entrant.racedBy]?.isBroken) entrant.racedBy = undefined;
    }
  }

  /**
   * Hoeffding's inequality for samples drawn without replacement, as sharpened by Serfling (1974), on the differences between
   * two candidates on the same examples; over all rivals and verdicts by a union bound, so that the winner is dropped with at
   * most `errorProbability`. After Maron and Moore (1994), "Hoeffding races". The order of the examples must be random.
   */
  #raceOut(eligible: readonly Entrant[], looks: readonly Look[], [lowest, highest]: readonly [number, number]): void {
    const { errorProbability, verdicts = this.size } = this.#options;
    if (errorProbability === undefined) return;
    const tests = Math.max(1, this.#entrants.length - 1) * verdicts;
    const out = new Map<Entrant, Entrant>();
    for (const entrant of eligible) {
      const count = entrant.confirmed;
      if (count === 0 || count === this.size || looks[entrant.index]?.hasHole) continue;
      const share = 1 - (count - 1) / this.size;
      const margin = 2 * (highest - lowest) * Math.sqrt((share * Math.log(tests / errorProbability)) / (2 * count));
      const rival = eligible.find((other) => {
        if (other === entrant || other.confirmed < count || looks[other.index]?.hasHole) return false;
        return this.#sumOfFirst(other, count) - this.#sumOfFirst(entrant, count) > margin * count;
      });
      if (rival !== undefined) out.set(entrant, rival);
    }
    for (const [entrant, rival] of out) entrant.racedBy = rival.index;
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
  racedBy: number | undefined;

  constructor(index: number, size: number) {
    this.index = index;
    this.scores = new Float64Array(size);
    this.states = new Uint8Array(size);
  }
}

/** One candidate, as far as a view goes. */
interface Look {
  readonly entrant: Entrant;
  readonly states: Uint8Array;
  readonly isBroken: boolean;
  /** Whether an example could not be scored for reasons outside the agent. */
  readonly hasHole: boolean;
  readonly hasScore: boolean;
  readonly canHaveMean: boolean;
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

function lowOf(bounds: readonly Bounds[], { index }: Entrant): number {
  return (bounds[index] as Bounds).low;
}
