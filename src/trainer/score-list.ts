/**
 * Scores of many rollouts in little room.
 *
 * @module
 */

/** A list of scores, eight bytes each, which grows; `null` where there is none. */
export class ScoreList {
  #values = new Float64Array(16).fill(Number.NaN);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Places that are left out have no score. */
  set(index: number, score: number | null): void {
    if (index >= this.#values.length) {
      const values = new Float64Array(Math.max(index + 1, 2 * this.#values.length)).fill(Number.NaN);
      values.set(this.#values);
      this.#values = values;
    }
    this.#values[index] = score ?? Number.NaN;
    this.#length = Math.max(this.#length, index + 1);
  }

  get(index: number): number | null {
    const value = this.#values[index];
    return value === undefined || Number.isNaN(value) ? null : value;
  }

  /** Of those from `start` up to, not including, `end`; `null` of none. Summed in order, so that it is the same in every run. */
  mean(start = 0, end: number = this.#length): number | null {
    let [sum, count] = [0, 0];
    for (let index = start; index < end; index++) {
      const value = this.#values[index] as number;
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    return count === 0 ? null : sum / count;
  }

  /** As a list of its own. */
  toArray(): (number | null)[] {
    return Array.from({ length: this.#length }, (_, index) => this.get(index));
  }
}
