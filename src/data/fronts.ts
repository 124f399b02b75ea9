/**
 * Fronts: the candidates that no other one beats, how they lie, and which of them is a good compromise.
 *
 * Points are vectors with more being better in every objective; see `orient`.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import type { Vector } from "./hypervolume.ts";

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

/** The quantile of the standard normal distribution, by bisection of its distribution function. */
function normalQuantile(probability: number): number {
  let [low, high] = [-10, 10];
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (normalProbability(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The standard normal distribution function, by the series of Marsaglia (2004). */
function normalProbability(x: number): number {
  if (x < -8) return 0;
  if (x > 8) return 1;
  let [sum, term] = [0, x];
  for (let odd = 3; sum + term !== sum; odd += 2) {
    sum += term;
    term *= (x * x) / odd;
  }
  return 0.5 + sum * (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI));
}
