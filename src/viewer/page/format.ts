/**
 * Numbers, durations, money, and dates as the page writes them.
 *
 * @module
 */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** The mark of what is not known. */
export const unknown = "–";

/** Three digits after the point at most; large numbers in groups of three. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return unknown;
  if (Number.isInteger(value)) return whole.format(value).replace("-", "−");
  const digits = Math.abs(value) >= 100 ? 1 : 3;
  return value.toFixed(digits).replace("-", "−");
}

/** Numbers at the same distance from each other, all with the digits that tell two of them apart: `0.2`, `0.4`. */
export function ticks(values: readonly number[]): string[] {
  const [first = 0, second = first] = values;
  const step = Math.abs(second - first);
  let digits = 0;
  while (digits < 6 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits++;
  return values.map((value) => {
    if (step === 0 || Math.abs(value) >= 10_000) return number(value);
    return (Math.abs(value) < step / 2 ? 0 : value).toFixed(digits).replace("-", "−");
  });
}

/** A score: always three digits after the point, so that columns of them are aligned. */
export function score(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return unknown;
  return (Math.abs(value) >= 100 ? value.toFixed(1) : value.toFixed(3)).replace("-", "−");
}

/** A score with what it gained: `+0.120`. */
export function signed(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return unknown;
  return value > 0 ? `+${score(value)}` : score(value);
}

/** `1.2M`. */
export function count(value: number | null | undefined): string {
  if (value === null || value === undefined) return unknown;
  return Math.abs(value) < 10_000 ? whole.format(value) : compact.format(value);
}

export function dollars(value: number | null | undefined): string {
  if (value === null || value === undefined) return unknown;
  if (value === 0) return "$0";
  return value < 0.01 ? `$${value.toPrecision(2)}` : `$${value.toFixed(2)}`;
}

/** `850 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return unknown;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.round((ms % 60_000) / 1000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Of an ISO date or milliseconds: `27 Nov 2026, 18:45`. */
export function dateTime(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return unknown;
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return unknown;
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }).format(date);
}

/** `5.2 MB`. */
export function bytes(characters: number): string {
  if (characters < 1000) return `${characters} B`;
  if (characters < 1_000_000) return `${(characters / 1000).toFixed(0)} kB`;
  return `${(characters / 1_000_000).toFixed(1)} MB`.replace(".0 MB", " MB");
}

/** `1 example`, `3 examples`. */
export function plural(amount: number, noun: string): string {
  return `${count(amount)} ${noun}${amount === 1 ? "" : "s"}`;
}
