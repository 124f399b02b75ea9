/**
 * Search spaces: the values of parameters with domains as points with one number a dimension, and densities over them.
 *
 * @module
 */
import { type JsonValue, jsonEqual } from "../data/json.ts";
import type { Random } from "../data/random.ts";
import type { Domain, RangeDomain } from "../graph/domain.ts";
import type { Parameter } from "../graph/parameter.ts";
import type { Candidate } from "../graph/with-values.ts";

/** One number a dimension: a place on a scale, the index of a choice, or 1 for an element that is in a subset. */
export type Point = readonly number[];

/** One dimension of the space. */
export interface Dimension {
  /** Into how many cells it is divided where observations are counted: one for each value where there are few, else as many as are told apart. */
  readonly cells: number;
  /** The cell that a value lies in. */
  cellOf(value: number): number;
  /** The value in the middle of a cell. */
  middleOf(cell: number): number;
  /** The density of the values that were observed here. */
  fit(observed: readonly Observed[], priorWeight: number): Density;
  /** The value of the space that is nearest to a drawn one. */
  snap(value: number): number;
}

/** The part of the space that one parameter takes up. */
export interface Region {
  readonly name: string;
  readonly domain: Domain;
  readonly dimensions: readonly Dimension[];
  /** The place of its first dimension in a point. */
  readonly start: number;
}

/** All dimensions of the parameters that declare a domain: one for a range or a choice, one an element for a subset. */
export class SearchSpace {
  readonly dimensions: readonly Dimension[];
  readonly regions: readonly Region[];

  constructor(parameters: ReadonlyMap<string, Parameter>) {
    let start = 0;
    this.regions = [...parameters].flatMap(([name, { domain }]) => {
      if (domain === undefined) return [];
      const region = { name, domain, dimensions: dimensionsOf(domain), start };
      start += region.dimensions.length;
      return [region];
    });
    this.dimensions = this.regions.flatMap(({ dimensions }) => dimensions);
  }

  /** The point of a candidate that names every parameter of the space. */
  encode(candidate: Candidate): Point {
    return this.regions.flatMap(({ name, domain }) => encodeValue(domain, candidate[name] as JsonValue));
  }

  /** The candidate of a point. Subsets that are too small or too large gain or lose elements, each as likely as any other. */
  decode(point: Point, random: Random): Candidate {
    const candidate: Candidate = {};
    for (const { name, domain, dimensions, start } of this.regions) {
      candidate[name] = decodeValue(domain, point.slice(start, start + dimensions.length), random.fork(name));
    }
    return candidate;
  }
}

function dimensionsOf(domain: Domain): readonly Dimension[] {
  if (domain.kind === "choices") return [classes(domain.values.length)];
  if (domain.kind === "subset") return domain.pool.map(() => classes(2));
  return [scaleOf(domain)];
}

/** A range as a scale from 0 to 1. */
interface Scale extends Dimension {
  /** Where a value of the range lies. */
  at(value: number): number;
  /** The value of the range at a place. */
  valueAt(place: number): number;
}

function scaleOf({ low, high, integer, log }: RangeDomain): Scale {
  // A whole number stands for the cell around it, so that both ends are as likely as the values between.
  const half = integer ? 0.5 : 0;
  const bend = (value: number): number => (log ? Math.log(Math.max(value, low / 2)) : value);
  const start = bend(low - half);
  const width = bend(high + half) - start;
  const at = (value: number): number => (bend(value) - start) / width;
  const valueAt = (place: number): number => {
    const value = start + place * width;
    const straight = log ? Math.exp(value) : value;
    return Math.min(high, Math.max(low, integer ? Math.round(straight) : straight));
  };
  if (width === 0) {
    return { at: () => 0, valueAt: () => low, fit: () => certain, snap: () => 0, cells: 1, cellOf: () => 0, middleOf: () => 0 };
  }
  const step = integer && !log ? 1 / width : 0;
  const cells = step > 0 ? Math.min(mostCells, width) : mostCells;
  return {
    at,
    valueAt,
    cells,
    cellOf: (place) => Math.min(cells - 1, Math.floor(place * cells)),
    middleOf: (cell) => (cell + 0.5) / cells,
    fit: (observed, priorWeight) => gaussianMixture(observed, step, priorWeight),
    snap: (place) => at(valueAt(place)),
  };
}

/** Components of a density are hardly ever narrower than one of these cells. */
const mostCells = 64;

/** The density of a range with a single value. */
const certain: Density = { draw: () => 0, logOf: () => 0 };

function classes(size: number): Dimension {
  const same = (value: number): number => value;
  return {
    fit: (observed, priorWeight) => categorical(observed, size, priorWeight),
    snap: same,
    cells: size,
    cellOf: same,
    middleOf: same,
  };
}

function encodeValue(domain: Domain, value: JsonValue): number[] {
  if (domain.kind === "choices") return [domain.values.findIndex((choice) => jsonEqual(choice, value))];
  if (domain.kind === "range") return [scaleOf(domain).at(value as number)];
  const members = value as readonly JsonValue[];
  return domain.pool.map((element) => Number(members.some((member) => jsonEqual(member, element))));
}

function decodeValue(domain: Domain, point: Point, random: Random): JsonValue {
  const [first = 0] = point;
  if (domain.kind === "choices") return domain.values[first] as JsonValue;
  if (domain.kind === "range") return scaleOf(domain).valueAt(first);
  const isIn = point.map((member) => member === 1);
  const indices = random.shuffle(domain.pool.map((_, index) => index));
  let size = isIn.filter(Boolean).length;
  for (const index of indices) {
    if (size >= domain.min && size <= domain.max) break;
    const wanted = size < domain.min;
    if (isIn[index] === wanted) continue;
    isIn[index] = wanted;
    size += wanted ? 1 : -1;
  }
  return domain.pool.filter((_, index) => isIn[index]);
}

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
function categorical(observed: readonly Observed[], size: number, priorWeight: number): Density {
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
function gaussianMixture(observed: readonly Observed[], step: number, priorWeight: number): Density {
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
