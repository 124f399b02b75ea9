/**
 * The means of one candidate over what was measured of it, whatever examples that were.
 *
 * @module
 */
import { namedMetrics, type ObjectiveConfig } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import { leastBounded, leavesFailuresOut } from "./compare.ts";
import type { Sample, SearchDataset } from "./search.ts";
import type { TrialTable } from "./trial-table.ts";

/** The trials of a candidate by dataset. */
export type Tables = Readonly<Record<SearchDataset, TrialTable>>;

/** What a mean goes by. */
export interface MeanOptions {
  readonly objective: ObjectiveConfig;
  /** What failed trials count as. */
  readonly failureOf: (metric: string, dataset: SearchDataset) => number;
  /** Whether trials that could not be scored count as failed, too. @default false */
  readonly countsUnscored?: boolean;
}

/** The mean of every metric; `null` when there is none, or a metric is missing that the objective names. @param on @default all */
export function measuredMean(tables: Tables, on: Sample | undefined, options: MeanOptions): Scores | null {
  const { objective, failureOf, countsUnscored = false } = options;
  const sums = new Map<string, { sum: number; count: number; lacking: number }>();
  for (const [dataset, table, examples] of measuredParts(tables, on)) {
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
  if (means.length === 0) return null;
  const scores: Scores = Object.fromEntries(means);
  return lacksMetric(scores, objective) ? null : scores;
}

/** How many examples were scored or have failed, and how many were tried without an outcome. */
export function measuredOutcomes(tables: Tables, on: Sample | undefined): readonly [count: number, unscored: number] {
  let [count, unscored] = [0, 0];
  for (const [, table, examples] of measuredParts(tables, on)) {
    for (const example of examples) {
      const state = table.state(example);
      if (state === "unscored") unscored++;
      else if (state !== "unmeasured") count++;
    }
  }
  return [count, unscored];
}

/** Whether a metric that the objective names is missing, and nothing stands for it. */
export function lacksMetric(scores: Scores, objective: ObjectiveConfig): boolean {
  return objective.missingValue === null && namedMetrics(objective).some((metric) => !Object.hasOwn(scores, metric));
}

function measuredParts(
  tables: Tables,
  on: Sample | undefined,
): (readonly [SearchDataset, TrialTable, Iterable<number>])[] {
  const datasets = on === undefined ? (["train", "validate"] as const) : [on.dataset];
  return datasets.map((dataset) => {
    const table = tables[dataset];
    return [dataset, table, on === undefined ? [...table.examples()] : new Set(on.examples)] as const;
  });
}
