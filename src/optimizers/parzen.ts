/**
 * Parzen estimators: one-dimensional densities fitted to observed values, to draw from and to compare.
 *
 * @module
 */
import type { Random } from "../data/random.ts";

/** A density over one dimension. */
export interface Density {
  /** One value. */
  draw(random: Random): number;
  /** The logarithm of how likely a value is. */
  logOf(value: number): number;
}

/** Values that were observed so many times, or so many values that are so close together that they count as one. */
export interface Observed {
  readonly value: number;
  readonly count: number;
}

/** A density over `size` classes: counts of the observed classes, and `priorWeight` spread evenly over all. */
export function categorical(observed: readonly Observed[], size: number, priorWeight: number): Density {
  const weights = new Array<number>(size).fill(priorWeight / size);
  let total = priorWeight;
  for (const { value, count } of observed) {
    weights[value] = (weights[value] ?? 0) + count;
    total += count;
  }
  return {
    draw: (random) => random.weightedIndex(weights),
    logOf: (value) => Math.log((weights[value] as number) / total),
  };
}

/**
 * A density over the interval from 0 to 1: a truncated Gaussian around every observed value, as wide as the larger gap
 * to its neighbours, and a broad one around the middle as the prior (Bergstra et al. 2011, section 4). Several in one place share its gap.
 *
 * @param step the width of the cells whose probability is meant, for whole numbers; 0 for a continuous scale
 */
export function gaussianMixture(observed: readonly Observed[], step: number, priorWeight: number): Density {
  const prior: Observed = { value: 0.5, count: 1 };
  const centers = [...observed, prior].sort((a, b) => a.value - b.value || (a === prior ? -1 : Number(b === prior)));
  // Components never get narrower than this, so that early clusters do not shut the search in ("magic clipping").
  const all = observed.reduce((sum, { count }) => sum + count, 1);
  const narrowest = Math.max(1 / Math.min(100, 1 + all), step / 2);
  const components = centers.map((center, index) => {
    const { value, count } = center;
    if (center === prior) return component(value, 1, priorWeight);
    const gap = Math.max(value - (centers[index - 1]?.value ?? 0), (centers[index + 1]?.value ?? 1) - value);
    return component(value, Math.min(1, Math.max(narrowest, gap / count)), count);
  });
  const total = components.reduce((sum, { weight }) => sum + weight, 0);
  const weights = components.map(({ weight }) => weight);
  return {
    draw: (random) => truncated(components[random.weightedIndex(weights)] as Component, random),
    logOf: (value) => {
      let sum = 0;
      for (const { center, spread, weight, mass } of components) {
        const likelihood =
          step > 0
            ? cumulative((value + step / 2 - center) / spread) - cumulative((value - step / 2 - center) / spread)
            : Math.exp(-0.5 * ((value - center) / spread) ** 2) / (spread * Math.sqrt(2 * Math.PI));
        sum += (weight / total) * (likelihood / mass);
      }
      return Math.log(Math.max(sum, Number.MIN_VALUE));
    },
  };
}

interface Component {
  readonly center: number;
  readonly spread: number;
  readonly weight: number;
  /** The part of the Gaussian that lies inside the interval. */
  readonly mass: number;
}

function component(center: number, spread: number, weight: number): Component {
  const mass = cumulative((1 - center) / spread) - cumulative(-center / spread);
  return { center, spread, weight, mass };
}

/** Every center lies inside the interval, so at least about a third of each Gaussian does: few draws are thrown away. */
function truncated({ center, spread }: Component, random: Random): number {
  for (;;) {
    const value = random.normal(center, spread);
    if (value >= 0 && value <= 1) return value;
  }
}

/** The standard normal distribution function, to 1.5e-7 (Abramowitz and Stegun 1964, formula 7.1.26). */
function cumulative(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - polynomial * Math.exp(-x * x);
  return z >= 0 ? (1 + erf) / 2 : (1 - erf) / 2;
}
