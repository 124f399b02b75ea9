/**
 * What an algorithm may decide of a rollout with feedback; the default is what the three seed classes do.
 *
 * @module
 */

import { type Cell, type DirectedScale, declaredFailureScore } from "../data/comparison.ts";
import type { Feedback } from "../data/feedback.ts";
import type { MaybePromise } from "../data/maybe-promise.ts";
import { isByScoreAlone } from "../data/objectives.ts";
import { backward } from "../graph/backward.ts";
import type { Module } from "../graph/module.ts";
import type { Node } from "../graph/node.ts";
import { noteBatch, noteBestScore, TraceGraph } from "../graph/trace-graph.ts";
import type { Guide } from "../guides/guide.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { batchify, cellsOf, meanOfBatch } from "../trainer/batch-outputs.ts";
import type { RolloutCodec } from "../trainer/run-keeper.ts";
import { optimizationStep, type StepOutput, stepOutputCodec } from "../trainer/standard-optimization-step.ts";
import { currentIteration } from "./iteration-services.ts";

/** One rollout with feedback, and what the optimizer gets from several. */
export interface RolloutHooks<X = unknown, Y = unknown, Info = unknown, Output = unknown> {
  /** On a copy of the agent and of the guide. */
  readonly forward: (agent: Module<X, Y>, x: X, guide: Guide<X, Y, Info>, info: Info) => MaybePromise<Output>;
  /** How outputs are kept from process to process. */
  readonly codec: RolloutCodec<Output>;
  /** How outputs get from process to process, where `forward` is `standardOptimizationStep`: then an executor can do it. @default it is done here */
  readonly standard?: RolloutCodec<Output> | undefined;
  /** The graph of a batch with the feedback on it. */
  readonly graphOf: (optimizer: Optimizer, outputs: readonly Output[]) => TraceGraph;
  /** The answer in an output, with its trace; `undefined` where the agent failed. @default none has any */
  readonly answerOf?: (output: Output) => Node | undefined;
  /** The best score there is, when all of a batch has it and the optimizer need not be asked. @default never */
  readonly perfectScore?: (optimizer: Optimizer, outputs: readonly Output[]) => number | undefined;
}

/** Runs the agent, asks the guide, and gives the optimizer each output with the feedback on it. */
export function standardHooks<X, Y, Info>(agent: Module<X, Y>, scale: DirectedScale): RolloutHooks<X, Y, Info, StepOutput<Y>> {
  const failureScore = declaredFailureScore(scale) ?? 0;
  const codec = stepOutputCodec<Y>(agent);
  return {
    forward: (copy, x, guide, info) => optimizationStep(copy, x, guide, info, failureScore),
    codec,
    standard: codec,
    graphOf: (optimizer, outputs) => {
      const { targets, feedback } = batchFeedback(outputs, { scale, ...scoresOfRun() });
      return TraceGraph.merge(backward(targets, feedback, { parameters: [...optimizer.parameters.values()] }).values());
    },
    answerOf: ({ target }) => (target.kind === "exception" ? undefined : target),
    perfectScore: (optimizer, outputs) => perfectScore(outputs, optimizer, currentIteration()?.topScore),
  };
}

/** What failures in a batch count as, and what is perfect. */
export interface BatchScale {
  readonly scale: DirectedScale;
  /** The worst score of the run so far, if there is any: a failure without a score is never better than an answer. */
  readonly worst: number | undefined;
  /** The best score that an output can have, where it is known and nothing else counts. @default not known */
  readonly best?: number | undefined;
}

/** What is known of scores in the run that the code is part of that is running now. */
export function scoresOfRun(): Pick<BatchScale, "worst" | "best"> {
  const iteration = currentIteration();
  // The best score there is may still cost less.
  const isAlone = iteration !== undefined && isByScoreAlone(iteration.step.objective);
  return { worst: iteration?.worstScore, best: isAlone ? iteration.topScore : undefined };
}

/** A batch as an optimizer gets it. */
export interface BatchFeedback<Y> {
  readonly targets: readonly (Node<Y> | Node<string>)[];
  /** On each of them. */
  readonly feedback: readonly Feedback[];
  /** The mean score. */
  readonly score: number | null;
}

/** The outputs of a batch with the feedback on each. A failure without a score of its own has the score that it counts as. */
export function batchFeedback<Y>(outputs: readonly StepOutput<Y>[], { scale, worst, best }: BatchScale): BatchFeedback<Y> {
  if (best !== undefined) for (const { target } of outputs) noteBestScore(target, best);
  const cells = cellsOf(outputs, declaredFailureScore(scale));
  const failed = worstOf([worst, ...cells], scale);
  const scoreOf = (cell: Cell | undefined): number | null => {
    if (cell === "failed") return failed;
    return typeof cell === "number" ? cell : null;
  };
  return {
    targets: outputs.map(({ target }) => target),
    feedback: outputs.map(({ feedback, scores }, index) => {
      return { score: scoreOf(cells[index]), feedback, ...(scores !== undefined && { scores }) };
    }),
    score: meanOfBatch(cells, failed),
  };
}

/** What a failure counts as: at most 0, and where less is better at least 0; `null` there as long as no score is known, because 0 may be the best. */
function worstOf(known: readonly (Cell | undefined)[], { lowerIsBetter = false }: DirectedScale): number | null {
  const scores = known.filter((one) => typeof one === "number");
  if (!lowerIsBetter) return Math.min(0, ...scores);
  return scores.length === 0 ? null : Math.max(0, ...scores);
}

/** A batch as one output with one feedback and the mean score. The feedback on each of the outputs is noted with it. */
export function joined<Y>(
  outputs: readonly StepOutput<Y>[],
  batch: BatchScale,
): { readonly target: Node<string>; readonly feedback: Feedback } {
  const { targets, feedback, score } = batchFeedback(outputs, batch);
  const texts = outputs.map((output) =>
    output.feedback.trim() === "" && output.score !== null ? `Score ${output.score}` : output.feedback,
  );
  const target = batchify(...targets);
  noteBatch(target, feedback);
  return { target, feedback: { score, feedback: batchify(...texts).peek() } };
}

/**
 * The best score that the guide can give, when every output has it and the optimizer could learn from what is worse alone.
 *
 * @param best `undefined` where it is not known
 */
export function perfectScore(
  outputs: readonly StepOutput<unknown>[],
  optimizer: Optimizer,
  best: number | undefined,
): number | undefined {
  if (best === undefined || outputs.length === 0 || !optimizer.learnsFromFeedback) return undefined;
  return outputs.every(({ score, target }) => score === best && target.kind !== "exception") ? best : undefined;
}
