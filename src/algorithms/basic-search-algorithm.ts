/**
 * `BasicSearchAlgorithm`: several proposals for each batch; the one that scores best on validation data is kept.
 *
 * @module
 */
import { isPlainObject } from "../data/json.ts";
import { anything, groupOf, numberWithin, type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { Guide, GuideLike } from "../guides/guide.ts";
import type { MinibatchTrainOptions } from "../search/algorithm-options.ts";
import { minibatchTrainTable } from "../search/algorithm-table.ts";
import type { Proposal } from "../search/propose.ts";
import { type SearchPlan, type ValidationOptions, validationOf } from "../search/run-search.ts";
import type { Appetite } from "../search/search.ts";
import type { TrainResult } from "../search/train-result.ts";
import type { StepOutput } from "../trainer/standard-optimization-step.ts";
import type { TrainDataset } from "../trainer/trainer.ts";
import { chooseBest } from "./best-of.ts";
import { MinibatchAlgorithm, type OptimizerStepOptions } from "./minibatch-algorithm.ts";

interface Racing {
  readonly errorProbability: number;
}

/** Options of `BasicSearchAlgorithm.train`. */
export interface BasicSearchTrainOptions<X = unknown, Y = unknown, Info = unknown>
  extends Omit<MinibatchTrainOptions<X, Info>, "validateDataset">,
    ValidationOptions<X, Y, Info> {
  /** Proposals for each batch. @default 4 */
  readonly numProposals?: number | undefined;
  /**
   * Drops proposals in the middle of a validation that are unlikely to be the best, for guides that declare a `scoreRange`. The
   * best is dropped with a probability of at most `errorProbability` (above 0, below 1) in each validation. Without it only those
   * are dropped that certainly are not the best. @default none
   */
  readonly racing?: Racing | null | undefined;
}

/** The options of `BasicSearchAlgorithm.train`. */
export const basicSearchTrainTable: OptionTable<BasicSearchTrainOptions> = {
  ...minibatchTrainTable,
  validateGuide: { ...anything, otherwise: "the guide", about: "scores the proposals of `BasicSearchAlgorithm`" },
  numProposals: { ...wholeFrom(1), default: 4, about: "proposals of `BasicSearchAlgorithm` for each batch" },
  racing: {
    ...groupOf<Racing>({ errorProbability: numberWithin({ above: 0, below: 1 }) }),
    expected: "{ errorProbability } with a number above 0 and below 1",
    holds: (value) => value === null || (isPlainObject(value) && value.errorProbability !== undefined),
    otherwise: "none",
    about: "`{ errorProbability: 0.05 }` drops proposals that are unlikely to be the best",
  },
};

/** Options that only `BasicSearchAlgorithm` has: a call of `train` that names one of them means it. */
export const basicSearchOptionNames = ["validateDataset", "validateGuide", "numProposals", "racing"] as const;

/**
 * Asks the optimizer for several proposals at each step, validates all of them and the current values concurrently on the same agent, and keeps
 * the one with the highest mean; ties go to the current values, then to the earliest proposal. If the guide declares its `scoreRange`,
 * candidates that can no longer be the best are not validated further. Nothing is measured twice. Optimizers that learn from scores receive the
 * score of every candidate.
 *
 * @example
 * const search = new BasicSearchAlgorithm(agent, new TPE(agent, { seed: 1 }), { numThreads: 16 });
 * await search.train(guide, trainSet, { validateDataset, numProposals: 8, batchSize: 16 });
 */
export class BasicSearchAlgorithm<X = unknown, Y = unknown, Info = unknown> extends MinibatchAlgorithm<X, Y, Info> {
  static override readonly comparesOnValidationData: boolean = true;

  override train<I extends Info>(
    guide: GuideLike<X, Y, I>,
    trainDataset: TrainDataset<X, I>,
    options: BasicSearchTrainOptions<X, Y, I> = {},
  ): Promise<TrainResult> {
    return super.train(guide, trainDataset, options);
  }

  override plan<I extends Info>(
    guide: GuideLike<X, Y, I>,
    trainDataset: TrainDataset<X, I>,
    options: BasicSearchTrainOptions<X, Y, I> = {},
  ): SearchPlan<X, Y, I, StepOutput<Y>, null> {
    checkTable<BasicSearchTrainOptions>(options, basicSearchTrainTable, `${this.constructor.name}.train`, "");
    const { validateDataset, validateGuide, numProposals = 4, racing, ...rest } = options;
    const plan = super.plan(guide, trainDataset, rest);
    const validation = validationOf({ validateDataset, validateGuide }, plan);
    checkRacing(racing, validation.guide);
    const settings = { numProposals, ...(racing ? { racing: racing.errorProbability } : {}) };
    const scored = { candidates: numProposals + 1, on: "validation" } as const;
    const appetite = (): Appetite => {
      const own = plan.policy.appetite();
      return { ...own, proposals: numProposals, scored: [scored, ...own.scored] };
    };
    const policy = { ...plan.policy, settings, appetite };
    return { ...plan, policy, validation };
  }

  /** Proposes, validates, keeps the best. @returns the values it chose, by the optimizer's names; `{}` for the current ones */
  override async optimizerStep(options: OptimizerStepOptions = {}): Promise<Candidate> {
    const { step } = this;
    if (step === undefined) return super.optimizerStep(options);
    const { numProposals, racing } = step.policy.settings as { readonly numProposals: number; readonly racing?: number };
    const quiet = { ...options, bypassing: true, verbose: options.verbose ? ("output" as const) : false };
    // Something else may have set the agent since the iteration began.
    const current = step.add(this.agent.candidate(), [step.current], "set");
    const make: Proposal["make"] = (label, onReasoning) => super.optimizerStep({ ...quiet, label, onReasoning });
    const proposals = Array.from({ length: numProposals }, () => ({ parents: [current], make }));
    const children = await step.collect(proposals, this.optimizer.constructor.name);
    const best = await chooseBest(step, current, children, { keep: 1, errorProbability: racing });
    const score = step.select(best);
    const candidate = best === current ? {} : step.forOptimizer(best);
    if (!options.bypassing) this.optimizer.update(candidate);
    this.events.log("Validation score", score, step.iteration);
    return candidate;
  }
}

function checkRacing(racing: BasicSearchTrainOptions["racing"], guide: Guide<never, never, never>): void {
  if (racing === undefined || racing === null) return;
  if (guide.scoreRange === undefined) {
    throw new InvalidArgumentError(
      "`racing` needs a guide that declares its `scoreRange`: the range of scores bounds which candidates can still win",
    );
  }
}
