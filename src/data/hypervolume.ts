/**
 * Hypervolume: how much of the space of objectives a front covers, and what each point adds to it.
 *
 * Points are vectors with more being better in every objective; see `orient`. A point that is not better than the reference in every
 * objective covers nothing.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { Random, type Seed } from "./random.ts";

/** One value for each objective, more being better. */
export type Vector = readonly number[];

/** A measured volume; exact ones have a standard error of 0. */
export interface EstimatedVolume {
  readonly volume: number;
  readonly standardError: number;
}

/** How a volume is measured when an exact one would take too long. */
export interface HypervolumeOptions {
  /** Decides the points that are drawn. @default 0 */
  readonly seed?: Seed | undefined;
  /** How many points are drawn, at least 1. @default 20,000 */
  readonly draws?: number | undefined;
}

/** From more objectives, or more points, than these the volume is estimated. */
const [mostObjectives, mostPoints] = [8, 500];

/**
 * The volume of the union of the boxes between the reference and each point. The order of the points, duplicates, and dominated points make no
 * difference. Exact up to 8 objectives and 500 points, by a sweep for two objectives and by recursive exclusion for more (While, Bradstreet,
 * Barone 2012, "A fast way of calculating exact hypervolumes"); beyond that see `estimateHypervolume`.
 *
 * @returns in the product of the units of the objectives; 0 for no points
 * @throws InvalidArgumentError when vectors differ in length or hold something that is not a finite number
 */
export function hypervolume(points: readonly Vector[], reference: Vector, options: HypervolumeOptions = {}): number {
  const front = covering(points, reference);
  const isExact = reference.length <= mostObjectives && front.length <= mostPoints;
  return isExact ? exactVolume(front, reference) : estimateHypervolume(front, reference, options).volume;
}

/** `hypervolume` by drawing points at random from the box that holds the front, with its standard error. */
export function estimateHypervolume(
  points: readonly Vector[],
  reference: Vector,
  options: HypervolumeOptions = {},
): EstimatedVolume {
  const { seed = 0, draws = 20_000 } = options;
  const front = covering(points, reference);
  if (front.length === 0) return { volume: 0, standardError: 0 };
  const random = new Random(seed, "hypervolume");
  const best = reference.map((_, objective) => Math.max(...front.map((point) => point[objective] as number)));
  const box = best.reduce((product, value, objective) => product * (value - (reference[objective] as number)), 1);
  let hits = 0;
  for (let draw = 0; draw < draws; draw++) {
    const drawn = reference.map((low, objective) => low + random.next() * ((best[objective] as number) - low));
    if (front.some((point) => point.every((value, objective) => value >= (drawn[objective] as number)))) hits++;
  }
  const share = hits / draws;
  return { volume: box * share, standardError: box * Math.sqrt((share * (1 - share)) / draws) };
}

/** By how much the volume would shrink without each point; 0 for dominated and duplicate points. */
export function hypervolumeContributions(points: readonly Vector[], reference: Vector): number[] {
  const whole = hypervolume(points, reference);
  return points.map((_, index) => Math.max(0, whole - hypervolume(points.toSpliced(index, 1), reference)));
}

/** By how much a further point would enlarge the volume. */
export function hypervolumeImprovement(front: readonly Vector[], point: Vector, reference: Vector): number {
  return Math.max(0, hypervolume([...front, point], reference) - hypervolume(front, reference));
}

/** The points that cover anything, without those that another one covers. */
function covering(points: readonly Vector[], reference: Vector): Vector[] {
  for (const vector of [reference, ...points]) {
    if (vector.length === reference.length && vector.every(Number.isFinite)) continue;
    throw new InvalidArgumentError(
      `Expected vectors of ${reference.length} finite numbers, as the reference has, got [${vector.join(", ")}]`,
    );
  }
  const able = points.filter((point) => point.every((value, objective) => value > (reference[objective] as number)));
  return nondominated(able);
}

function nondominated(points: readonly Vector[]): Vector[] {
  return points.filter((point, index) =>
    points.every((other, at) => {
      if (at === index || !point.every((value, objective) => (other[objective] as number) >= value)) return true;
      // Of equal points the first stays.
      return point.every((value, objective) => value === other[objective]) && index < at;
    }),
  );
}

function exactVolume(front: readonly Vector[], reference: Vector): number {
  if (front.length === 0) return 0;
  if (reference.length === 1) return Math.max(...front.map(([value]) => value as number)) - (reference[0] as number);
  if (reference.length === 2) return sweep(front, reference);
  // The volume of the first, and of each further one what the later ones do not cover.
  const sorted = front.toSorted((a, b) => (b[0] as number) - (a[0] as number));
  return sorted.reduce((sum, point, index) => sum + exclusiveVolume(point, sorted.slice(index + 1), reference), 0);
}

function exclusiveVolume(point: Vector, others: readonly Vector[], reference: Vector): number {
  const box = point.reduce((product, value, objective) => product * (value - (reference[objective] as number)), 1);
  const limited = others.map((other) => other.map((value, objective) => Math.min(value, point[objective] as number)));
  return box - exactVolume(nondominated(limited), reference);
}

function sweep(front: readonly Vector[], [lowX, lowY]: Vector): number {
  const sorted = front.toSorted((a, b) => (b[0] as number) - (a[0] as number));
  let [volume, height] = [0, lowY as number];
  for (const [x, y] of sorted) {
    if ((y as number) <= height) continue;
    volume += ((x as number) - (lowX as number)) * ((y as number) - height);
    height = y as number;
  }
  return volume;
}
