/**
 * `MinibatchAlgorithm`: one update for each batch, from the feedback on all of its outputs.
 *
 * @module
 */

import { type DirectedScale, declaredFailureScore } from "../data/comparison.ts";
import { isByScoreAlone, minimizesScore } from "../data/objectives.ts";
import { NoProposalError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import { currentRun } from "../graph/scope.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { Guide } from "../guides/guide.ts";
import { currentIteration } from "../search/iteration-services.ts";
import { FailedProposals } from "../search/propose.ts";
import { joined, perfectScore, type RolloutHooks, scoresOfRun } from "../search/rollout-hooks.ts";
import type { RolloutCodec } from "../trainer/run-keeper.ts";
import {
  optimizationStep,
  type StepOutput,
  standardOptimizationStep,
  stepOutputCodec,
} from "../trainer/standard-optimization-step.ts";
import { Minibatch, type UpdateOptions } from "./minibatch.ts";

/** How the optimizer is asked for an update. */
export interface OptimizerStepOptions extends UpdateOptions {
  /** Propose only, apply nothing. @default false */
  readonly bypassing?: boolean | undefined;
  /** Logical position of the proposal below the iteration. @default "proposal/0" */
  readonly label?: string | undefined;
  /** Receives why the model proposed what is returned, in its own words; not called where it did not say. */
  readonly onReasoning?: ((reasoning: string) => void) | undefined;
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
  #failedProposals = new FailedProposals();

  /** What a subclass makes of a rollout is done in this process. */
  protected override get standardCodec(): RolloutCodec<StepOutput<Y>> | undefined {
    return this.forward === MinibatchAlgorithm.prototype.forward ? stepOutputCodec(this.agent) : undefined;
  }

  protected override get standardForward(): RolloutHooks<X, Y, Info, StepOutput<Y>>["forward"] | undefined {
    if (this.forward !== MinibatchAlgorithm.prototype.forward) return undefined;
    return (agent, x, guide, info) => optimizationStep(agent, x, guide, info, this.#failureScore(guide));
  }

  /** Runs the agent and asks the guide; an agent that throws scores `minScore` of the run, else the lowest score of the guide, else 0. */
  forward(agent: Module<X, Y>, x: X, guide: Guide<X, Y, Info>, info: Info): Promise<StepOutput<Y>> {
    return standardOptimizationStep(agent, x, guide, info, this.#failureScore(guide));
  }

  #failureScore({ scoreRange }: Guide<X, Y, Info>): number {
    return declaredFailureScore({ ...this.#scale, scoreRange }) ?? 0;
  }

  /**
   * Gives the optimizer the batch's outputs and feedback as one, and lets it step; an optimizer that asks a language model is not
   * asked about a batch whose outputs all have the best score that the guide can give. A step without a usable answer of its model
   * changes nothing.
   *
   * @throws InfrastructureError when one step after the other stays without an answer
   */
  async update(outputs: readonly StepOutput<Y>[], options: UpdateOptions = {}): Promise<number | null> {
    // Nothing could be scored, so there is nothing to learn.
    if (outputs.length === 0) {
      this.optimizer.update({});
      return null;
    }
    const iteration = currentIteration();
    const scale = { ...this.#scale, scoreRange: iteration?.scoreRange };
    const { target, feedback } = joined(outputs, { scale, ...scoresOfRun() });
    this.optimizer.zeroFeedback();
    this.optimizer.backward(target, feedback);
    // The best score there is may still cost less.
    const isAlone = iteration === undefined || isByScoreAlone(iteration.step.objective);
    const perfect = isAlone ? perfectScore(outputs, this.optimizer, iteration?.topScore) : undefined;
    if (perfect !== undefined) {
      this.events.emit({ type: "update-skipped", iteration: this.nIters + 1, score: perfect });
      this.optimizer.update({});
      return feedback.score;
    }
    try {
      await this.optimizerStep(options);
      this.#failedProposals.succeeded();
    } catch (error) {
      if (!(error instanceof NoProposalError)) throw error;
      this.#failedProposals.failed(error);
      this.optimizer.update({});
    }
    return feedback.score;
  }

  /** What failures score, whatever the guide declares. */
  get #scale(): DirectedScale {
    return { minScore: this.minScore, lowerIsBetter: minimizesScore(this.step?.objective) };
  }

  /** One step of the optimizer. @returns the values it proposed, by its names */
  async optimizerStep(options: OptimizerStepOptions = {}): Promise<Candidate> {
    const { bypassing = false, verbose = false, label = "proposal/0", onReasoning } = options;
    // Batches differ: scores on them are no history.
    const history = this.step?.observes === "validate" ? this.step.history : undefined;
    const { guide, objective: comparedBy } = this.step ?? {};
    const about = { label, history, scoreMeaning: guide?.meaning, comparedBy, onReasoning, signal: currentRun()?.signal };
    return this.optimizer.step({ bypassing, verbose, ...about });
  }
}
