/**
 * What the iterations of one search are made of.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { Seed } from "../data/random.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { allExamples } from "./all-examples.ts";
import type { EngineParts } from "./engine-parts.ts";
import { FailedProposals } from "./failed-proposals.ts";
import type { ForwardsParts } from "./forwards.ts";
import { SearchHistory } from "./history.ts";
import { type Names, namesOf } from "./names.ts";
import type { SearchDataset, SearchPolicy } from "./search.ts";

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
  const observes = scored.some(({ on }) => on === "validation") ? "validate" : "train";
  // Scores on a part of the validation data are only comparable as differences: not what `observe` reports.
  const dataset = scored.some(({ on }) => on !== "batch") ? "validate" : "train";
  const names = namesOf(agent, optimizer);
  const history = new SearchHistory({ archive, names, dataset, examples: allExamples(scoring[dataset].dataset) });
  const { verbose, ensureImprovement: repeats } = settings;
  const failedProposals = new FailedProposals();
  const { seed } = loader;
  return { agent, optimizer, archive, scoring, hooks, policy, observes, names, history, failedProposals, seed, verbose, repeats };
}
