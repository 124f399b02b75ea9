/**
 * What `train` gives.
 *
 * @module
 */
import type { Candidate } from "../graph/with-values.ts";
import type { Usage } from "../llm/usage.ts";
import type { StopReason } from "../trainer/events.ts";
import type { BestSoFar } from "../trainer/run-keeper.ts";
import type { TrainingRun } from "./training-run.ts";

/** What `train` has done. */
export interface TrainResult {
  /** The average score of every batch, before its update; batches without a score are left out. */
  readonly trainScores: number[];
  /** The last score on the test dataset, also when only the first evaluation took place; `null` when there is none. */
  readonly testScore: number | null;
  /** Iterations of this run, over all restarts. */
  readonly iterations: number;
  /** Training rollouts that could not be scored for reasons outside the agent. */
  readonly unscored: number;
  /** The values of the agent's parameters at the end. */
  readonly parameters: Candidate;
  /** The best parameters by the score on the test dataset; where nothing is tested, the last ones. */
  readonly best: BestSoFar;
  /** Why it ended. After `budget`, `quota`, `interrupted` and `deadline` the same call of `train` continues a run that is kept. */
  readonly stopReason: StopReason;
  /** What was used of models, rollouts and time, over all restarts. */
  readonly usage: Usage;
  /** The id of the run, when it is kept. */
  readonly run: string | null;
}

/** What a run has come to. */
export function resultOf<X, Y, Info>(run: TrainingRun<X, Y, Info>, stopReason: StopReason): TrainResult {
  const { agent, progress, ledger, keeper } = run;
  const { trainScores, testScore, iterations, unscored, best } = progress;
  const parameters = agent.candidate();
  return {
    trainScores,
    testScore,
    iterations,
    unscored,
    parameters,
    best,
    stopReason,
    usage: ledger.usage(),
    run: keeper?.id ?? null,
  };
}
