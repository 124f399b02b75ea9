/**
 * `train`: one call that puts agent, guide, optimizer, algorithm and loggers together.
 *
 * @module
 */
import { BasicSearchAlgorithm, type BasicSearchTrainOptions } from "./algorithms/basic-search-algorithm.ts";
import { MinibatchAlgorithm } from "./algorithms/minibatch-algorithm.ts";
import type { TrainResult } from "./algorithms/train-result.ts";
import { describeValue } from "./data/json.ts";
import { ConfigurationError, InvalidArgumentError } from "./errors.ts";
import { isModule, type Module, model } from "./graph/module.ts";
import { isParameter, type Parameter } from "./graph/parameter.ts";
import { exactMatch } from "./guides/exact-match.ts";
import type { GuideLike } from "./guides/guide.ts";
import { LLMJudge } from "./guides/llm-judge.ts";
import { configuredModel } from "./llm/configured-model.ts";
import { ConsoleLogger } from "./loggers/console-logger.ts";
import type { Logger } from "./loggers/logger.ts";
import { OPRO } from "./optimizers/opro.ts";
import { Optimizer } from "./optimizers/optimizer.ts";
import { OptoPrime } from "./optimizers/opto-prime.ts";
import { OptoPrimeMulti } from "./optimizers/opto-prime-multi.ts";
import { TextGrad } from "./optimizers/text-grad.ts";
import { TPE } from "./optimizers/tpe.ts";
import { type RunDirectoryOptions, runDirectory } from "./runs/run-directory.ts";
import type { TrainDataset, TrainerOptions } from "./trainer/trainer.ts";

/** A class of training algorithms, such as your own subclass of `Minibatch`. */
export type AlgorithmClass<X, Y, Info> = new (
  agent: Module<X, Y>,
  optimizer: Optimizer,
  options?: TrainerOptions,
) => Algorithm<X, Y, Info>;

interface Algorithm<X, Y, Info> {
  train(guide: GuideLike<X, Y, Info>, trainDataset: TrainDataset<X, Info>, options?: object): Promise<TrainResult>;
}

/** A class of optimizers. */
export type OptimizerClass = new (parameters: Module) => Optimizer;

/** The optimizers that go by a name. */
export type OptimizerName = "OptoPrime" | "OptoPrimeMulti" | "OPRO" | "TextGrad" | "TPE";

/** What `train` takes: the parts, and every option of the algorithm's own `train`. */
export interface TrainOptions<X, Y, Info>
  extends Omit<BasicSearchTrainOptions<X, Y, Info>, "run">,
    Omit<RunDirectoryOptions, "runDir" | "clock"> {
  /** What is trained: a module, or a single parameter that is the answer itself. */
  readonly agent: Module<X, Y> | Parameter<Y>;
  readonly trainDataset: TrainDataset<X, Info>;
  /** Scores the answers: a guide, a function, or a name. @default "LLMJudge" */
  readonly guide?: GuideLike<X, Y, Info> | "exactMatch" | "LLMJudge" | undefined;
  /** Proposes values: an instance, a class or a name. @default "OptoPrime" when a model is configured, else "TPE" */
  readonly optimizer?: Optimizer | OptimizerClass | OptimizerName | undefined;
  /** The training loop: a class or a name. @default "MinibatchAlgorithm"; "BasicSearchAlgorithm" when an option of its own is given */
  readonly algorithm?: AlgorithmClass<X, Y, Info> | "MinibatchAlgorithm" | "BasicSearchAlgorithm" | undefined;
  /** Who is told: instances or "console"; `[]` is nobody. @default "console" */
  readonly logger?: Logger | readonly Logger[] | "console" | undefined;
  /** The folder of all runs; `null` keeps nothing. @default the environment variable `OPTO_RUN_DIR`, else ".opto/runs" */
  readonly runDir?: string | null | undefined;
  /** Ends the run in an orderly way at Ctrl-C and SIGTERM; the second one exits at once. @default true */
  readonly handleSignals?: boolean | undefined;
}

const optimizers: Readonly<Record<OptimizerName, OptimizerClass>> = { OptoPrime, OptoPrimeMulti, OPRO, TextGrad, TPE };
const algorithms = { MinibatchAlgorithm, BasicSearchAlgorithm } as const;
const guides = { exactMatch: () => exactMatch(), LLMJudge: () => new LLMJudge() };
const searchOptions = ["validateDataset", "validateGuide", "numProposals", "racing"] as const;

/**
 * Trains an agent on a dataset. The run is kept in a folder: the same call continues it when it was cut short by anything,
 * and no answer of a language model is paid for twice.
 *
 * @throws InvalidArgumentError for an unknown name or option
 * @throws CheckpointError when the unfinished run is not the same run (the message lists what changed), or is in use
 * @throws ConfigurationError when no optimizer can work: no model is configured and no parameter declares a domain
 * @example
 * await train({ agent, trainDataset, guide: (question, answer, info) => answer === info, numEpochs: 2 });
 */
export async function train<X, Y, Info>(options: TrainOptions<X, Y, Info>): Promise<TrainResult> {
  if (typeof options !== "object" || options === null) {
    throw new InvalidArgumentError(`Expected train to get { agent, trainDataset, … }, got ${describeValue(options)}`);
  }
  const {
    agent: trained,
    trainDataset,
    guide = "LLMJudge",
    optimizer,
    algorithm,
    logger = "console",
    numThreads,
    runDir,
    run,
    resume,
    cache,
    cacheFrom,
    cacheRollouts,
    handleSignals = true,
    ...rest
  } = options;
  const agent = toModule(trained);
  const isSearch = searchOptions.some((name) => rest[name] !== undefined);
  const named: AlgorithmClass<X, Y, Info> | string = algorithm ?? (isSearch ? "BasicSearchAlgorithm" : "MinibatchAlgorithm");
  const AlgorithmOfChoice = byName<AlgorithmClass<X, Y, Info>>(named, algorithms, "algorithm");
  const trainer = new AlgorithmOfChoice(agent, toOptimizer(optimizer, agent), {
    numThreads,
    logger: logger === "console" ? new ConsoleLogger() : logger,
  });
  if (runDir === null) refuseWithoutFolder({ cache, cacheFrom, cacheRollouts });
  const judge = typeof guide === "string" ? byName(guide, guides, "guide")() : guide;
  const opener = runDir === null ? null : runDirectory({ runDir, run, resume, cache, cacheFrom, cacheRollouts });
  return trainer.train(judge as GuideLike<X, Y, Info>, trainDataset, { ...rest, run: opener, handleSignals });
}

/** A run that keeps nothing has no answers to use again; who asks for them would pay without knowing. */
function refuseWithoutFolder({ cache, cacheFrom, cacheRollouts }: RunDirectoryOptions): void {
  const asked = { cache: cache === "off" ? undefined : cache, cacheFrom, cacheRollouts: cacheRollouts || undefined };
  for (const [name, value] of Object.entries(asked)) {
    if (value === undefined) continue;
    throw new InvalidArgumentError(
      `Expected no \`${name}\` with \`runDir: null\`, which keeps nothing, got ${describeValue(value)}`,
    );
  }
}

/** The agent itself, or a module around a single parameter that is the answer. */
export function toModule<X, Y>(agent: Module<X, Y> | Parameter<Y>): Module<X, Y> {
  if (isModule(agent)) return agent as Module<X, Y>;
  if (isParameter(agent)) {
    const parts = { [agent.name]: agent };
    return model(parts, () => agent) as unknown as Module<X, Y>;
  }
  throw new InvalidArgumentError(`Expected \`agent\` to be a Module or a parameter, got ${describeValue(agent)}`);
}

/** An optimizer given as an instance, a class or a name; without one, that which can work here. */
export function toOptimizer(given: Optimizer | OptimizerClass | string | undefined, agent: Module): Optimizer {
  if (given instanceof Optimizer) return given;
  if (typeof given === "object") {
    throw new InvalidArgumentError(`Expected \`optimizer\` to be an optimizer, a class or a name, got ${describeValue(given)}`);
  }
  const Class = byName<OptimizerClass>(given ?? defaultOptimizer(agent), optimizers, "optimizer");
  return new Class(agent);
}

function defaultOptimizer(agent: Module): OptimizerName {
  if (configuredModel() !== undefined) return "OptoPrime";
  if (agent.parameters().some(({ trainable, domain }) => trainable && domain !== undefined)) return "TPE";
  throw new ConfigurationError(
    "No optimizer can work here: set OPTO_MODEL (or a provider's key) for OptoPrime, or give parameters a `domain` for TPE",
  );
}

/** A thing given by name, or itself. */
function byName<T>(given: T | string, known: Readonly<Record<string, T>>, option: string): T {
  if (typeof given !== "string") return given;
  const found = Object.hasOwn(known, given) ? known[given] : undefined;
  if (found === undefined) {
    throw new InvalidArgumentError(`Expected \`${option}\` to be one of ${Object.keys(known).join(", ")}, got "${given}"`);
  }
  return found;
}
