/**
 * `Range`: a count that is not certain.
 *
 * @module
 */

/** At least and at most; equal where it is certain. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** A number that is certain, as a range. */
export function exactly(value: number): Range {
  return { min: value, max: value };
}

/** The sum of some ranges. */
export function sumOf(ranges: readonly Range[]): Range {
  return ranges.reduce((sum, { min, max }) => ({ min: sum.min + min, max: sum.max + max }), exactly(0));
}

/** The product of two ranges of numbers that are not negative. */
export function productOf(a: Range, b: Range): Range {
  return { min: a.min * b.min, max: a.max * b.max };
}

/** The smallest range that holds all of these; `{ min: 0, max: 0 }` of none. */
export function hullOf(ranges: readonly Range[]): Range {
  if (ranges.length === 0) return exactly(0);
  return { min: Math.min(...ranges.map(({ min }) => min)), max: Math.max(...ranges.map(({ max }) => max)) };
}
