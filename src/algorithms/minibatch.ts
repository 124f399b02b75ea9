/**
 * `Minibatch`: the general minibatch loop. A subclass says what one forward pass is, and how its outputs update the agent.
 *
 * @module
 */
import { type Cell, declaredFailureScore } from "../data/comparison.ts";
import type { Dataset } from "../data/dataset.ts";
import type { JsonValue } from "../data/json.ts";
import { minimizesScore, objective } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import type { Module } from "../graph/module.ts";
import type { Candidate } from "../graph/with-values.ts";
import { type Guide, type GuideLike, scoreRangeOf, toGuide } from "../guides/guide.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { MinibatchTrainOptions } from "../search/algorithm-options.ts";
import { checkImprovement } from "../search/improvement.ts";
import { currentIteration } from "../search/iteration-services.ts";
import type { RolloutHooks } from "../search/rollout-hooks.ts";
import { checkOptimizer, runSearch, type SearchPlan } from "../search/run-search.ts";
import type { SearchPolicy } from "../search/search.ts";
import type { SearchStep } from "../search/step.ts";
import type { TrainResult } from "../search/train-result.ts";
import { readTrainOptions, type TrainSettings, toLoader } from "../search/train-settings.ts";
import { cellsOf, metricsOf } from "../trainer/batch-outputs.ts";
import type { KnownScore } from "../trainer/evaluate.ts";
import { listed } from "../trainer/example-source.ts";
import type { RolloutCodec } from "../trainer/run-keeper.ts";
import { type TrainDataset, Trainer, type TrainerOptions } from "../trainer/trainer.ts";
import { follow, type UpdateCheck } from "./follow.ts";

/**
 * The base of the seed's algorithms: each iteration runs the agent on a batch, updates it, and takes the update back if
 * `ensureImprovement` asks for it.
 *
 * @typeParam Output what `forward` returns and `update` receives
 */
export abstract class Minibatch<X = unknown, Y = unknown, Info = unknown, Output = unknown> extends Trainer<X, Y, Info> {
  /** Whether candidates are compared on validation data in every iteration, also where nothing is evaluated. */
  static readonly comparesOnValidationData: boolean = false;
  readonly optimizer: Optimizer;
  /** How outputs of `forward` are kept from process to process. @default they are not */
  protected readonly outputCodec: RolloutCodec<Output> = { write: () => undefined, read: (written) => written as Output };
  /** How outputs get to and from an executor, where `forward` is `standardOptimizationStep`. @default it runs in this process */
  protected get standardCodec(): RolloutCodec<Output> | undefined {
    return undefined;
  }

  /** `forward` where it is `standardOptimizationStep`: its output is at hand where nothing is waited for. @default `forward` */
  protected get standardForward(): RolloutHooks<X, Y, Info, Output>["forward"] | undefined {
    return undefined;
  }

  /** @throws InvalidArgumentError when there is no optimizer, or it trains a parameter that the agent does not have */
  constructor(agent: Module<X, Y>, optimizer: Optimizer, options: TrainerOptions = {}) {
    super(agent, options);
    checkOptimizer(optimizer, agent);
    this.optimizer = optimizer;
  }

  /** Score given to an example when the agent throws in this run; `null` is 0 in a training step. */
  protected get minScore(): number | null {
    return currentIteration()?.minScore ?? null;
  }

  /** The iteration of a run that this is called in. */
  protected get step(): SearchStep<X, Y, Info, Output> | undefined {
    return currentIteration()?.step as SearchStep<X, Y, Info, Output> | undefined;
  }

  /** One forward pass with feedback on a copy of the agent. Runs once for each example of a batch, many concurrently. */
  abstract forward(agent: Module<X, Y>, x: X, guide: Guide<X, Y, Info>, info: Info): Promise<Output>;

  /**
   * Updates the agent from the outputs of a batch, in order of the batch; rollouts that could not be scored are left out.
   *
   * @returns the average score of the batch, or `null` when there is none
   */
  abstract update(outputs: readonly Output[], options?: UpdateOptions): Promise<number | null>;

  /**
   * Visits the dataset `numEpochs` times in batches: forward passes, then an update of the agent.
   *
   * Evaluation, logs and checkpoints come after the update. Log lines of iteration n: "Average test score",
   * "Instantaneous train score" (before the update), "Average train score" (over the batches so far) and "Parameter: path".
   *
   * @throws InvalidArgumentError for an unknown option or a bad value, before anything is done
   * @throws InfrastructureError when no rollout of a step could be scored; the agent keeps its last good values
   */
  async train<I extends Info>(
    guide: GuideLike<X, Y, I>,
    trainDataset: TrainDataset<X, I>,
    options: MinibatchTrainOptions<X, I> = {},
  ): Promise<TrainResult> {
    return runSearch(this.plan(guide, trainDataset, options), this.host());
  }

  /** What `train` will do: the search and all that it works on. Nothing is run. */
  plan<I extends Info>(
    guide: GuideLike<X, Y, I>,
    trainDataset: TrainDataset<X, I>,
    options: MinibatchTrainOptions<X, I> = {},
  ): SearchPlan<X, Y, I, Output, null> {
    const settings = readTrainOptions(options, this.constructor.name, this.numThreads);
    const loader = toLoader(trainDataset, settings);
    const { agent, optimizer } = this;
    return { agent, optimizer, policy: this.policy(settings), hooks: this.#hooks, guide: toGuide(guide), loader, settings };
  }

  /** The search that the hooks make up. */
  protected policy(
    { ensureImprovement, improvementThreshold: threshold, verbose, numThreads, numEvalSamples }: TrainSettings<X, unknown>,
    settings: Readonly<Record<string, JsonValue>> = {},
  ): SearchPolicy<null, Output> {
    return follow<X, Y, Info, Output>({
      name: this.constructor.name,
      settings,
      step: () => this.step as SearchStep<X, Y, Info, Output>,
      update: (outputs) => this.update(outputs, { verbose, numThreads }),
      values: () => this.agent.candidate(),
      origin: this.optimizer.constructor.name,
      check: ensureImprovement ? (...update) => this.#improves({ threshold, numThreads }, ...update) : undefined,
      numSamples: numEvalSamples,
    });
  }

  #improves(
    options: ImprovementOptions,
    ...[step, child, score, forwarded]: Parameters<UpdateCheck<X, Y, Info, Output>>
  ): Promise<boolean> {
    const { guide, current } = step;
    const examples = step.examples(forwarded);
    // Too few outputs to compare by. What the current values left unscored may be their own doing, so all is measured.
    if (!step.isCovered(forwarded)) {
      const known = [step.currentCells(), step.currentMetrics()] as const;
      return this.#check(step.examples(), guide, score, known, current.values, options);
    }
    const [xs, infos] = [examples.map(({ input }) => input), examples.map(({ info }) => info)];
    const outputs = forwarded.map(({ output }) => output);
    const known = step.knownScores(child, forwarded);
    return this.hasImprovement(xs, guide, infos, score, outputs, current.values, { ...options, known });
  }

  /**
   * Whether the agent, as it is now, scores higher on a batch than it did: `newScore > currentScore + threshold`, by the rule of
   * `compareCandidates`: over the examples that had a score before; what has none now counts as failed; and each side needs 80%.
   * The current scores are those of `currentOutputs`, not measured again.
   *
   * @param backup the values before the update
   */
  async hasImprovement<I extends Info>(
    xs: readonly X[],
    guide: GuideLike<X, Y, I>,
    infos: readonly I[],
    currentScore: number | null,
    currentOutputs: readonly Output[],
    backup: Candidate,
    options: ImprovementOptions = {},
  ): Promise<boolean> {
    const examples = xs.map((input, index) => ({ input, info: infos[index] as I }));
    const judge = toGuide(guide);
    const failure = declaredFailureScore({
      minScore: this.minScore,
      scoreRange: scoreRangeOf(judge),
      lowerIsBetter: minimizesScore(this.step?.objective),
    });
    const current = [cellsOf(currentOutputs, failure), currentOutputs.map(metricsOf)] as const;
    return this.#check(examples, judge, currentScore, current, backup, options);
  }

  async #check<I extends Info>(
    examples: Dataset<X, I>,
    guide: Guide<X, Y, I>,
    currentScore: number | null,
    [currentCells, currentMetrics]: readonly [readonly Cell[], readonly (Scores | undefined)[]],
    backup: Candidate,
    { threshold = 0, numThreads, known }: ImprovementOptions,
  ): Promise<boolean> {
    const { agent, optimizer, minScore } = this;
    const indices = this.step?.indicesOf(examples, guide);
    const from = indices && { dataset: "train" as const, indices };
    return checkImprovement({
      agent,
      optimizer,
      emit: (event) => this.events.emit(event),
      evaluate: (options) => this.evaluateExamples(agent, guide, listed(examples), { ...options, numThreads, from }),
      iteration: this.nIters + 1,
      scale: { minScore, scoreRange: guide.scoreRange },
      numSamples: currentIteration()?.numEvalSamples ?? 1,
      reportsScores: this.step?.observes !== "validate",
      known,
      currentScore,
      currentCells,
      currentMetrics,
      objective: this.step?.objective ?? objective(),
      worst: this.step?.worst,
      backup,
      threshold,
    });
  }

  get #hooks(): RolloutHooks<X, Y, Info, Output> {
    return {
      forward: this.standardForward ?? ((agent, x, guide, info) => this.forward(agent, x, guide, info)),
      codec: this.outputCodec,
      standard: this.standardCodec,
      graphOf: () => this.optimizer.graph,
    };
  }
}

/** How an update is made. */
export interface UpdateOptions {
  /** @default false */
  readonly verbose?: boolean | "output" | undefined;
  /** @default that of the run */
  readonly numThreads?: number | undefined;
}

/** Options of `hasImprovement`. */
export interface ImprovementOptions {
  /** By how much the new score must be higher. @default 0 */
  readonly threshold?: number | undefined;
  /** @default that of the run */
  readonly numThreads?: number | undefined;
  /** What is known already, in the order of the examples; `null` where nothing is. Only the rest is measured. */
  readonly known?: readonly (KnownScore | null)[] | undefined;
}
