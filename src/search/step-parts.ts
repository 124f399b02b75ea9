/**
 * What a search and its iterations are made of.
 *
 * @module
 */

import type { Dataset } from "../data/dataset.ts";
import type { JsonValue } from "../data/json.ts";
import type { Seed } from "../data/random.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { TrainerHost } from "../trainer/trainer.ts";
import type { SearchArchive } from "./archive.ts";
import type { ForwardsParts } from "./forwards.ts";
import { SearchHistory } from "./history.ts";
import { type Names, namesOf } from "./names.ts";
import { FailedProposals } from "./propose.ts";
import type { RolloutHooks } from "./rollout-hooks.ts";
import type { Scoring } from "./score-candidates.ts";
import type { SearchDataset, SearchPolicy } from "./search.ts";
import { isTrainingData } from "./told-errors.ts";
import type { TrainingRun } from "./training-run.ts";
import type { ValidatedData } from "./validated-candidates.ts";

/** What a step is made of. */
export interface StepParts<X, Y, Info, Output> extends ForwardsParts<X, Y, Info, Output> {
  readonly optimizer: Optimizer;
  readonly names: Names;
  /** What the optimizer reads of the archive. */
  readonly history: SearchHistory;
  readonly seed: Seed;
  readonly policy: Pick<SearchPolicy, "name" | "settings">;
  /** Whether the optimizer's model answers at all. */
  readonly failedProposals: FailedProposals;
  /** Which scores are reported to the optimizer: those on validation data, where the search has some. */
  readonly observes: SearchDataset;
  /** Whether the validation data are not the training data. */
  readonly isHeldOut: boolean;
  readonly verbose: boolean | "output";
}

/** All but the pool, which each iteration takes from its host. */
export function stepPartsOf<X, Y, Info, Output, Memo extends JsonValue>({
  run: { agent, optimizer, loader, settings },
  policy,
  archive,
  scoring,
  hooks,
}: EngineParts<X, Y, Info, Output, Memo>): Omit<StepParts<X, Y, Info, Output>, "pool"> {
  const { scored } = policy.appetite();
  const observes: SearchDataset = scored.some(({ on }) => on === "validation") ? "validate" : "train";
  // Scores on a part of the validation data are only comparable as differences: not what `observe` reports.
  const dataset = scored.some(({ on }) => on !== "batch") ? "validate" : "train";
  const names = namesOf(agent, optimizer);
  const isHeldOut = !isTrainingData(scoring);
  const history = new SearchHistory({ archive, names, dataset, examples: allExamples(scoring[dataset].dataset), isHeldOut });
  const { verbose, ensureImprovement: repeats } = settings;
  const failedProposals = new FailedProposals();
  const { seed } = loader;
  const told = { observes, isHeldOut, names, history };
  return { agent, optimizer, archive, scoring, hooks, policy, ...told, failedProposals, seed, verbose, repeats };
}

const lists = new WeakMap<Dataset<unknown, unknown>, readonly number[]>();

/** From 0 to the last. The same list for the same dataset, so that what is known about all of its examples is found again. */
export function allExamples(dataset: Dataset<unknown, unknown>): readonly number[] {
  const examples = lists.get(dataset) ?? dataset.map((_, index) => index);
  lists.set(dataset, examples);
  return examples;
}

/** The parts of one search. */
export interface EngineParts<X, Y, Info, Output, Memo extends JsonValue> {
  readonly run: TrainingRun<X, Y, Info>;
  readonly host: TrainerHost<X, Y>;
  readonly policy: SearchPolicy<Memo, Output>;
  readonly archive: SearchArchive;
  readonly scoring: Readonly<Record<SearchDataset, Scoring<X, Y, Info>>>;
  readonly hooks: RolloutHooks<X, Y, Info, Output>;
  /** What the search measures on validation data by itself. */
  readonly validated: ValidatedData | undefined;
}
