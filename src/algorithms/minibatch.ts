/**
 * `Minibatch`: the training loop. Forward a batch, update the agent, evaluate, log, save.
 *
 * @module
 */

import type { Batch } from "../data/data-loader.ts";
import { toDataset } from "../data/dataset.ts";
import { canonicalJson, describeValue, type JsonValue } from "../data/json.ts";
import { untilAborted } from "../data/until-aborted.ts";
import { InvalidArgumentError, StopError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import { atPosition, currentRun } from "../graph/scope.ts";
import { bindValues, type Candidate, currentCandidate } from "../graph/with-values.ts";
import { type Guide, type GuideLike, toGuide } from "../guides/guide.ts";
import { Optimizer } from "../optimizers/optimizer.ts";
import type { StopReason } from "../trainer/events.ts";
import { listed } from "../trainer/example-source.ts";
import { type Rollout, type RolloutResult, runTask } from "../trainer/rollout.ts";
import { type RolloutCodec, recorded } from "../trainer/rollout-records.ts";
import { type TrainDataset, Trainer, type TrainerOptions } from "../trainer/trainer.ts";
import { errorOf, exampleLabels, scoreOf } from "./batch-outputs.ts";
import { IterationConclusion, knownAt, knownOfBatch, type Tail, type Trained, valuesOf } from "./conclude-iteration.ts";
import { compared, ownedBy } from "./improvement.ts";
import { IterationTails, type IterationTurn } from "./iteration-tails.ts";
import type { ImprovementOptions, MeasuredScores, UpdateOptions } from "./minibatch-options.ts";
import { endOf, resumptionOf, startOf } from "./run-events.ts";
import { type IdentityPart, identityOf } from "./run-identity.ts";
import { type MinibatchTrainOptions, readTrainOptions, type TrainSettings, toLoader } from "./train-options.ts";
import { resultOf, type TrainResult } from "./train-result.ts";
import { type LoopState, type RunEnd, TrainingRun } from "./training-run.ts";

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
      if (signal?.aborted) this.replacePool();
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

  /** What has been measured already of the values that the agent has now; of them nothing is measured again that is the same. */
  protected measured(): MeasuredScores<X, Y, Info> | undefined {
    return undefined;
  }

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
    const { threshold = 0, numThreads, known } = options;
    const currentScores = currentOutputs.map(scoreOf);
    const examples = xs.map((input, index) => ({ input, info: infos[index] as I }));
    const evaluation = await this.evaluateExamples(this.agent, guide, listed(examples), {
      // Without a minScore a failure counts as the worst score of the batch: it must never look like an improvement.
      minScore: this.minScore ?? currentScores.reduce<number>((worst, score) => Math.min(worst, score ?? 0), 0),
      numSamples: this.numEvalSamples,
      numThreads,
      known: known && ((example) => knownAt(known, example)),
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
      run.keep(run.capture(this.#loopState()), 0, { isWritten: false });
    } catch (error) {
      end = signal?.aborted ? "aborted" : "failed";
      failure = error;
      if (error instanceof StopError && error.reason !== "storage" && !signal?.aborted) end = error.reason;
    }
    const isResult = end !== "aborted" && end !== "failed";
    // Also after an abort or an error: a run that is kept goes on from what was kept, in this very process, too.
    if (failure !== undefined && (isResult || run.keeper !== undefined)) this.nIters = run.rewind() ?? this.nIters;
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
    const { settings, progress, keeper } = run;
    if (keeper?.restored === undefined) this.events.emit(startOf(run, this.constructor.name));
    if (keeper?.isContinued) this.events.emit(resumptionOf(run, keeper, this.nIters));
    const tails = new IterationTails(run.control, settings.signal);
    const conclusion = new IterationConclusion(run, {
      events: this.events,
      evaluate: (agent, examples, options) => this.evaluateExamples(agent, run.guide, examples, options),
      saveAgent: (path, iteration) => this.saveAgent(path, iteration),
    });
    try {
      if (!progress.isBegun) await this.#start(run, tails, conclusion);
      const end = await this.#iterations(run, tails, conclusion);
      await tails.all();
      if (settings.saveFrequency > 0) await this.saveAgent(settings.savePath);
      return end;
    } catch (error) {
      settings.signal?.throwIfAborted();
      // Before this went wrong the earlier iterations would have come to their end, or gone wrong themselves.
      await tails.all();
      throw error;
    } finally {
      tails.abandon();
      // What a search has begun ahead of its turn and never asked for is paid for all the same.
      await untilAborted(this.pool().idle(), settings.signal);
    }
  }

  /** The evaluation before the first iteration. */
  async #start(run: TrainingRun<X, Y, Info>, tails: IterationTails, conclusion: IterationConclusion<X, Y, Info>): Promise<void> {
    const state = run.capture(this.#loopState());
    run.keep(state, 0, { isWritten: false });
    run.checkBrakes();
    run.keep(state, 0);
    this.#addTail(run, tails, tails.begin(), { rollouts: 0 }, (tail) => conclusion.begin(tail));
    if (!run.overlaps) await tails.all();
    run.checkBrakes();
  }

  async #iterations(
    run: TrainingRun<X, Y, Info>,
    tails: IterationTails,
    conclusion: IterationConclusion<X, Y, Info>,
  ): Promise<StopReason> {
    const { loader, progress } = run;
    let iterations = progress.iterations;
    let end = run.reached(iterations);
    while (end === undefined) {
      const epoch = loader.epoch - progress.firstEpoch;
      const batch = loader.sample();
      const turn = tails.begin();
      const tally = { rollouts: 0 };
      const options = { events: turn.events, services: { ...run.services, tally } };
      const trained = await atPosition(`iteration/${this.nIters + 1}`, () => this.#iterate(run, batch, epoch), options);
      this.nIters++;
      this.#addTail(run, tails, turn, tally, (tail) => conclusion.conclude(tail, { epoch, ...trained }));
      if (run.overlaps) await tails.room();
      else await tails.all();
      end = run.reached(++iterations);
      // When all is done there is nothing left to stop.
      if (end === undefined) run.checkBrakes();
    }
    return end;
  }

  /** Begins the tail of the iteration that has just been trained; in the end its state is what the run can go on from. */
  #addTail(
    run: TrainingRun<X, Y, Info>,
    tails: IterationTails,
    { events, isFirst }: IterationTurn,
    tally: { rollouts: number },
    work: (tail: Tail<X, Y, Info>) => Promise<void>,
  ): void {
    const state = run.capture(this.#loopState());
    const { deterministic } = this.agent;
    const tail: Tail<X, Y, Info> = {
      state,
      agent: run.overlaps ? this.agent.clone() : this.agent,
      values: deterministic ? valuesOf(state) : undefined,
      measured: deterministic ? this.measured() : undefined,
      isFirst,
    };
    const whole = async (): Promise<void> => {
      await work(tail);
      run.keep(state, tally.rollouts);
    };
    const bind = run.overlaps ? bindValues(this.agent, state.parameters) : undefined;
    const options = { events, services: { ...run.services, tally } };
    tails.add(() => atPosition(`iteration/${state.loop.iteration}`, bind === undefined ? whole : () => bind(whole), options));
  }

  #loopState(): LoopState {
    return { iteration: this.nIters, algorithm: this.state() };
  }

  #takeUp({ iteration, algorithm }: LoopState): void {
    this.nIters = iteration;
    this.restore(algorithm);
  }

  /** Trains on one batch: forward, update, improvement check. */
  async #iterate(run: TrainingRun<X, Y, Info>, batch: Batch<X, Info>, epoch: number): Promise<Trained> {
    const { settings } = run;
    currentRun()?.signal?.throwIfAborted();
    const { inputs, indices } = batch;
    this.events.emit({ type: "iteration-start", iteration: this.nIters + 1, epoch, batchSize: inputs.length, examples: indices });
    const backup = this.agent.candidate();
    const rollouts = await this.#forwardBatch(run, batch);
    const kept = rollouts.flatMap((rollout, index) => (rollout.status === "unscored" ? [] : [{ output: rollout.result, index }]));
    const outputs = kept.map(({ output }) => output);
    const score = await this.#update(outputs, backup, settings);
    if (settings.ensureImprovement && canonicalJson(this.agent.candidate()) !== canonicalJson(backup)) {
      const xs = kept.map(({ index }) => batch.inputs[index] as X);
      const infos = kept.map(({ index }) => batch.infos[index] as Info);
      const examples = kept.map(({ index }) => batch.indices[index] as number);
      const known = knownOfBatch(run, this.measured(), examples);
      const improvementOptions = { threshold: settings.improvementThreshold, numThreads: settings.numThreads, known };
      let improved = false;
      try {
        improved = await this.hasImprovement(xs, run.guide, infos, score, outputs, backup, improvementOptions);
      } finally {
        // Also when the check itself fails: an update that nobody has approved leaves nothing behind.
        if (!improved) this.agent.apply(backup);
      }
    }
    return { score, unscored: rollouts.length - kept.length };
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
}
