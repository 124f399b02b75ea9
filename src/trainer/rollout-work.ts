/**
 * The two kinds of rollouts, as they are done where agent, example, and guide are at hand.
 *
 * @module
 */

import { isPlainObject } from "../data/json.ts";
import { after, type MaybePromise, recovered, returned } from "../data/maybe-promise.ts";
import { ExecutionError } from "../graph/execution-error.ts";
import type { Module } from "../graph/module.ts";
import { noTrace, withServices } from "../graph/scope.ts";
import type { Guide } from "../guides/guide.ts";
import { type MeasuredMetric, RolloutMeter } from "../llm/spend/rollout-meter.ts";
import { failureOf, scoreOf } from "./batch-outputs.ts";
import type { RolloutResult } from "./rollout.ts";
import { runServices } from "./run-services.ts";
import { askAgent, askScores, noteMissingOutput } from "./standard-optimization-step.ts";

/** What a rollout is made of. */
export interface RolloutParts<X, Y, Info> {
  readonly agent: Module<X, Y>;
  readonly guide: Guide<X, Y, Info>;
  readonly x: X;
  readonly info: Info;
  /** Score given when the agent throws; `null`: none. */
  readonly failureScore: number | null;
}

/** One untraced rollout on copies of agent and guide. */
export function scoreHere<X, Y, Info>(parts: RolloutParts<X, Y, Info>): MaybePromise<RolloutResult<undefined>> {
  const { agent, guide, x, info, failureScore } = parts;
  const result = undefined;
  return recovered(
    () =>
      after(
        noTrace(() => askAgent(agent.clone(), x)),
        (output) => {
          noteMissingOutput(agent, output);
          const said = askScores(guide.clone(), x, output.peek(), info);
          return after(said, ({ score, scores }): RolloutResult<undefined> => ({ result, score, scores }));
        },
      ),
    (error) => {
      if (!(error instanceof ExecutionError)) throw error;
      return { result, score: failureScore, error: error.exceptionNode.peek(), cause: error };
    },
  );
}

/** One rollout with feedback on copies of agent and guide. @param forward what an algorithm does with them */
export function forwardHere<X, Y, Info, Output>(
  { agent, guide, x, info, failureScore }: RolloutParts<X, Y, Info>,
  forward: (agent: Module<X, Y>, x: X, guide: Guide<X, Y, Info>, info: Info) => MaybePromise<Output>,
): MaybePromise<RolloutResult<Output>> {
  return after(returned<Output>(forward(agent.clone(), x, guide.clone(), info)), (result) => {
    const { scores } = result as { readonly scores?: RolloutResult<Output>["scores"] };
    const failure = failureOf(result);
    // A failure without a score of its own is no 0: that may be the best there is.
    const hasNoScore = failure.error !== undefined && failureScore === null;
    return { result, score: hasNoScore ? null : scoreOf(result), scores, ...failure };
  });
}

/**
 * Does the work of a rollout and adds what the objective of the run wants measured to its metrics, and to those of an output that has a
 * score. A metric of the same name that the guide returns takes precedence.
 */
export function measured<R>(work: () => MaybePromise<RolloutResult<R>>): MaybePromise<RolloutResult<R>> {
  const { measures } = runServices();
  return measures === undefined ? work() : metered(measures, work);
}

async function metered<R>(
  measures: readonly MeasuredMetric[],
  work: () => MaybePromise<RolloutResult<R>>,
): Promise<RolloutResult<R>> {
  const meter = new RolloutMeter();
  const done = await withServices({ ...runServices(), meter }, work);
  const scores = { ...meter.scores(measures), ...done.scores };
  const { result } = done;
  const isOutput = isPlainObject(result) && "score" in result;
  return { ...done, scores, result: isOutput ? ({ ...(result as object), scores } as R) : result };
}

/** What a rollout depends on besides its example and the values: nothing, or what is measured of it. */
export function measuredHere(): { readonly measures?: readonly MeasuredMetric[] } {
  const { measures } = runServices();
  return measures === undefined ? {} : { measures };
}
