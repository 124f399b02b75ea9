/**
 * Fronts: the candidates that no other one beats, how they lie, the volume they dominate, and which of them is a good compromise.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { Random, type Seed } from "./random.ts";
import { normalQuantile } from "./statistics/normal-distribution.ts";

/** Whether `a` is at least as good in every objective, and better in one. */
export function beats(a: Vector, b: Vector): boolean {
  return (
    a.every((value, objective) => value >= (b[objective] as number)) &&
    a.some((value, objective) => value > (b[objective] as number))
  );
}

/** The indices of the points that no other point beats, in their order; of equal points all. */
export function paretoFront(points: readonly Vector[]): number[] {
  return points.flatMap((point, index) => (points.some((other) => beats(other, point)) ? [] : [index]));
}

/**
 * How isolated each point of a front is: the sum, over the objectives, of the normalized distance between its two neighbours; infinite at the
 * ends (Deb, Pratap, Agarwal, Meyarivan 2002, NSGA-II).
 */
export function crowdingDistance(points: readonly Vector[]): number[] {
  const distances = points.map(() => 0);
  const size = points[0]?.length ?? 0;
  for (let objective = 0; objective < size; objective++) {
    const order = [...points.keys()].sort((a, b) => at(points, a, objective) - at(points, b, objective));
    const [first, last] = [order[0] as number, order.at(-1) as number];
    const range = at(points, last, objective) - at(points, first, objective);
    distances[first] = Number.POSITIVE_INFINITY;
    distances[last] = Number.POSITIVE_INFINITY;
    if (range === 0) continue;
    for (let place = 1; place < order.length - 1; place++) {
      const [before, own, after] = [order[place - 1], order[place], order[place + 1]] as [number, number, number];
      distances[own] = (distances[own] as number) + (at(points, after, objective) - at(points, before, objective)) / range;
    }
  }
  return distances;
}

/**
 * The index of the point of a front that is farthest beyond the line, or the plane, through its extreme points, after every objective is
 * normalized to its range on the front; of equals the earliest. A compromise where nothing says how objectives count.
 *
 * @throws InvalidArgumentError when there is no point
 */
export function kneePoint(points: readonly Vector[]): number {
  if (points.length === 0) throw new InvalidArgumentError("Expected at least one point to find the knee of, got none");
  const sums = kneeDistances(points);
  return sums.reduce((best, sum, index) => (sum > (sums[best] as number) ? index : best), 0);
}

/**
 * How far each point of a front is beyond the plane through its extreme points, up to a constant factor and term: normalized, that plane is
 * where the values add up to 1, so their sum grows with the distance. Rounded, so that points on one line are equally far.
 */
export function kneeDistances(points: readonly Vector[]): number[] {
  const size = points[0]?.length ?? 0;
  const ranges = Array.from({ length: size }, (_, objective) => {
    const values = points.map((point) => point[objective] as number).filter(Number.isFinite);
    const low = Math.min(...values);
    return { low, range: Math.max(...values) - low };
  });
  return points.map((point) => {
    const sum = point.reduce((total, value, objective) => {
      const { low, range } = ranges[objective] as (typeof ranges)[number];
      if (!Number.isFinite(value)) return total + value;
      return total + (range === 0 ? 1 : (value - low) / range);
    }, 0);
    return Number.isFinite(sum) ? Math.round(sum * 1e12) / 1e12 : sum;
  });
}

/**
 * The additive ε-indicator (Zitzler, Thiele, Laumanns, Fonseca, Grunert da Fonseca 2003): by how much every point of `front` has to be raised
 * so that each point of `other` is matched by one of them. At most 0 when `front` covers `other`.
 */
export function epsilonIndicator(front: readonly Vector[], other: readonly Vector[]): number {
  return Math.max(
    ...other.map((b) =>
      Math.min(...front.map((a) => Math.max(...b.map((value, objective) => value - (a[objective] as number))))),
    ),
  );
}

/** How `chebyshev` weighs objectives. */
export interface ChebyshevOptions {
  /** At least 0, one for each objective. @default 1 for each */
  readonly weights?: Vector | undefined;
  /** How much the sum counts besides the worst objective, so that no weakly dominated point is as good. @default 0.05 */
  readonly rho?: number | undefined;
}

/**
 * The augmented weighted Chebyshev score of a point relative to an ideal point: `min_k w_k (f_k - z_k) + ρ Σ_k w_k (f_k - z_k)`, at most 0, higher
 * is better. Reaches concave parts of a front, which a weighted sum never does (Steuer, Choo 1983).
 */
export function chebyshev(
  point: Vector,
  ideal: Vector,
  { weights = point.map(() => 1), rho = 0.05 }: ChebyshevOptions = {},
): number {
  const terms = point.map((value, objective) => (weights[objective] as number) * (value - (ideal[objective] as number)));
  return Math.min(...terms) + rho * terms.reduce((sum, term) => sum + term, 0);
}

/** When one candidate counts as beating another in spite of noise. */
export interface ConfidenceOptions {
  /** Probability of the one-sided intervals, above 0.5 and below 1. @default 0.95 */
  readonly confidence?: number | undefined;
  /** By how much a candidate may be worse in an objective and still not count as worse. @default 0 */
  readonly tolerance?: number | undefined;
}

/**
 * Whether `a` beats `b` beyond the noise of the examples: on paired vectors, one for each example, the lower bound of the mean difference
 * is at least `-tolerance` in every objective, and above 0 in one. The bounds are those of the normal approximation.
 *
 * @throws InvalidArgumentError when the examples of the two differ in number, or there are fewer than 2
 */
export function confidentlyBeats(a: readonly Vector[], b: readonly Vector[], options: ConfidenceOptions = {}): boolean {
  const { confidence = 0.95, tolerance = 0 } = options;
  if (a.length !== b.length || a.length < 2) {
    throw new InvalidArgumentError(`Expected the same 2 or more examples for both candidates, got ${a.length} and ${b.length}`);
  }
  const z = normalQuantile(confidence);
  const lows = (a[0] as Vector).map((_, objective) => {
    const differences = a.map((vector, example) => (vector[objective] as number) - at(b, example, objective));
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (differences.length - 1);
    return mean - z * Math.sqrt(variance / differences.length);
  });
  return lows.every((low) => low >= -tolerance) && lows.some((low) => low > 0);
}

function at(points: readonly Vector[], index: number, objective: number): number {
  return (points[index] as Vector)[objective] as number;
}

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
      `Expected every vector to have ${reference.length} finite numbers, like the reference, got [${vector.join(", ")}]`,
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
