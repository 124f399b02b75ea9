/**
 * `MinibatchAlgorithm`: one update for each batch, from the feedback on all of its outputs.
 *
 * @module
 */
import type { Module } from "../graph/module.ts";
import { currentRun } from "../graph/scope.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { Guide } from "../guides/guide.ts";
import { batchify } from "../trainer/batchify.ts";
import { mean } from "../trainer/rollout.ts";
import type { RolloutCodec } from "../trainer/rollout-records.ts";
import { type StepOutput, standardOptimizationStep } from "../trainer/standard-optimization-step.ts";
import { Minibatch } from "./minibatch.ts";
import type { UpdateOptions } from "./minibatch-options.ts";
import { stepOutputCodec } from "./step-output-codec.ts";

/** How the optimizer is asked for an update. */
export interface OptimizerStepOptions extends UpdateOptions {
  /** Propose only, apply nothing. @default false */
  readonly bypassing?: boolean | undefined;
  /** Logical position of the proposal below the iteration. @default "proposal/0" */
  readonly label?: string | undefined;
}

/**
 * Joins the outputs of a batch and the feedback on them, carries the joint feedback back to the parameters, and lets
 * the optimizer take one step.
 *
 * @example
 * const trainer = new MinibatchAlgorithm(agent, new OptoPrime(agent), { numThreads: 16 });
 * await trainer.train(guide, dataset, { batchSize: 4, numEpochs: 2 });
 */
export class MinibatchAlgorithm<X = unknown, Y = unknown, Info = unknown> extends Minibatch<X, Y, Info, StepOutput<Y>> {
  protected override readonly outputCodec: RolloutCodec<StepOutput<Y>> = stepOutputCodec(this.agent);

  /** Runs the agent and asks the guide; an agent that throws scores the run's `minScore` (0 when that is `null`). */
  forward(agent: Module<X, Y>, x: X, guide: Guide<X, Y, Info>, info: Info): Promise<StepOutput<Y>> {
    return standardOptimizationStep(agent, x, guide, info, this.minScore ?? 0);
  }

  /** Gives the optimizer the batch's outputs and feedback as one, and lets it step. */
  async update(outputs: readonly StepOutput<Y>[], options: UpdateOptions = {}): Promise<number | null> {
    const average = mean(outputs.flatMap(({ score }) => (score === null ? [] : [score])));
    const target = batchify(...outputs.map((output) => output.target));
    const feedback = batchify(...outputs.map(whatIsSaid)).peek();
    this.optimizer.zeroFeedback();
    this.optimizer.backward(target, { score: average, feedback });
    await this.optimizerStep(options);
    return average;
  }

  /** One step of the optimizer; gives the values it proposed. */
  async optimizerStep(options: OptimizerStepOptions = {}): Promise<Candidate> {
    const { bypassing = false, verbose = false, label = "proposal/0" } = options;
    return this.optimizer.step({ bypassing, verbose, label, signal: currentRun()?.signal });
  }
}

/** A guide that gives nothing but scores says with them which of the outputs were good. */
function whatIsSaid({ feedback, score }: StepOutput<unknown>): string {
  return feedback.trim() === "" && score !== null ? `Score ${score}` : feedback;
}
