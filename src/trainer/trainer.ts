/**
 * `Trainer`: what all training algorithms share: the agent, the pool, the loggers, evaluation, saving.
 *
 * @module
 */
import { format, parse } from "node:path";
import type { DataLoader } from "../data/data-loader.ts";
import type { DatasetLike } from "../data/dataset.ts";
import { describeValue } from "../data/json.ts";
import { anything, type OptionRule, type OptionTable, wholeFrom, withMethod } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { labelOf } from "../graph/graph-node.ts";
import { isModule, type Module } from "../graph/module.ts";
import type { Parameter } from "../graph/parameter.ts";
import { atPosition, currentRun } from "../graph/scope.ts";
import { describeUnboundRead, watchUnboundReads } from "../graph/unbound-reads.ts";
import type { GuideLike } from "../guides/guide.ts";
import { defaultNumThreads, type EvaluateInPoolOptions, evaluateInPool, evaluateTable } from "./evaluate.ts";
import type { Evaluation } from "./evaluation.ts";
import { EventStream } from "./event-stream.ts";
import type { Logger } from "./events.ts";
import { type EvaluateArguments, type ExampleSource, type Examples, readEvaluateArguments } from "./example-source.ts";
import type { Executor } from "./executor.ts";
import { Pool } from "./pool.ts";
import type { RolloutOptions } from "./rollout-options.ts";
import type { WorkPool } from "./work-pool.ts";

/** Options of a trainer. */
export interface TrainerOptions {
  /** The most rollouts in flight at the same time; they are async tasks, not operating system threads. @default 8 */
  readonly numThreads?: number | undefined;
  /** Listeners for the events of a run. @default none */
  readonly logger?: Logger | readonly Logger[] | undefined;
  /**
   * Performs the rollouts of a run: those on its datasets whose `forward` is not overridden. Others run in this process.
   *
   * @default here
   */
  readonly executor?: Executor | undefined;
}

/** Options of `Trainer.evaluate`. */
export interface TrainerEvaluateOptions {
  /** The score of an example on which the agent throws. @default null */
  readonly minScore?: number | null | undefined;
  /** Whether less of a score is better, so that a failure counts as the highest. @default false */
  readonly lowerIsBetter?: boolean | undefined;
  /** Rollouts for each example. @default 1 */
  readonly numSamples?: number | undefined;
  /** Slots of an evaluation outside a run; within one, all rollouts share its slots. @default the trainer's own */
  readonly numThreads?: number | undefined;
  /** What is being done, for loggers. */
  readonly description?: string | undefined;
  /** How long rollouts may take, and which of their errors are outages. @default inside a run as in the run */
  readonly rollouts?: RolloutOptions | undefined;
}

/** The rule of `executor`. */
export const executorRule: OptionRule = withMethod("run", "an object with a method `run`");

const trainerTable: OptionTable<TrainerOptions> = { numThreads: wholeFrom(1), logger: anything, executor: executorRule };
const { signal: _ofTheRun, ...trainerEvaluateTable } = evaluateTable;

/** What a trainer lends to the search that it runs. */
export interface TrainerHost<X, Y> {
  readonly events: EventStream;
  readonly executor: Executor | undefined;
  readonly pool: () => WorkPool;
  readonly evaluate: <Info>(
    agent: Module<X, Y>,
    guide: GuideLike<X, Y, Info>,
    examples: Examples<X, Info>,
    options: TrainerEvaluateOptions & Pick<EvaluateInPoolOptions, "label" | "known" | "isBackground" | "from">,
  ) => Promise<Evaluation>;
  readonly saveAgent: (path: string, iteration?: number) => Promise<string>;
  /** Iterations over all runs of the trainer. */
  nIters: number;
  /**
   * Does the work of one run in a pool of this width, which is given up when work in it was abandoned.
   *
   * @throws InvalidArgumentError while another run of the trainer is in progress; nothing is changed then
   */
  readonly exclusively: <R>(numThreads: number, isAbandoned: () => boolean, work: () => Promise<R>) => Promise<R>;
}

/** A dataset to train on, or a loader of one. */
export type TrainDataset<X, Info> = DatasetLike<X, Info> | DataLoader<X, Info>;

/** The parameters that runs of this process are training. */
const inTraining = new WeakSet<Parameter>();

/**
 * The base of training algorithms.
 *
 * @typeParam X the input, `Y` the output, `Info` what the dataset says of an example; when it is not given, each call
 * takes it from its guide and dataset
 */
export abstract class Trainer<X = unknown, Y = unknown, Info = unknown> {
  readonly agent: Module<X, Y>;
  readonly numThreads: number;
  /** How many iterations this trainer has done, over all its calls of `train`. */
  nIters = 0;
  protected readonly events: EventStream;
  readonly #executor: Executor | undefined;
  #pool: Pool;
  #isTraining = false;

  constructor(agent: Module<X, Y>, options: TrainerOptions = {}) {
    if (!isModule(agent)) throw new InvalidArgumentError(`Expected the agent to be a Module, got ${describeValue(agent)}`);
    checkTable(options, trainerTable, new.target.name, "");
    const { numThreads = defaultNumThreads, logger = [], executor } = options;
    this.agent = agent;
    this.numThreads = numThreads;
    this.#executor = executor;
    this.events = new EventStream(Array.isArray(logger) ? logger : [logger as Logger]);
    this.#pool = new Pool(numThreads);
  }

  /** Learns from a dataset. */
  abstract train<I extends Info>(guide: GuideLike<X, Y, I>, trainDataset: TrainDataset<X, I>, options?: object): Promise<unknown>;

  /**
   * The mean score of an agent on a dataset.
   *
   * @returns `null` when an example failed and `minScore` is `null`: then there is no honest mean
   * @throws InfrastructureError when not one rollout could be scored
   */
  async evaluate<I extends Info>(
    agent: Module<X, Y>,
    guide: GuideLike<X, Y, I>,
    xs: readonly X[],
    infos: readonly I[],
    options?: TrainerEvaluateOptions,
  ): Promise<number | null>;
  /** The same for examples that are made as they are needed, and read as slots become free. */
  async evaluate<I extends Info>(
    agent: Module<X, Y>,
    guide: GuideLike<X, Y, I>,
    examples: ExampleSource<X, I>,
    options?: TrainerEvaluateOptions,
  ): Promise<number | null>;
  async evaluate<I extends Info>(
    agent: Module<X, Y>,
    guide: GuideLike<X, Y, I>,
    ...rest: EvaluateArguments<X, I, TrainerEvaluateOptions>
  ): Promise<number | null> {
    const { examples, options = {} } = readEvaluateArguments(rest);
    checkTable(options, trainerEvaluateTable, "Trainer.evaluate", "");
    const evaluate = (): Promise<Evaluation> => this.evaluateExamples(agent, guide, examples, { label: "evaluate", ...options });
    const isInRun = currentRun() !== undefined;
    return (await (isInRun ? evaluate() : atPosition("", evaluate, { events: this.events.open() }))).mean;
  }

  /** `evaluate` with the scores of every example. */
  protected async evaluateExamples<I extends Info>(
    agent: Module<X, Y>,
    guide: GuideLike<X, Y, I>,
    examples: Examples<X, I>,
    options: TrainerEvaluateOptions & Pick<EvaluateInPoolOptions, "label" | "known" | "isBackground" | "from">,
  ): Promise<Evaluation> {
    const { numThreads, description = "Evaluating agent", ...rest } = options;
    const signal = currentRun()?.signal;
    return evaluateInPool(agent, guide, examples, { ...rest, description, pool: this.#poolOf(numThreads), signal });
  }

  /**
   * Writes the agent's parameters.
   *
   * @param iteration when given, the file is named by it: `agent.json` becomes `agent_iter3.json`
   * @returns the path of the file
   */
  async saveAgent(path: string, iteration?: number): Promise<string> {
    const { dir, name, ext } = parse(path);
    const file = iteration === undefined ? path : format({ dir, name: `${name}_iter${iteration}`, ext });
    await this.agent.save(file);
    this.events.emit({ type: "checkpoint-saved", path: file, iteration: iteration ?? this.nIters });
    return file;
  }

  /** What a search needs of its trainer. */
  protected host(): TrainerHost<X, Y> {
    const trainer = this;
    return {
      events: this.events,
      executor: this.#executor,
      pool: () => this.#pool,
      evaluate: (agent, guide, examples, options) => this.evaluateExamples(agent, guide as never, examples as never, options),
      saveAgent: (path, iteration) => this.saveAgent(path, iteration),
      get nIters() {
        return trainer.nIters;
      },
      set nIters(iterations) {
        trainer.nIters = iterations;
      },
      exclusively: (numThreads, isAbandoned, work) => this.#exclusively(numThreads, isAbandoned, work),
    };
  }

  async #exclusively<R>(numThreads: number, isAbandoned: () => boolean, work: () => Promise<R>): Promise<R> {
    if (this.#isTraining) {
      throw new InvalidArgumentError("This trainer is already training. Await the first call, or create another trainer");
    }
    const parameters = this.agent.parameters().filter(({ trainable }) => trainable);
    const shared = parameters.find((each) => inTraining.has(each));
    if (shared !== undefined) {
      throw new InvalidArgumentError(
        `The ${labelOf(shared)} is being trained by another run, and each would overwrite the values of the other. Await that run, or train an agent with parameters of its own`,
      );
    }
    this.#isTraining = true;
    for (const each of parameters) inTraining.add(each);
    const stopWatching = this.#watchReads(parameters);
    if (numThreads !== this.#pool.width) this.#pool = new Pool(numThreads);
    try {
      return await work();
    } finally {
      this.#isTraining = false;
      stopWatching();
      for (const each of parameters) inTraining.delete(each);
      // The old pool is left to the work that nothing waited for, which may never end.
      if (isAbandoned()) this.#pool = new Pool(numThreads);
      await this.events.close();
    }
  }

  /** Reports, once in a run, that code of a rollout reads a parameter where no candidate has a value for it. */
  #watchReads(parameters: readonly Parameter[]): () => void {
    let isReported = false;
    return watchUnboundReads(parameters, (parameter) => {
      if (isReported || !this.#pool.isBusy) return;
      isReported = true;
      this.events.emit({ type: "warning", message: describeUnboundRead(parameter) });
    });
  }

  /** All rollouts of a run share its slots; outside one, an evaluation may have as many as it asks for. */
  #poolOf(numThreads: number = this.#pool.width): Pool {
    return this.#isTraining || numThreads === this.#pool.width ? this.#pool : new Pool(numThreads);
  }
}
