/**
 * A mean with its 95% interval: as numbers, and as a line on a common scale.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { score } from "../format.ts";

interface IntervalProps {
  readonly mean: number | null;
  readonly interval: readonly [low: number, high: number] | null;
  /** The lowest and the highest number of the scale. */
  readonly scale: readonly [number, number];
}

export function IntervalLine({ mean, interval, scale: [from, to] }: IntervalProps): ComponentChildren {
  const place = (value: number): number => (to > from ? Math.max(0, Math.min(1, (value - from) / (to - from))) * 100 : 50);
  if (mean === null) return null;
  return (
    <svg class="interval" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <line class="axis" x1="0" x2="100" y1="5" y2="5" />
      {interval === null ? null : <line class="range" x1={place(interval[0])} x2={place(interval[1])} y1="5" y2="5" />}
      <line class="mean" x1={place(mean)} x2={place(mean)} y1="1" y2="9" />
    </svg>
  );
}

/** `0.780 to 0.850`. */
export function intervalText(interval: readonly [low: number, high: number] | null): string {
  return interval === null ? "" : `${score(interval[0])} to ${score(interval[1])}`;
}
