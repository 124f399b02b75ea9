/**
 * From where to where the axes of the chart go.
 *
 * @module
 */

/** From the first point to the last; one alone is in the middle. */
export function xRange(points: readonly number[]): [number, number] {
  const [low, high] = points.reduce(([least, most], x) => [Math.min(least, x), Math.max(most, x)], [Infinity, -Infinity]);
  if (low > high) return [0, 1];
  if (low < high) return [low, high];
  // So near that no other whole number is on the axis.
  const margin = Number.isInteger(low) ? 0.5 : Math.abs(low) * 0.1;
  return [low - margin, high + margin];
}

/** With a margin; `null`: there is no score. From 0 to 1 at most where scores are shares, and all of that where they are the same all the time. */
export function yRange(low: number | null, high: number | null): [number, number] {
  const isShare = low === null || high === null || (low >= 0 && high <= 1);
  if (low === null || high === null || (isShare && low === high)) return [0, 1];
  const margin = high > low ? (high - low) * 0.06 : Math.abs(low) * 0.1;
  return isShare ? [Math.max(0, low - margin), Math.min(1, high + margin)] : [low - margin, high + margin];
}
