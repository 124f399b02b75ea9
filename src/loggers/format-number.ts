/**
 * Numbers for people: scores, rates and durations with as many digits as say something.
 *
 * @module
 */

/** Four decimals below 1, fewer above; whole numbers whole; tiny ones with three significant digits. */
export function formatNumber(value: number): string {
  return rounded(value, 4);
}

/** The same for two numbers that are compared: with the digits it takes to tell them apart. */
export function formatCompared(left: number | null, right: number | null): [string, string] {
  for (let digits = 4; ; digits += 2) {
    const [a, b] = [left, right].map((value) => (value === null ? "none" : rounded(value, digits))) as [string, string];
    if (a !== b || left === right || digits >= 18) return [a, b];
  }
}

/** `0.4s`, `8s`, `2m 05s`, `1h 03m`. */
export function formatDuration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${twoDigits(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
}

/** Rollouts a second, or a minute when they are slow: `12/s`, `3.4/s`, `0.25/s`, `2.5/min`. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 9.95) return `${Math.round(perSecond)}/s`;
  if (perSecond < 0.1) return `${(perSecond * 60).toFixed(1)}/min`;
  return `${perSecond.toFixed(perSecond >= 1 ? 1 : 2)}/s`;
}

function rounded(value: number, digits: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size < 10 ** -digits) return String(Number(value.toPrecision(3)));
  const decimals = Math.max(digits - Math.floor(Math.log10(Math.max(size, 1))), 1);
  return String(Number(value.toFixed(Math.min(decimals, 100))));
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
