/**
 * Sums over scores, and the interval of their mean: quick enough for every point of a chart.
 *
 * @module
 */

/** Sums over scores. */
export class ScoreSums {
  count = 0;
  sum = 0;
  squares = 0;
  /** Whether every score is 0 or 1. */
  isShare = true;

  add(score: number): void {
    this.count++;
    this.sum += score;
    this.squares += score * score;
    if (score !== 0 && score !== 1) this.isShare = false;
  }

  get mean(): number | null {
    return this.count === 0 ? null : this.sum / this.count;
  }
}

/** Whether a score is the mean of what was summed up, but for rounding. */
export function isMean({ mean }: ScoreSums, score: number): boolean {
  return mean !== null && Math.abs(mean - score) <= 1e-9 * Math.max(1, Math.abs(score));
}

const z = 1.959964;

/**
 * The 95% interval of a mean: by Wilson (1927) where answers are right or wrong, else by the normal distribution. For a chart: comparisons are made by
 * `comparePaired`.
 *
 * @returns `null` for less than two scores
 */
export function meanInterval({ count, sum, squares, isShare }: ScoreSums): readonly [low: number, high: number] | null {
  if (count < 2) return null;
  const mean = sum / count;
  if (isShare) {
    const center = (mean + z ** 2 / (2 * count)) / (1 + z ** 2 / count);
    const half = (z * Math.sqrt((mean * (1 - mean)) / count + z ** 2 / (4 * count ** 2))) / (1 + z ** 2 / count);
    return [Math.max(0, center - half), Math.min(1, center + half)];
  }
  const variance = Math.max(0, (squares - sum * mean) / (count - 1));
  const half = z * Math.sqrt(variance / count);
  return [mean - half, mean + half];
}
