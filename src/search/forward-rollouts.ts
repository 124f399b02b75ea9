/**
 * `forwardRollouts`: the rollouts of one candidate that feedback is propagated from.
 *
 * @module
 */
import { declaredFailureScore } from "../data/comparison.ts";
import type { Module } from "../graph/module.ts";
import { currentRun } from "../graph/scope.ts";
import { batchSamples } from "../trainer/batch-outputs.ts";
import { obtainRollout } from "../trainer/obtain-rollout.ts";
import { type Rollout, type RolloutResult, runTask } from "../trainer/rollout.ts";
import { forwardHere } from "../trainer/rollout-work.ts";
import type { WorkPool } from "../trainer/work-pool.ts";
import type { RolloutHooks } from "./rollout-hooks.ts";
import type { Scoring } from "./score-candidates.ts";

/** What such rollouts are made of. */
export interface ForwardParts<X, Y, Info, Output> {
  readonly agent: Module<X, Y>;
  readonly pool: WorkPool;
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
  const { dataset, guide, source, minScore, scoreRange } = scoring;
  const failureScore = declaredFailureScore({ minScore, scoreRange });
  const samples = batchSamples(examples);
  const { codec, standard, forward } = hooks;
  const work = (index: number): Promise<RolloutResult<Output>> => {
    const place = samples[index] as (typeof samples)[number];
    const { input: x, info } = dataset[place.example] as (typeof dataset)[number];
    return obtainRollout({
      agent,
      x,
      info,
      codec,
      task: standard && (() => ({ about: { dataset: source, ...place, mode: "feedback", failureScore }, read: standard.read })),
      work: () => forwardHere({ agent, guide, x, info, failureScore }, forward),
    });
  };
  const description = `Forward pass (batch size: ${examples.length})`;
  const [labels, signal] = [samples.map(({ example, sample }) => `example/${example}/sample/${sample}`), currentRun()?.signal];
  const rollouts = await runTask(labels, work, { pool, description, label, signal });
  const unscored = [...rollouts.keys()].filter((index) => repeats && rollouts[index]?.status === "unscored");
  if (unscored.length === 0) return rollouts;
  const again = await runTask(
    unscored.map((index) => labels[index] as string),
    (place) => work(unscored[place] as number),
    { pool, signal, description: `${description}, retrying unscored examples`, label: `${label}/again`, isRepeat: true },
  );
  for (const [place, index] of unscored.entries()) rollouts[index] = again[place] as Rollout<Output>;
  return rollouts;
}
