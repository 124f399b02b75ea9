/**
 * What an algorithm may decide of a rollout with feedback; the default is what the three seed classes do.
 *
 * @module
 */

import { declaredFailureScore, type FailureScale } from "../data/comparison.ts";
import type { Feedback } from "../data/feedback.ts";
import { backward } from "../graph/backward.ts";
import type { Module } from "../graph/module.ts";
import type { Node } from "../graph/node.ts";
import { TraceGraph } from "../graph/trace-graph.ts";
import type { Guide } from "../guides/guide.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { batchify, cellsOf, meanOfBatch } from "../trainer/batch-outputs.ts";
import type { RolloutCodec } from "../trainer/run-keeper.ts";
import { type StepOutput, standardOptimizationStep, stepOutputCodec } from "../trainer/standard-optimization-step.ts";
import { currentIteration } from "./iteration-services.ts";

/** One rollout with feedback, and what the optimizer gets from several. */
export interface RolloutHooks<X = unknown, Y = unknown, Info = unknown, Output = unknown> {
  /** On a copy of the agent and of the guide. */
  readonly forward: (agent: Module<X, Y>, x: X, guide: Guide<X, Y, Info>, info: Info) => Promise<Output>;
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

/** Runs the agent, asks the guide, and joins the batch into one output with one feedback. */
export function standardHooks<X, Y, Info>(agent: Module<X, Y>, scale: FailureScale): RolloutHooks<X, Y, Info, StepOutput<Y>> {
  const failureScore = declaredFailureScore(scale) ?? 0;
  const codec = stepOutputCodec<Y>(agent);
  return {
    forward: (copy, x, guide, info) => standardOptimizationStep(copy, x, guide, info, failureScore),
    codec,
    standard: codec,
    graphOf: (optimizer, outputs) => {
      const lowest = currentIteration()?.lowestScore ?? 0;
      const { target, feedback } = joined(outputs, { scale, lowest });
      return TraceGraph.merge(backward(target, feedback, { parameters: [...optimizer.parameters.values()] }).values());
    },
    answerOf: ({ target }) => (target.kind === "exception" ? undefined : target),
    perfectScore: (optimizer, outputs) => perfectScore(outputs, optimizer, scale.scoreRange),
  };
}

/** What failures in a batch count as. */
export interface BatchScale {
  readonly scale: FailureScale;
  /** The lowest score of the run so far, at most 0: a failure without a score is never better than an answer. */
  readonly lowest: number;
}

/** A batch as one output with one feedback and the mean score. */
export function joined<Y>(
  outputs: readonly StepOutput<Y>[],
  { scale, lowest }: BatchScale,
): { readonly target: Node<string>; readonly feedback: Feedback } {
  const score = meanOfBatch(cellsOf(outputs, declaredFailureScore(scale)), lowest);
  const feedback = batchify(...outputs.map(feedbackOn)).peek();
  return { target: batchify(...outputs.map(({ target }) => target)), feedback: { score, feedback } };
}

/** The best score that the guide can give, when every output has it and the optimizer could learn from what is worse alone. */
export function perfectScore(
  outputs: readonly StepOutput<unknown>[],
  optimizer: Optimizer,
  scoreRange: FailureScale["scoreRange"],
): number | undefined {
  const best = scoreRange?.[1];
  if (best === undefined || outputs.length === 0 || !optimizer.learnsFromFeedback) return undefined;
  return outputs.every(({ score, target }) => score === best && target.kind !== "exception") ? best : undefined;
}

/** A guide that returns nothing but scores says with them which of the outputs were good. */
function feedbackOn({ feedback, score }: StepOutput<unknown>): string {
  return feedback.trim() === "" && score !== null ? `Score ${score}` : feedback;
}
