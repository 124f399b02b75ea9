/**
 * What fields of the journal's lines come to, whatever stands in them.
 *
 * @module
 */
import type { DatasetName } from "./api.ts";

/** The iteration that a position is in. */
export function iterationOf(position: string): number | undefined {
  const [, iteration] = /^iteration\/(\d+)(?:\/|$)/.exec(position) ?? [];
  return iteration === undefined ? undefined : Number(iteration);
}

export function datasetOf(name: unknown): DatasetName {
  return name === "test" || name === "train" ? name : "validate";
}

export function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

/** A score as a text. */
export function rounded(score: unknown): string {
  return typeof score === "number" ? String(Number(score.toPrecision(4))) : "no score";
}
