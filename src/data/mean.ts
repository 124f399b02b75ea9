/**
 * The mean.
 *
 * @module
 */

/** The mean of some numbers; `null` of none. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
