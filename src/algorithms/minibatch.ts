/**
 * `Minibatch`: the training loop. Forward a batch, update the agent, evaluate, log, save.
 *
 * @module
 */

import type { Batch } from "../data/data-loader.ts";
import { toDataset } from "../data/dataset.ts";
import { canonicalJson, describeValue, type JsonValue } from "../data/json.ts";
import { InvalidArgumentError, StopError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import { isNode } from "../graph/node.ts";
import { atPosition, currentRun } from "../graph/scope.ts";
import { type Candidate, currentCandidate } from "../graph/with-values.ts";
import { type Guide, type GuideLike, toGuide } from "../guides/guide.ts";
import { Optimizer } from "../optimizers/optimizer.ts";
import type { StopReason } from "../trainer/events.ts";
import { listed } from "../trainer/example-source.ts";
import { mean, type Rollout, type RolloutResult, runTask } from "../trainer/rollout.ts";
import { type RolloutCodec, recorded } from "../trainer/rollout-records.ts";
import { type TrainDataset, Trainer, type TrainerOptions } from "../trainer/trainer.ts";
import { compared, ownedBy } from "./improvement.ts";
import { endOf, resumptionOf, startOf } from "./run-events.ts";
import { type IdentityPart, identityOf } from "./run-identity.ts";
import { type MinibatchTrainOptions, readTrainOptions, type TrainSettings, toLoader } from "./train-options.ts";
import { resultOf, type TrainResult } from "./train-result.ts";
import { type LoopState, type RunEnd, TrainingRun } from "./training-run.ts";

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
}

/**
 * The general minibatch loop. A subclass says what one forward pass is and how its outputs update the agent;
 * batches, improvement check, evaluation, logging and saving are done here.
 *
 * @typeParam Output what `forward` gives and `update` gets
 */
export abstract class Minibatch<X = unknown, Y = unknown, Info = unknown, Output = unknown> extends Trainer<X, Y, Info> {
  readonly optimizer: Optimizer;
  /** What a failing rollout scores in this run; where it is `null`, 0 in a training step. */
  protected minScore: number | null = null;
  /** Rollouts for each example of an evaluation in this run. */
  protected numEvalSamples = 1;
  /** Whether `hasImprovement` tells the optimizer what it measured; not where candidates are scored on other data. */
  protected readonly reportsBatchScores: boolean = true;

  /** How outputs of `forward` are kept from process to process; @default they are not */
  protected readonly outputCodec: RolloutCodec<Output> = { write: () => undefined, read: (written) => written as Output };

  #isTraining = false;

  /** @throws InvalidArgumentError when there is no optimizer, or it trains a parameter that the agent does not have */
  constructor(agent: Module<X, Y>, optimizer: Optimizer, options: TrainerOptions = {}) {
    super(agent, options);
    if (!(optimizer instanceof Optimizer)) {
      throw new InvalidArgumentError(`Expected one optimizer, got ${describeValue(optimizer)}`);
    }
    this.optimizer = optimizer;
    const own = new Set(agent.parameters());
    const foreign = [...optimizer.parameters].filter(([, parameter]) => !own.has(parameter)).map(([name]) => name);
    if (foreign.length > 0) {
      throw new InvalidArgumentError(
        `Expected the optimizer to train parameters of the agent, got ${foreign.join(", ")}, which it does not have`,
      );
    }
  }

  /** One forward pass with feedback on a copy of the agent. Runs once for each example of a batch, many at once. */
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
    const settings = readTrainOptions(options, this.constructor.name, this.numThreads);
    const loader = toLoader(trainDataset, settings);
    const testSet = settings.testDataset === null ? loader.dataset : toDataset(settings.testDataset, "testDataset");
    const { agent, optimizer } = this;
    const run = new TrainingRun<X, Y, Info>({ agent, optimizer, guide: toGuide(guide), loader, testSet, settings });
    if (this.#isTraining) throw new InvalidArgumentError("Expected one train at a time on a trainer; this one is still training");
    this.#isTraining = true;
    this.resizePool(settings.numThreads);
    this.minScore = settings.minScore;
    this.numEvalSamples = settings.numEvalSamples;
    const { signal } = settings;
    try {
      // Reading all of the data is spared where nothing is kept.
      if (settings.run !== null) {
        const { options: own = {}, datasets = {} } = this.identity();
        const parts = { algorithm: this.constructor.name, agent, optimizer, loader, settings };
        const identity = identityOf({ ...parts, options: own, datasets: { ...datasets, test: testSet } });
        await run.open(identity, (state) => this.#takeUp(state));
      }
      const channel = this.events.open(run.keeper === undefined ? [] : [run.keeper.journal]);
      return await atPosition("", () => this.#run(run), { signal, events: channel, services: run.services });
    } finally {
      this.#isTraining = false;
      await this.events.close();
    }
  }

  /** What an algorithm adds to what makes its run the same run: options that change its course, and datasets. */
  protected identity(): IdentityPart {
    return {};
  }

  /** What an algorithm keeps from iteration to iteration, as plain JSON, for a checkpoint. */
  protected state(): JsonValue {
    return null;
  }

  /** Takes up what `state` gave. */
  protected restore(_state: JsonValue): void {}

  /**
   * Whether the agent, as it is now, scores higher on a batch than it did: `newScore > currentScore + threshold`, both
   * over the examples that could be scored both times. The current scores are those of `currentOutputs`, not measured again.
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
    const { threshold = 0, numThreads } = options;
    const currentScores = currentOutputs.map(scoreOf);
    const examples = xs.map((input, index) => ({ input, info: infos[index] as I }));
    const evaluation = await this.evaluateExamples(this.agent, guide, listed(examples), {
      // Without a minScore a failure counts as the worst score of the batch: it must never look like an improvement.
      minScore: this.minScore ?? currentScores.reduce<number>((worst, score) => Math.min(worst, score ?? 0), 0),
      numSamples: this.numEvalSamples,
      numThreads,
      description: `Checking improvement (iteration ${this.nIters + 1})`,
      label: "improvement",
    });
    const [before, after] = compared(currentScore, currentScores, evaluation);
    const improved = before !== null && after !== null && after > before + threshold;
    if (this.reportsBatchScores) {
      if (before !== null) this.optimizer.observe?.(ownedBy(this.optimizer, this.agent, backup), before);
      if (after !== null) this.optimizer.observe?.(currentCandidate(this.optimizer), after);
    }
    this.events.emit({
      type: improved ? "update-accepted" : "update-rejected",
      iteration: this.nIters + 1,
      currentScore: before,
      newScore: after,
      threshold,
    });
    return improved;
  }

  async #run(run: TrainingRun<X, Y, Info>): Promise<TrainResult> {
    const { signal } = run.settings;
    let end: RunEnd;
    let failure: unknown;
    try {
      run.watch((name) =>
        this.events.emit({ type: "run-stopping", reason: `${name}: what is in flight ends, then the run is saved` }),
      );
      signal?.throwIfAborted();
      end = await this.#loop(run);
      run.hold(() => this.#loopState());
    } catch (error) {
      end = signal?.aborted ? "aborted" : "failed";
      failure = error;
      if (error instanceof StopError && error.reason !== "storage" && !signal?.aborted) end = error.reason;
    }
    const isResult = end !== "aborted" && end !== "failed";
    // Also after an abort or an error: a run that is kept goes on from what was kept, in this very process, too.
    if (failure !== undefined && (isResult || run.keeper !== undefined)) run.rewind();
    const result = isResult ? resultOf(run, end as StopReason) : undefined;
    try {
      this.events.emit(endOf(run, end, failure));
    } finally {
      await run.close(end, failure);
    }
    if (result === undefined) throw failure;
    return result;
  }

  /** The iterations. Gives why they ended. */
  async #loop(run: TrainingRun<X, Y, Info>): Promise<StopReason> {
    const { loader, settings, progress, keeper } = run;
    const loopState = (): LoopState => this.#loopState();
    if (keeper?.restored === undefined) this.events.emit(startOf(run, this.constructor.name));
    if (keeper?.isContinued) this.events.emit(resumptionOf(run, keeper, this.nIters));
    if (!progress.isBegun) {
      run.safePoint(loopState);
      if (settings.evalFrequency > 0) await atPosition(`iteration/${this.nIters}`, () => this.#test(run));
      if (settings.saveFrequency > 0) await this.saveAgent(settings.savePath, this.nIters);
      progress.isBegun = true;
      run.safePoint(loopState);
    }
    let end = run.reached();
    while (end === undefined) {
      const epoch = loader.epoch - progress.firstEpoch;
      const batch = loader.sample();
      await atPosition(`iteration/${this.nIters + 1}`, () => this.#iterate(run, batch, epoch));
      end = run.reached();
      // When all is done there is nothing left to stop.
      if (end === undefined) run.safePoint(loopState);
    }
    settings.signal?.throwIfAborted();
    if (settings.saveFrequency > 0) await this.saveAgent(settings.savePath);
    return end;
  }

  #loopState(): LoopState {
    return { iteration: this.nIters, algorithm: this.state() };
  }

  #takeUp({ iteration, algorithm }: LoopState): void {
    this.nIters = iteration;
    this.restore(algorithm);
  }

  async #iterate(run: TrainingRun<X, Y, Info>, batch: Batch<X, Info>, epoch: number): Promise<void> {
    const { settings, progress } = run;
    currentRun()?.signal?.throwIfAborted();
    const { inputs, indices: examples } = batch;
    this.events.emit({ type: "iteration-start", iteration: this.nIters + 1, epoch, batchSize: inputs.length, examples });
    const backup = this.agent.candidate();
    const rollouts = await this.#forwardBatch(run, batch);
    const kept = rollouts.flatMap((rollout, index) => (rollout.status === "unscored" ? [] : [{ output: rollout.result, index }]));
    progress.unscored += rollouts.length - kept.length;
    const outputs = kept.map(({ output }) => output);
    const score = await this.#update(outputs, backup, settings);
    if (settings.ensureImprovement && this.#hasChanged(backup)) {
      const xs = kept.map(({ index }) => batch.inputs[index] as X);
      const infos = kept.map(({ index }) => batch.infos[index] as Info);
      const improvementOptions = { threshold: settings.improvementThreshold, numThreads: settings.numThreads };
      let improved = false;
      try {
        improved = await this.hasImprovement(xs, run.guide, infos, score, outputs, backup, improvementOptions);
      } finally {
        // Also when the check itself fails: an update that nobody has approved leaves nothing behind.
        if (!improved) this.agent.apply(backup);
      }
    }
    this.nIters++;
    progress.iterations++;
    if (settings.evalFrequency > 0 && this.nIters % settings.evalFrequency === 0) await this.#test(run);
    if (settings.saveFrequency > 0 && this.nIters % settings.saveFrequency === 0)
      await this.saveAgent(settings.savePath, this.nIters);
    if (settings.evalFrequency === 0) progress.untested(this.nIters, this.agent.candidate());
    if (score !== null) progress.trainScores.push(score);
    if (settings.logFrequency > 0 && this.nIters % settings.logFrequency === 0) this.#log(run, score);
    this.events.emit({ type: "iteration-end", iteration: this.nIters, epoch, score });
  }

  /** An update that fails or comes after an abort leaves nothing behind. */
  async #update(outputs: readonly Output[], backup: Candidate, settings: TrainSettings<X, Info>): Promise<number | null> {
    try {
      const score = await this.update(outputs, { verbose: settings.verbose, numThreads: settings.numThreads });
      settings.signal?.throwIfAborted();
      return score;
    } catch (error) {
      this.agent.apply(backup);
      throw error;
    }
  }

  #forwardBatch(run: TrainingRun<X, Y, Info>, batch: Batch<X, Info>): Promise<Rollout<Output>[]> {
    const work = (index: number): Promise<RolloutResult<Output>> => {
      const [x, info] = [batch.inputs[index] as X, batch.infos[index] as Info];
      return recorded(
        () => ({ parameters: this.agent.candidate(), x, info }),
        this.outputCodec,
        async () => {
          const result = await this.forward(this.agent.clone(), x, run.guide.clone(), info);
          return { result, score: scoreOf(result), error: errorOf(result) };
        },
      );
    };
    return runTask(exampleLabels(batch.indices), work, {
      pool: this.pool(),
      description: `Forward pass (batch size: ${batch.inputs.length})`,
      label: "forward",
      signal: run.settings.signal,
    });
  }

  #hasChanged(backup: Candidate): boolean {
    return canonicalJson(this.agent.candidate()) !== canonicalJson(backup);
  }

  async #test(run: TrainingRun<X, Y, Info>): Promise<void> {
    const { settings, testSet, guide } = run;
    const evaluation = await this.evaluateExamples(this.agent, guide, listed(testSet), {
      minScore: settings.minScore,
      numSamples: settings.numEvalSamples,
      description: `Evaluating agent (iteration ${this.nIters})`,
      label: "test",
    });
    if (evaluation.mean === null) {
      this.events.emit({
        type: "warning",
        message: `No test score at iteration ${this.nIters}: ${evaluation.failed} rollouts failed and \`minScore\` is null. Set \`minScore\` to count them.`,
      });
    }
    run.progress.tested(evaluation.mean, this.nIters, this.agent.candidate());
    this.events.log("Average test score", evaluation.mean, this.nIters);
  }

  #log(run: TrainingRun<X, Y, Info>, score: number | null): void {
    this.events.log("Instantaneous train score", score, this.nIters);
    this.events.log("Average train score", mean(run.progress.trainScores), this.nIters);
    for (const [path, value] of Object.entries(this.agent.candidate())) this.events.log(`Parameter: ${path}`, value, this.nIters);
  }
}

/** `example/17`; an example that comes more often in a batch is told apart by `sample`. */
function exampleLabels(indices: readonly number[]): string[] {
  const counts = new Map<number, number>();
  return indices.map((index) => {
    const sample = counts.get(index) ?? 0;
    counts.set(index, sample + 1);
    return `example/${index}/sample/${sample}`;
  });
}

function scoreOf(output: unknown): number | null {
  const score = (output as { score?: unknown } | null | undefined)?.score;
  return typeof score === "number" && Number.isFinite(score) ? score : null;
}

function errorOf(output: unknown): string | undefined {
  const target = (output as { target?: unknown } | null | undefined)?.target;
  return isNode(target) && target.kind === "exception" ? String(target.peek()) : undefined;
}
