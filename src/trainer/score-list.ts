/**
 * Scores of many rollouts in little room.
 *
 * @module
 */
import type { Cell } from "../data/comparison.ts";

const [unscored, failed] = [Number.NaN, Number.POSITIVE_INFINITY];

/** A list of cells, eight bytes each, which grows. */
export class ScoreList {
  #values = new Float64Array(16).fill(unscored);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Positions that are left out are unscored. */
  set(index: number, cell: Cell): void {
    if (index >= this.#values.length) {
      const values = new Float64Array(Math.max(index + 1, 2 * this.#values.length)).fill(unscored);
      values.set(this.#values);
      this.#values = values;
    }
    if (typeof cell === "number") this.#values[index] = cell;
    else this.#values[index] = cell === "failed" ? failed : unscored;
    this.#length = Math.max(this.#length, index + 1);
  }

  get(index: number): Cell {
    const value = this.#values[index];
    if (value === undefined || Number.isNaN(value)) return "unscored";
    return value === failed ? "failed" : value;
  }

  /**
   * The mean of those from `start` up to, not including, `end`; unscored ones are left out, failed ones count as `failureScore`.
   * `null` of none. Summed in order, so that it is the same in every run.
   */
  mean(failureScore: number, start = 0, end: number = this.#length): number | null {
    let [sum, count] = [0, 0];
    for (let index = start; index < end; index++) {
      const value = this.#values[index] as number;
      if (Number.isNaN(value)) continue;
      sum += value === failed ? failureScore : value;
      count++;
    }
    return count === 0 ? null : sum / count;
  }

  /** The lowest score, at most 0: what a failure counts as where nothing else says it. */
  lowest(): number {
    let lowest = 0;
    for (let index = 0; index < this.#length; index++) {
      const value = this.#values[index] as number;
      if (value < lowest) lowest = value;
    }
    return lowest;
  }

  /** Whether there is any score. */
  hasScores(): boolean {
    return this.#values.some((value) => Number.isFinite(value));
  }

  /** How many cells are unscored. */
  unscored(): number {
    let count = 0;
    for (let index = 0; index < this.#length; index++) if (Number.isNaN(this.#values[index])) count++;
    return count;
  }

  /** As a list of its own. */
  toArray(): Cell[] {
    return Array.from({ length: this.#length }, (_, index) => this.get(index));
  }
}
