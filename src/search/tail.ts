/**
 * `Tail`: what follows the training of an iteration works on, as it was when the iteration had been trained.
 *
 * @module
 */
import { fingerprint } from "../data/fingerprint.ts";
import type { Module } from "../graph/module.ts";
import type { SearchArchive } from "./archive.ts";
import { hasPartialScores, type PartialScores, partialScores } from "./partial-scores.ts";
import type { Scoring } from "./score-candidates.ts";
import type { Entry, SearchDataset } from "./search.ts";
import type { SafeState, TrainingRun } from "./training-run.ts";
import { type KnownScores, knownScores, type Validated, type ValidatedCandidates } from "./validated-candidates.ts";

/** What the training of an iteration has come to. */
export interface Trained {
  /** The average score of its batch. */
  readonly score: number | null;
  /** Rollouts that could not be scored for reasons outside the agent. */
  readonly unscored: number;
}

/** What the tail of an iteration works on: all as it was when the iteration had been trained. */
export interface Tail<X, Y, Info> {
  readonly state: SafeState;
  readonly agent: Module<X, Y>;
  /** Fingerprint of the parameters, of an agent that is deterministic. */
  readonly values: string | undefined;
  /** Of an agent that is deterministic. */
  readonly measured: KnownScores<X, Y, Info> | undefined;
  /** What the search itself has measured on validation data. */
  readonly validated: Validated | undefined;
  /** The same of a part of them, of the current values alone, where nothing is evaluated. */
  readonly estimate: PartialScores | undefined;
  /** Resolves when all earlier iterations are over. */
  readonly isFirst: Promise<void>;
}

/** What a tail is made of. */
interface TailParts<X, Y, Info> {
  readonly run: TrainingRun<X, Y, Info>;
  readonly archive: SearchArchive;
  readonly scoring: Readonly<Record<SearchDataset, Scoring<X, Y, Info>>>;
}

/** What is known of the current values, as it is now: what the next iteration measures must not matter. */
export function tailOf<X, Y, Info>(
  { run, archive, scoring }: TailParts<X, Y, Info>,
  state: SafeState,
  { current, validated }: { readonly current: Entry; readonly validated: ValidatedCandidates | undefined },
): Omit<Tail<X, Y, Info>, "agent" | "isFirst"> {
  const { deterministic } = run.agent;
  return {
    state,
    values: deterministic ? fingerprint(state.parameters) : undefined,
    validated: validated?.now(current),
    measured: deterministic ? knownScores(archive, current, scoring.validate) : undefined,
    estimate: hasPartialScores(run.settings.evalFrequency, validated) ? partialScores(archive, current) : undefined,
  };
}
