/**
 * `TrialRanking`: points with their scores, ranked and counted as they come, so that a look at them costs the same however many there are.
 *
 * @module
 */
import type { Dimension, Observed, Point } from "./search-space.ts";

/** A point that was scored. */
export interface RankedTrial {
  readonly point: Point;
  readonly score: number;
  /** Counted up with every report; of equal scores the latest comes first. */
  readonly order: number;
}

/** A report on a point. */
export interface Report {
  /** What the point is known by: a later report under the same key takes the place of this one. */
  readonly key: unknown;
  readonly point: Point;
  /** `null` where there is none. */
  readonly score: number | null;
}

/** Trials of one search space. */
export class TrialRanking {
  readonly #dimensions: readonly Dimension[];
  /** By dimension, how many trials lie in each cell. */
  readonly #tallies: readonly Uint32Array[];
  readonly #byKey = new Map<unknown, RankedTrial>();
  readonly #tried = new Set<string>();
  #ranked: RankedTrial[] = [];
  #reports = 0;

  constructor(dimensions: readonly Dimension[]) {
    this.#dimensions = dimensions;
    this.#tallies = dimensions.map(({ cells }) => new Uint32Array(cells));
  }

  /** How many trials have a score. */
  get size(): number {
    return this.#ranked.length;
  }

  /** The best trials, best first; of equals the latest first, so that a search drifts over plateaus. */
  best(count: number): readonly RankedTrial[] {
    return this.#ranked.slice(0, count);
  }

  /** Whether there was a report on a point, with or without a score. */
  isTried(point: Point): boolean {
    return this.#tried.has(String(point));
  }

  /** The values in one dimension of all trials but the best. @param numBest how many those are */
  others(dimension: number, numBest: number): readonly Observed[] {
    const { cellOf, middleOf } = this.#dimensions[dimension] as Dimension;
    const counts = Uint32Array.from(this.#tallies[dimension] as Uint32Array);
    for (let place = 0; place < numBest; place++) {
      const cell = cellOf(this.#ranked[place]?.point[dimension] as number);
      counts[cell] = (counts[cell] as number) - 1;
    }
    const observed: Observed[] = [];
    for (const [cell, count] of counts.entries()) if (count > 0) observed.push({ value: middleOf(cell), count });
    return observed;
  }

  /** Takes in reports, in their order. */
  report(reports: readonly Report[]): void {
    // One after the other each takes its place; of many it is quicker to sort all anew.
    const isBulk = reports.length > 64;
    const replaced = new Set<RankedTrial>();
    for (const { key, point, score } of reports) {
      this.#tried.add(String(point));
      const before = this.#byKey.get(key);
      if (before !== undefined) {
        this.#count(before, -1);
        if (isBulk) replaced.add(before);
        else this.#ranked.splice(this.#placeOf(before), 1);
        this.#byKey.delete(key);
      }
      if (score === null) continue;
      const trial: RankedTrial = { point, score, order: this.#reports++ };
      this.#byKey.set(key, trial);
      this.#count(trial, 1);
      if (isBulk) this.#ranked.push(trial);
      else this.#ranked.splice(this.#placeOf(trial), 0, trial);
    }
    if (isBulk) this.#ranked = this.#ranked.filter((trial) => !replaced.has(trial)).sort(byRank);
  }

  #count({ point }: RankedTrial, by: 1 | -1): void {
    for (const [dimension, { cellOf }] of this.#dimensions.entries()) {
      const tally = this.#tallies[dimension] as Uint32Array;
      const cell = cellOf(point[dimension] as number);
      tally[cell] = (tally[cell] as number) + by;
    }
  }

  /** Where a trial stands, or would stand, by bisection. */
  #placeOf(trial: RankedTrial): number {
    let [low, high] = [0, this.#ranked.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byRank(this.#ranked[middle] as RankedTrial, trial) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function byRank(a: RankedTrial, b: RankedTrial): number {
  return b.score - a.score || b.order - a.order;
}
