/**
 * `train`: one call that puts agent, guide, optimizer, algorithm and loggers together.
 *
 * @module
 */
import { resolve } from "node:path";
import { planTraining } from "./algorithms/plan-training.ts";
import { describeValue } from "./data/json.ts";
import { checkTable } from "./data/options.ts";
import { InvalidArgumentError } from "./errors.ts";
import type { Module, ValuesOf } from "./graph/module.ts";
import type { Parameter } from "./graph/parameter.ts";
import type { GuideLike } from "./guides/guide.ts";
import { ConsoleLogger } from "./loggers/console-logger.ts";
import { runDirectory } from "./runs/run-directory.ts";
import { runsFolder } from "./runs/run-files.ts";
import type { TrainResult } from "./search/train-result.ts";
import { grouped, type TrainOptions, trainTable } from "./train-options.ts";
import { checkModel, toModule, toNamedGuide, toOptimizer } from "./train-parts.ts";
import type { RunOpener } from "./trainer/run-keeper.ts";
import type { WatchedRun } from "./viewer/watch-training.ts";

/**
 * Trains an agent on a dataset, and leaves it with the best values that were found. They are chosen on `validateDataset`. Without one, a quarter
 * of the training data (at most 100 examples) is set aside for this if there are at least 40 examples; with fewer, the training data are used
 * for both. `chosenOn` in the result says which data were used; it is never `testDataset`. The run is kept in a folder: the same call resumes it
 * after any interruption, and no answer of a language model is paid for twice.
 *
 * @throws InvalidArgumentError for an unknown name or option
 * @throws CheckpointError when the unfinished run has other settings (the message lists what changed), or is in use
 * @throws ConfigurationError, before anything is evaluated, when no optimizer can be chosen (no model is configured and no parameter declares a
 *   domain), or when the optimizer or the guide needs a model and none is set
 * @throws MissingPackageError when the package of that model's provider is not installed
 * @example
 * await train({ agent, trainDataset, guide: (question, answer, info) => answer === info, numEpochs: 2 });
 */
export async function train<X, Y, Info, Agent = Module<X, Y> | Parameter<Y>>(
  given: TrainOptions<X, Y, Info> & { readonly agent: Agent },
): Promise<TrainResult<ValuesOf<Agent>>> {
  if (typeof given !== "object" || given === null) {
    throw new InvalidArgumentError(`Expected train to receive { agent, trainDataset, … }, got ${describeValue(given)}`);
  }
  const options = grouped(given);
  refuseUnknown(options);
  const { agent: trained, guide, optimizer, algorithm: _algorithm, ...others } = options as TrainOptions<X, Y, Info>;
  const { logger = "console", numThreads, name, run, view = false, trainDataset: _whole, ...rest } = others;
  const { executor, ...rollouts } = rest.rollouts ?? {};
  const agent = toModule(trained);
  const { algorithm, trainDataset, datasets, isSplit } = planTraining<X, Y, Info>(options as TrainOptions<X, Y, Info>);
  const teacher = toOptimizer(optimizer, agent, algorithm.asksOptimizer);
  const trainer = algorithm.make(agent, teacher, {
    numThreads,
    executor,
    logger: logger === "console" ? new ConsoleLogger() : logger,
  });
  const judge = toNamedGuide(guide);
  for (const part of [teacher, judge, rest.validateGuide]) await checkModel(part, { loads: run?.cache !== "replay" });
  const directory = run === null ? null : runDirectory({ ...run, name });
  if (view && directory === null)
    process.emitWarning("`view` shows runs that are kept: with `run: null` there is no page", "OptoWarning");
  const watched = view && directory !== null ? await watchedFrom(directory, run?.dir, rest.calls?.prices) : undefined;
  const keeper = watched?.opener ?? directory;
  const stop = { ...rest.stop, onSignals: rest.stop?.onSignals ?? true };
  const settings = { ...rest, ...datasets, keeper, stop, rollouts };
  const result = await trainer.train(judge as GuideLike<X, Y, Info>, trainDataset, settings).finally(() => watched?.close());
  // The trainer knows the part that was set aside as validation data.
  const named = <Data extends { readonly dataset: string }>(
    about: Data,
  ): Data | (Omit<Data, "dataset"> & { dataset: "split" }) => {
    return isSplit && about?.dataset === "validation" ? { ...about, dataset: "split" as const } : about;
  };
  return { ...result, chosenOn: named(result.chosenOn), report: named(result.report) } as TrainResult<ValuesOf<Agent>>;
}

/** The run with its page, which is loaded only where it is wanted. */
async function watchedFrom(directory: RunOpener, dir: string | undefined, prices: unknown): Promise<WatchedRun> {
  const { watchedRun } = await import("./viewer/watch-training.ts");
  const folder = resolve(runsFolder(dir));
  return watchedRun(directory, { folder, prices, print: (line) => process.stderr.write(`${line}\n`) });
}

/** A class of the user's own may have further options, and checks them itself: here only those are checked that it does not receive. */
function refuseUnknown(options: object): void {
  const { algorithm } = options as { readonly algorithm?: unknown };
  const isOwn = ([name]: [string, unknown]): boolean => ["name", "run", "view", "rollouts"].includes(name);
  const checked = typeof algorithm === "function" ? Object.fromEntries(Object.entries(options).filter(isOwn)) : options;
  checkTable(checked, trainTable, "train", "");
}
