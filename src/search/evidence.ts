/**
 * What the archive knows of a candidate besides the batch that an optimizer is shown: failures on other training examples, and answers that vary.
 *
 * @module
 */

import type { Dataset } from "../data/dataset.ts";
import { comparableScores, isByOwnScore, minimizesScore, namedMetrics, type ObjectiveConfig } from "../data/objectives.ts";
import type { Evidence, KnownFailure, Optimizer, UnstableExample } from "../optimizers/optimizer.ts";
import { failureOf, scoreOf } from "../trainer/batch-outputs.ts";
import type { SearchArchive } from "./archive.ts";
import type { RolloutHooks } from "./rollout-hooks.ts";
import type { Scoring } from "./score-candidates.ts";
import type { Entry, ForwardOutput, SearchDataset } from "./search.ts";
import { isTrainingData } from "./told-errors.ts";
import type { TrialTable } from "./trial-table.ts";

/** What evidence is drawn from. */
export interface EvidenceParts<X, Y, Info, Output> {
  readonly archive: SearchArchive;
  readonly scoring: Readonly<Record<SearchDataset, Scoring<X, Y, Info>>>;
  readonly hooks: Pick<RolloutHooks<X, Y, Info, Output>, "answerOf">;
  readonly optimizer: Pick<Optimizer, "learnsFromFeedback">;
}

/** Most failures of other examples. */
const mostFailures = 5;
/** Most examples that came out differently. */
const mostUnstable = 2;

/**
 * What was measured of a candidate on training examples. Validation data count only where they are the training data: what the best values are chosen
 * on must not be learned from.
 *
 * @param shown the outputs that the optimizer is shown
 */
export function evidenceOf<X, Y, Info, Output>(
  entry: Entry,
  shown: readonly ForwardOutput<Output>[],
  { archive, scoring, hooks, optimizer }: EvidenceParts<X, Y, Info, Output>,
): Evidence | undefined {
  if (!optimizer.learnsFromFeedback) return undefined;
  const answerOf = (output: Output): unknown => hooks.answerOf?.(output)?.peek();
  const { train } = scoring;
  const tables = [archive.table(entry, "train"), ...(isTrainingData(scoring) ? [archive.table(entry, "validate")] : [])];
  const about = { objective: archive.objective, scoreRange: train.scoreRange };
  const failures = knownFailures(tables, new Set(shown.map(({ example }) => example)), train.dataset, about);
  const unstable = unstableExamples(shown, train.dataset, about, answerOf);
  return failures.length === 0 && unstable.length === 0 ? undefined : { failures, unstable };
}

interface About {
  readonly objective: ObjectiveConfig;
  readonly scoreRange: readonly [lowest: number, highest: number] | undefined;
}

/** The examples that are not shown, and that a candidate did worse on than on its best, or than the guide allows. */
function knownFailures(
  tables: readonly TrialTable[],
  shown: ReadonlySet<number>,
  dataset: Dataset<unknown, unknown>,
  { objective, scoreRange }: About,
): readonly KnownFailure[] {
  const worst = new Map<number, { readonly number: number } & Pick<KnownFailure, "score" | "failed">>();
  let best = topOf(objective, scoreRange) ?? Number.NEGATIVE_INFINITY;
  for (const table of tables) {
    for (const example of table.examples()) {
      const number = numberAt(table, example, objective);
      if (number === null) continue;
      best = Math.max(best, number);
      if (shown.has(example) || (worst.get(example)?.number ?? Number.POSITIVE_INFINITY) <= number) continue;
      const failed = table.state(example) === "failed";
      const isTold = !failed && isByOwnScore(objective);
      worst.set(example, { number, score: isTold ? (table.meansOf(example).score ?? null) : null, failed });
    }
  }
  const under = [...worst].filter(([, { number }]) => number < best);
  // Failures are all as bad as each other.
  const ordered = under.sort(([a, one], [b, other]) => (one.number === other.number ? a - b : one.number - other.number));
  return ordered.slice(0, mostFailures).map(([example, { score, failed }]) => {
    const { input, info } = dataset[example] as Dataset<unknown, unknown>[number];
    return { input, info, score, failed };
  });
}

/** The examples with several outputs of which one is better than another. */
function unstableExamples<Output>(
  shown: readonly ForwardOutput<Output>[],
  dataset: Dataset<unknown, unknown>,
  { objective }: About,
  answerOf: (output: Output) => unknown,
): readonly UnstableExample[] {
  if (!isByOwnScore(objective)) return [];
  const sign = minimizesScore(objective) ? -1 : 1;
  const numberOf = (output: Output): number =>
    failureOf(output).error === undefined ? sign * (scoreOf(output) ?? Number.NaN) : Number.NEGATIVE_INFINITY;
  const unstable = [...new Set(shown.map(({ example }) => example))].flatMap((example): UnstableExample[] => {
    const outputs = shown.filter((one) => one.example === example).map(({ output }) => output);
    const known = outputs.filter((output) => !Number.isNaN(numberOf(output)));
    const ranked = known.toSorted((a, b) => numberOf(b) - numberOf(a) || 0);
    const [first, last] = [ranked[0], ranked.at(-1)];
    if (first === undefined || last === undefined || !(numberOf(first) > numberOf(last))) return [];
    const told = (output: Output) => ({
      answer: answerOf(output),
      score: failureOf(output).error === undefined ? scoreOf(output) : null,
    });
    return [{ input: dataset[example]?.input, better: told(first), worse: told(last) }];
  });
  return unstable.slice(0, mostUnstable);
}

/** One number for an example by the objective, constraints aside, more being better; `null` where it was not scored. A failure is below everything. */
export function numberAt(table: TrialTable, example: number, objective: ObjectiveConfig): number | null {
  const state = table.state(example);
  if (state === "failed") return Number.NEGATIVE_INFINITY;
  if (state !== "scored") return null;
  const scores = table.meansOf(example);
  const by = { ...objective, constraints: {} };
  if (by.missingValue === null && namedMetrics(by).some((metric) => !Object.hasOwn(scores, metric))) return null;
  return comparableScores([scores], by)[0] as number;
}

/** The most that an example can come to, where that is known. */
function topOf(objective: ObjectiveConfig, scoreRange: About["scoreRange"]): number | undefined {
  if (scoreRange === undefined || !isByOwnScore(objective)) return undefined;
  return minimizesScore(objective) ? 0 - scoreRange[0] : scoreRange[1];
}
