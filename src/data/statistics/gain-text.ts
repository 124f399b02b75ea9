/**
 * Gains in words: with their unit and their interval, never as a bare number.
 *
 * @module
 */
import type { PairedComparison } from "./compare-paired.ts";
import type { Interval } from "./share-interval.ts";

/** What scores are measured in. */
export interface GainUnit {
  /** The lowest and the highest score, as the guide declares them, else as they were seen. */
  readonly range?: Interval | undefined;
  /** Whether that is declared. @default false */
  readonly isDeclared?: boolean | undefined;
  /** What is compared, where it is not the guide's own score: the name of a metric, or an objective. @default the score */
  readonly metric?: string | undefined;
  /** Whether less of it is better: then gains are told as what became lower. @default false */
  readonly lowerIsBetter?: boolean | undefined;
  /** What a score means, as the guide says it. @default nothing is known */
  readonly meaning?: string | undefined;
}

/**
 * `+6.2 points (95% interval 1.9 to 10.4)`. A point is a hundredth of a score from 0 to 1; on other scales the number is that of the score, and its scale is
 * named: `+0.42 on a scale from 0 to 10 (95% interval 0.1 to 0.74)`. Where less is better: `1.3 lower in score (better; 95% interval 0.4 lower to 2.2 lower)`.
 *
 * @param comparison with a gain
 */
export function gainText({ gain, interval, confidence, examples }: PairedComparison, unit: GainUnit = {}): string {
  const isPoints = isUnitRange(unit);
  const scale = isPoints ? 100 : 1;
  const ends = [gain ?? 0, ...(interval ?? [])].map((value) => value * scale);
  const largest = Math.max(...ends.map(Math.abs));
  const decimals = isPoints ? Math.max(1, largest === 0 ? 1 : Math.ceil(-Math.log10(largest))) : decimalsFor(ends);
  const { lowerIsBetter = false } = unit;
  const signed = ends.map((end) => fixed(end, decimals));
  const [value = "", low, high] = lowerIsBetter ? signed.map(loweredText) : signed;
  const sign = lowerIsBetter || value.startsWith("-") ? "" : "+";
  const verdict = !lowerIsBetter || gain === null || gain === 0 ? "" : `${gain > 0 ? "better" : "worse"}; `;
  const level = Number((confidence * 100).toPrecision(6));
  const certainty =
    interval === null
      ? `${examples} ${examples === 1 ? "is" : "are"} too few for an interval`
      : `${level}% interval ${low} to ${high}`;
  return `${sign}${value}${unitText(unit, isPoints)} (${verdict}${certainty})`;
}

/** A gain where less is better. */
function loweredText(gain: string): string {
  if (Number(gain) === 0) return gain;
  return gain.startsWith("-") ? `${gain.slice(1)} higher` : `${gain} lower`;
}

/** A difference alone, for what is no measured gain: `5.0 points`, `0.5 on a scale from 0 to 10`. */
export function differenceText(difference: number, unit: GainUnit = {}): string {
  const isPoints = isUnitRange(unit);
  const value = isPoints ? difference * 100 : difference;
  return `${fixed(value, isPoints ? 1 : decimalsFor([value]))}${unitText(unit, isPoints)}`;
}

/** Whether differences are told in points: the scores are, or could be, shares. */
function isUnitRange({ range, isDeclared = false }: GainUnit): boolean {
  if (range === undefined) return false;
  const [low, high] = range;
  return isDeclared ? low === 0 && high === 1 : low >= 0 && high <= 1;
}

function unitText({ range, isDeclared = false, metric, meaning }: GainUnit, isPoints: boolean): string {
  const of = metric === undefined ? "" : ` of ${metric}`;
  if (isPoints) return ` points${of}`;
  const what = metric === undefined ? " in score" : ` in ${metric}`;
  const told = meaning === undefined || metric !== undefined ? "" : ` (${meaning})`;
  if (range === undefined || !isDeclared || metric !== undefined) return what + told;
  return ` on a scale from ${fixed(range[0], decimalsFor(range))} to ${fixed(range[1], decimalsFor(range))}${told}`;
}

/** So many that the width of the interval has two digits. */
function decimalsFor(ends: readonly number[]): number {
  const width = Math.max(...ends) - Math.min(...ends) || Math.max(...ends.map(Math.abs));
  if (width === 0 || ends.every(Number.isInteger)) return 0;
  return Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(width))));
}

/** What is not 0 is not shown as 0, and 0 has no sign. */
function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  if (Number(text) !== 0) return text;
  return Math.abs(value) < 1e-12 ? Math.abs(0).toFixed(decimals) : String(Number(value.toPrecision(1)));
}
