/**
 * Parzen estimators: one-dimensional densities fitted to observed values, to draw from and to compare.
 *
 * @module
 */
import type { Random } from "../data/random.ts";

/** A probability for each class. */
export interface Categorical {
  /** One class. */
  draw(random: Random): number;
  /** The logarithm of the probability of a class. */
  logMass(value: number): number;
}

/** A probability density over an interval. */
export interface Mixture {
  /** One place of the interval. */
  draw(random: Random): number;
  /** The logarithm of the density at a place. */
  logDensity(place: number): number;
  /** The logarithm of the probability of all places between two. */
  logMass(from: number, to: number): number;
}

/** Counts of the observed classes, smoothed by `priorWeight` spread evenly over all `size` classes. */
export function categorical(observed: readonly number[], size: number, priorWeight: number): Categorical {
  const weights = new Array<number>(size).fill(priorWeight / size);
  for (const value of observed) weights[value] = (weights[value] as number) + 1;
  const total = observed.length + priorWeight;
  return {
    draw: (random) => random.weightedIndex(weights),
    logMass: (value) => Math.log((weights[value] as number) / total),
  };
}

/**
 * A truncated Gaussian around every observed place, as wide as the larger gap to its neighbours, and as the prior one
 * around the middle, as wide as the interval (Bergstra et al. 2011, section 4).
 *
 * @param low the lower end of the interval, less than `high`
 */
export function gaussianMixture(observed: readonly number[], low: number, high: number, priorWeight: number): Mixture {
  const components = componentsOf(observed, low, high, priorWeight);
  const weights = components.map(({ weight }) => weight);
  const total = observed.length + priorWeight;
  const logOf = (likelihood: (component: Component) => number): number => {
    let sum = 0;
    for (const component of components) sum += (component.weight / component.inside) * likelihood(component);
    // Far from all components even the prior may round to nothing.
    return Math.log(Math.max(sum / total, Number.MIN_VALUE));
  };
  return {
    draw: (random) => drawInside(components[random.weightedIndex(weights)] as Component, low, high, random),
    logDensity: (place) =>
      logOf(({ center, spread }) => Math.exp(-0.5 * ((place - center) / spread) ** 2) / (spread * Math.sqrt(2 * Math.PI))),
    logMass: (from, to) =>
      logOf(({ center, spread }) => cumulative((to - center) / spread) - cumulative((from - center) / spread)),
  };
}

interface Component {
  readonly center: number;
  readonly spread: number;
  weight: number;
  /** The part of the Gaussian that lies inside the interval. */
  readonly inside: number;
}

/** Equal components are one with their joint weight, so that whole numbers cost no more than there are of them. */
function componentsOf(observed: readonly number[], low: number, high: number, priorWeight: number): Component[] {
  const width = high - low;
  const middle = low + width / 2;
  const centers = [...observed, middle].sort((a, b) => a - b);
  const prior = centers.indexOf(middle);
  // Never narrower than this, so that a first cluster of values does not shut the search in.
  const narrowest = width / Math.min(100, 1 + centers.length);
  const components: Component[] = [];
  for (const [index, center] of centers.entries()) {
    const gap = Math.max(center - (centers[index - 1] ?? low), (centers[index + 1] ?? high) - center);
    const spread = index === prior ? width : Math.min(width, Math.max(narrowest, gap));
    const weight = index === prior ? priorWeight : 1;
    const last = components.at(-1);
    if (last?.center === center && last.spread === spread) {
      last.weight += weight;
      continue;
    }
    const inside = cumulative((high - center) / spread) - cumulative((low - center) / spread);
    components.push({ center, spread, weight, inside });
  }
  return components;
}

/** No spread exceeds the interval and every center lies in it, so a third of the draws or more are not thrown away. */
function drawInside({ center, spread }: Component, low: number, high: number, random: Random): number {
  for (;;) {
    const place = random.normal(center, spread);
    if (place >= low && place <= high) return place;
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
