/**
 * `forwardRollouts`: the rollouts of one candidate that feedback is propagated from.
 *
 * @module
 */
import { declaredFailureScore } from "../data/comparison.ts";
import type { Module } from "../graph/module.ts";
import { currentRun } from "../graph/scope.ts";
import { exampleLabels, failureOf, scoreOf } from "../trainer/batch-outputs.ts";
import { measured, measuredHere } from "../trainer/measured-work.ts";
import type { Pool } from "../trainer/pool.ts";
import { type Rollout, type RolloutResult, runTask } from "../trainer/rollout.ts";
import { recorded } from "../trainer/rollout-records.ts";
import type { RolloutHooks } from "./rollout-hooks.ts";
import type { Scoring } from "./score-candidates.ts";

/** What such rollouts are made of. */
export interface ForwardParts<X, Y, Info, Output> {
  readonly agent: Module<X, Y>;
  readonly pool: Pool;
  /** The data they are from, and how they are scored. */
  readonly scoring: Scoring<X, Y, Info>;
  readonly hooks: RolloutHooks<X, Y, Info, Output>;
  /** Whether those that could not be scored are made again, after the others. */
  readonly repeats: boolean;
}

/**
 * Runs the agent, as it is, on the examples; rollouts are in their order.
 *
 * @param label the position of the task
 * @throws InfrastructureError when none could be scored
 */
export async function forwardRollouts<X, Y, Info, Output>(
  { agent, pool, scoring, hooks, repeats }: ForwardParts<X, Y, Info, Output>,
  examples: readonly number[],
  label: string,
): Promise<Rollout<Output>[]> {
  const { dataset, guide, minScore, scoreRange } = scoring;
  const failureScore = declaredFailureScore({ minScore, scoreRange });
  const work = (index: number): Promise<RolloutResult<Output>> => {
    const { input: x, info } = dataset[examples[index] as number] as (typeof dataset)[number];
    return recorded(
      () => ({ parameters: agent.candidate(), x, info, ...measuredHere() }),
      hooks.codec,
      () =>
        measured(async () => {
          const result = await hooks.forward(agent.clone(), x, guide.clone(), info);
          const { scores } = result as { readonly scores?: RolloutResult<Output>["scores"] };
          const failure = failureOf(result);
          // A failure without a score of its own is no 0: that may be the best there is.
          const hasNoScore = failure.error !== undefined && failureScore === null;
          return { result, score: hasNoScore ? null : scoreOf(result), scores, ...failure };
        }),
    );
  };
  const description = `Forward pass (batch size: ${examples.length})`;
  const [labels, signal] = [exampleLabels(examples), currentRun()?.signal];
  const rollouts = await runTask(labels, work, { pool, description, label, signal });
  const unscored = [...rollouts.keys()].filter((index) => repeats && rollouts[index]?.status === "unscored");
  if (unscored.length === 0) return rollouts;
  const again = await runTask(
    unscored.map((index) => labels[index] as string),
    (place) => work(unscored[place] as number),
    { pool, signal, description: `${description}, unscored examples again`, label: `${label}/again`, isRepeat: true },
  );
  for (const [place, index] of unscored.entries()) rollouts[index] = again[place] as Rollout<Output>;
  return rollouts;
}
