/**
 * What `train` returns.
 *
 * @module
 */
import type { Candidate } from "../graph/with-values.ts";
import type { Usage } from "../llm/spend/usage.ts";
import type { ChosenOn, StopReason } from "../trainer/events.ts";
import type { BestSoFar } from "../trainer/run-keeper.ts";
import type { RunReport } from "../trainer/run-report.ts";
import type { EvaluatedCandidate } from "./best-candidates.ts";
import type { TrainingRun } from "./training-run.ts";

/**
 * The result of `train`.
 *
 * @typeParam Values the values of the parameters, by path
 */
export interface TrainResult<Values extends Candidate = Candidate> {
  /** The average score of every batch, before its update; batches without a score are left out. */
  readonly trainScores: number[];
  /**
   * The last score on the test dataset, also when only the first evaluation took place; `null` when there is none. `train()`
   * without a test dataset has here the last score on what the best values are chosen on.
   */
  readonly testScore: number | null;
  /** Iterations of this run, also those before it was resumed. */
  readonly iterations: number;
  /** Training rollouts that could not be scored for reasons outside the agent. */
  readonly unscored: number;
  /** The values of the agent's parameters at the end: the best ones, or with `keep: "last"` the last ones. */
  readonly parameters: Values;
  /** The best parameters, and the iteration and the score that they have; where nothing is evaluated, the last ones. */
  readonly best: BestSoFar & { readonly parameters: Values };
  /**
   * Under a `pareto` objective the candidates that no other one beats, in order of their evaluation; `best` is one of them: by the weights,
   * else the knee. Missing under other objectives.
   */
  readonly front?: readonly (BestSoFar & { readonly candidate: string; readonly parameters: Values })[];
  /** What the best parameters were chosen on. */
  readonly chosenOn: ChosenOn;
  /** The best values against those at the start: the gain with its interval, on the test dataset where there is one, or that there is no evidence of a gain. */
  readonly report: RunReport;
  /** Why it ended. After `budget`, `quota`, `interrupted` and `deadline` the same call of `train` continues a run that is kept. */
  readonly stopReason: StopReason;
  /** What was used of models, rollouts and time, also before it was resumed. */
  readonly usage: Usage;
  /** The id of the run, when it is kept. */
  readonly run: string | null;
}

/** The result of a run that has ended. */
export function resultOf<X, Y, Info>(
  run: TrainingRun<X, Y, Info>,
  stopReason: StopReason,
  { chosenOn, report }: Pick<TrainResult, "chosenOn" | "report">,
): TrainResult {
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
    ...(run.settings.objective.mode === "pareto" ? { front: progress.front.map(ofFront) } : {}),
    chosenOn,
    report,
    stopReason,
    usage: ledger.usage(),
    run: keeper?.id ?? null,
  };
}

function ofFront(evaluated: EvaluatedCandidate): NonNullable<TrainResult["front"]>[number] {
  return { ...evaluated, score: evaluated.scores.score ?? null };
}
