/**
 * Two runs side by side.
 *
 * @module
 */
import { type JsonValue, jsonEqual, ownValue } from "../data/json.ts";
import type { CandidateComparison, CompareView, DatasetName } from "./api.ts";
import { valuePairs } from "./candidate-view.ts";
import { compareCandidates } from "./compare-candidates.ts";
import { runView } from "./run-view.ts";
import type { ViewedRun } from "./viewed-run.ts";

/** What differs between two runs, and how their best values compare on the examples that both were measured on. */
export function compareRuns(a: ViewedRun, b: ViewedRun): CompareView {
  return {
    a: runView(a),
    b: runView(b),
    values: valuePairs(a.files.best?.parameters ?? {}, b.files.best?.parameters ?? {}),
    differences: differences(a, b),
    comparison: bestAgainstBest(a, b) ?? null,
  };
}

function differences(a: ViewedRun, b: ViewedRun): CompareView["differences"] {
  const [left, right] = [settingsOf(a), settingsOf(b)];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((name) => {
    const [one, other] = [ownValue(left, name) ?? null, ownValue(right, name) ?? null];
    return jsonEqual(one, other) ? [] : [{ name, a: one, b: other }];
  });
}

function settingsOf({ files }: ViewedRun): Readonly<Record<string, JsonValue>> {
  const { name, config, seed, datasets } = files;
  const data = Object.entries(datasets).map(([dataset, { examples, sha256 }]) => {
    return [`${dataset} dataset`, `${examples} examples (${sha256.slice(0, 12)})`];
  });
  return { name, ...config, seed, ...Object.fromEntries(data) };
}

/** On the first dataset that is the same in both: of the test dataset the most is learned. */
function bestAgainstBest(a: ViewedRun, b: ViewedRun): CandidateComparison | undefined {
  const [before, after] = [a.best, b.best];
  if (before === undefined || after === undefined) return undefined;
  for (const [dataset, names] of sources) {
    if (!names.some((name) => isShared(a, b, name))) continue;
    const comparison = compareCandidates({ run: a, row: before }, { run: b, row: after }, dataset);
    if (comparison !== undefined) return comparison;
  }
  return undefined;
}

/** What the files of a run call its datasets. */
const sources: readonly (readonly [DatasetName, readonly string[]])[] = [
  ["test", ["test"]],
  ["validate", ["validate", "validation"]],
  ["train", ["train"]],
];

function isShared(a: ViewedRun, b: ViewedRun, name: string): boolean {
  const [one, other] = [a.files.datasets[name], b.files.datasets[name]];
  return one !== undefined && one.sha256 !== "" && one.sha256 === other?.sha256;
}
