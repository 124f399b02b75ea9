/**
 * A row of numbers as a row of small bars.
 *
 * @module
 */

const bars = "▁▂▃▄▅▆▇█";

/** At most `width` bars from the lowest to the highest number, each the last of its stretch; what has no number is a blank. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const length = Math.min(values.length, width);
  const shown = Array.from({ length }, (_, index) => values[Math.ceil(((index + 1) * values.length) / length) - 1] ?? null);
  const numbers = shown.filter((value) => value !== null);
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return shown.map((value) => (value === null ? " " : bars[barOf(value, low, high)])).join("");
}

function barOf(value: number, low: number, high: number): number {
  return high === low ? 3 : Math.min(bars.length - 1, Math.floor(((value - low) / (high - low)) * bars.length));
}
