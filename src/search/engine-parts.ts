/**
 * What a search is made of.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { TrainerHost } from "../trainer/trainer.ts";
import type { SearchArchive } from "./archive.ts";
import type { RolloutHooks } from "./rollout-hooks.ts";
import type { Scoring } from "./score-candidates.ts";
import type { SearchDataset, SearchPolicy } from "./search.ts";
import type { TrainingRun } from "./training-run.ts";
import type { ValidatedData } from "./validated.ts";

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
