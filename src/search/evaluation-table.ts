/**
 * An evaluation as a table of trials, so that it is compared by the same rule as candidates of the archive.
 *
 * @module
 */
import type { Cell } from "../data/comparison.ts";
import { isByScore } from "../data/objectives.ts";
import { type Scores, withScore } from "../data/scores.ts";
import type { Evaluation } from "../trainer/evaluation.ts";
import type { MetricRanges } from "./best-candidates.ts";
import { type CompareOptions, sureMeans } from "./compare.ts";
import type { Trial } from "./search.ts";
import { TrialTable } from "./trial-table.ts";

/** The trials of an evaluation by example, then by sample. */
export function tableOf(evaluation: Pick<Evaluation, "cells" | "metrics">, numSamples: number): TrialTable {
  return tableOfTrials(trialsIn(evaluation), numSamples);
}

/** The trials of an evaluation, example by example, sample by sample. */
export function trialsIn({ cells, metrics }: Pick<Evaluation, "cells" | "metrics">): Trial[] {
  const columns = Object.entries(metrics);
  return cells.map((cell, at): Trial => {
    const further = columns.flatMap(([metric, list]) => (typeof list[at] === "number" ? [[metric, list[at]] as const] : []));
    return trialOfCell(cell, Object.fromEntries(further));
  });
}

/** Trials, `numSamples` for each example, as a table. */
export function tableOfTrials(trials: readonly Trial[], numSamples = 1): TrialTable {
  const table = new TrialTable();
  for (const [at, trial] of trials.entries()) table.add(Math.floor(at / numSamples), trial, at % numSamples);
  return table;
}

/** A cell with the further metrics of its rollout. */
export function trialOfCell(cell: Cell, further: Scores = {}): Trial {
  if (typeof cell !== "number") return { scores: null, failed: cell === "failed" };
  return { scores: withScore(cell, further), failed: false };
}

/**
 * The mean of every metric, as `sureMeans`, and its range over the examples. Where there is nothing but `score`, and candidates are compared by
 * that, it is the mean that is known.
 */
export function metricsOf(
  table: TrialTable,
  examples: readonly number[],
  mean: number | null,
  options: CompareOptions,
): { readonly scores: Scores | null; readonly ranges: MetricRanges } {
  if (isByScore(options.objective) && [...table.metrics].length < 2) {
    return { scores: mean === null ? null : { score: mean }, ranges: {} };
  }
  const ranges = new Map<string, readonly [number, number]>();
  for (const example of examples) {
    for (const [metric, value] of Object.entries(table.meansOf(example))) {
      const [low, high] = ranges.get(metric) ?? [value, value];
      ranges.set(metric, [Math.min(low, value), Math.max(high, value)]);
    }
  }
  return { scores: sureMeans(table, examples, options), ranges: Object.fromEntries(ranges) };
}
