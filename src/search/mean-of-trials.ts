/**
 * The means of a candidate over its own trials, compared with no other.
 *
 * @module
 */
import type { ObjectiveConfig } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import { leastBounded, leavesFailuresOut } from "./compare.ts";
import type { Sample, SearchDataset } from "./search.ts";
import type { TrialTable } from "./trial-table.ts";

/** The trials of a candidate by dataset. */
export type Tables = Readonly<Record<SearchDataset, TrialTable>>;

/** What a failed trial counts as. */
export type FailureOf = (metric: string, dataset: SearchDataset) => number;

/** How trials become means. */
export interface MeanOptions {
  readonly objective: ObjectiveConfig;
  readonly failureOf: FailureOf;
  /** Whether trials that could not be scored count as failed. */
  readonly countsUnscored: boolean;
}

const both = ["train", "validate"] as const;

/** The examples that means are over, by dataset. @param on @default all that were tried */
function* examplesOf(tables: Tables, on: Sample | undefined): Generator<readonly [SearchDataset, TrialTable, Iterable<number>]> {
  for (const dataset of on === undefined ? both : [on.dataset]) {
    const table = tables[dataset];
    yield [dataset, table, on === undefined ? [...table.examples()] : new Set(on.examples)];
  }
}

/** How many examples have an outcome, and how many were tried without one. */
export function countOutcomes(tables: Tables, on: Sample | undefined): readonly [count: number, unscored: number] {
  let [count, unscored] = [0, 0];
  for (const [, table, examples] of examplesOf(tables, on)) {
    for (const example of examples) {
      const state = table.state(example);
      if (state === "unscored") unscored++;
      else if (state !== "unmeasured") count++;
    }
  }
  return [count, unscored];
}

/** The mean of every metric that is known; `null` where none is. A metric with a bound leaves failures out, and needs enough values. */
export function meansOfTrials(tables: Tables, on: Sample | undefined, options: MeanOptions): Scores | null {
  const { objective, failureOf, countsUnscored } = options;
  const sums = new Map<string, { sum: number; count: number; lacking: number }>();
  for (const [dataset, table, examples] of examplesOf(tables, on)) {
    for (const metric of new Set(["score", ...table.metrics])) {
      const lowest = leavesFailuresOut(metric, objective) ? Number.NaN : failureOf(metric, dataset);
      let { sum, count, lacking } = sums.get(metric) ?? { sum: 0, count: 0, lacking: 0 };
      for (const example of examples) {
        const known = table.value(metric, example, lowest);
        const value = Number.isNaN(known) && countsUnscored && table.state(example) === "unscored" ? lowest : known;
        if (Number.isNaN(value)) {
          if (table.state(example) !== "unmeasured") lacking++;
          continue;
        }
        sum += value;
        count++;
      }
      sums.set(metric, { sum, count, lacking });
    }
  }
  const means = [...sums].flatMap(([metric, { sum, count, lacking }]) => {
    const isKnown = count > 0 && (!leavesFailuresOut(metric, objective) || count >= leastBounded * (count + lacking));
    return isKnown ? [[metric, sum / count] as const] : [];
  });
  return means.length === 0 ? null : Object.fromEntries(means);
}
