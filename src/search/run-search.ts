/**
 * `runSearch`: one call of `train`, from what it was given to its result.
 *
 * @module
 */
import type { DataLoader } from "../data/data-loader.ts";
import { type Dataset, type DatasetLike, toDataset } from "../data/dataset.ts";
import { describeValue, type JsonValue } from "../data/json.ts";
import { minimizesScore } from "../data/objectives.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import { atPosition } from "../graph/scope.ts";
import { type Guide, type GuideLike, scoreRangeOf, toGuide } from "../guides/guide.ts";
import { Optimizer } from "../optimizers/optimizer.ts";
import { turnOfEventLoop } from "../trainer/event-loop.ts";
import type { TrainerHost } from "../trainer/trainer.ts";
import { SearchArchive } from "./archive.ts";
import { SearchEngine } from "./engine.ts";
import type { RolloutHooks } from "./rollout-hooks.ts";
import { identityOf } from "./run-identity.ts";
import type { Scoring } from "./score-candidates.ts";
import type { SearchDataset, SearchPolicy } from "./search.ts";
import type { TrainResult } from "./train-result.ts";
import type { TrainSettings } from "./train-settings.ts";
import { isOwnValidation, TrainingRun } from "./training-run.ts";
import type { ValidatedData } from "./validated-candidates.ts";

/** What candidates are compared on, and by what. */
export interface Validation<X, Y, Info> {
  readonly dataset: Dataset<X, Info>;
  readonly guide: Guide<X, Y, Info>;
  /** Whether the dataset was given for this, and is not just the train dataset. */
  readonly isGiven: boolean;
}

/** Options of algorithms that compare candidates on other data than those they train on. */
export interface ValidationOptions<X, Y, Info> {
  /** What candidates are compared on. @default the train dataset */
  readonly validateDataset?: DatasetLike<X, Info> | null | undefined;
  /** Scores the answers on it. @default the training guide */
  readonly validateGuide?: GuideLike<X, Y, Info> | null | undefined;
}

/** What these options mean. @throws InvalidArgumentError for what is no dataset or no guide */
export function validationOf<X, Y, Info>(
  { validateDataset, validateGuide }: ValidationOptions<X, Y, Info>,
  { guide, loader }: Pick<SearchPlan<X, Y, Info, unknown>, "guide" | "loader">,
): Validation<X, Y, Info> {
  return {
    guide: validateGuide ? toGuide(validateGuide) : guide,
    dataset: validateDataset ? toDataset(validateDataset, "validateDataset") : loader.dataset,
    isGiven: validateDataset != null,
  };
}

/** All that one call of `train` comes to. */
export interface SearchPlan<X, Y, Info, Output, Memo extends JsonValue = JsonValue> {
  readonly agent: Module<X, Y>;
  readonly optimizer: Optimizer;
  readonly policy: SearchPolicy<Memo, Output>;
  readonly hooks: RolloutHooks<X, Y, Info, Output>;
  readonly guide: Guide<X, Y, Info>;
  readonly loader: DataLoader<X, Info>;
  readonly settings: TrainSettings<X, Info>;
  /** What candidates are compared on, and by what. @default the train dataset, by the training guide */
  readonly validation?: Validation<X, Y, Info> | undefined;
  /** Options that stand in the identity of the run as they are here, and not as in the settings. */
  readonly identity?: Readonly<Record<string, JsonValue>> | undefined;
}

/** What of a plan says how much work the run is. */
export interface PlannedRun<X, Y, Info>
  extends Pick<SearchPlan<X, Y, Info, unknown>, "agent" | "optimizer" | "guide" | "loader" | "settings" | "validation"> {
  readonly policy: Pick<SearchPolicy, "appetite">;
}

/** What a run evaluates and chooses on. */
export interface ChosenData<X, Y, Info> {
  readonly testSet: Dataset<X, Info>;
  /** What the best values are chosen on, where the search does not measure them itself; `undefined` is the test dataset. */
  readonly validationSet: Dataset<X, Info> | undefined;
  readonly validationGuide: Guide<X, Y, Info>;
  /** Whether they are evaluated on besides the test dataset. */
  readonly hasOwnValidation: boolean;
  /** What the search measures on validation data by itself. */
  readonly validated: ValidatedData | undefined;
}

/** The data that the best values of a planned run are chosen on: of a search never a test dataset. */
export function chosenDataOf<X, Y, Info>(plan: PlannedRun<X, Y, Info>): ChosenData<X, Y, Info> {
  const { guide, loader, settings, validation } = plan;
  const { testDataset, validateDataset } = settings;
  const validated = validatedOf(plan);
  const given = validateDataset === null ? undefined : toDataset(validateDataset, "validateDataset");
  const data = {
    testSet: testDataset === null ? loader.dataset : toDataset(testDataset, "testDataset"),
    validationSet: validated === undefined ? (validation?.dataset ?? given) : given,
    validationGuide: validation?.guide ?? guide,
  };
  return { ...data, hasOwnValidation: isOwnValidation({ ...data, guide }), validated };
}

/**
 * Runs a search from its start, or from where an earlier process left it.
 *
 * @throws InvalidArgumentError while another search of the same trainer is running
 */
export function runSearch<X, Y, Info, Output, Memo extends JsonValue>(
  plan: SearchPlan<X, Y, Info, Output, Memo>,
  host: TrainerHost<X, Y>,
): Promise<TrainResult> {
  const { agent, optimizer, policy, hooks, guide, loader, settings, validation } = plan;
  const { validated, ...data } = chosenDataOf(plan);
  const { testSet, validationSet } = data;
  const { signal } = settings;
  const { executor } = host;
  const run = new TrainingRun<X, Y, Info>({ agent, optimizer, guide, loader, ...data, settings, executor });
  const isAbandoned = (): boolean => signal?.aborted === true || run.control.stopped !== undefined;
  return host.exclusively(settings.numThreads, isAbandoned, async () => {
    const scoring = scoringOf(plan);
    const scoreRanges = { train: scoring.train.scoreRange, validate: scoring.validate.scoreRange };
    const archive = new SearchArchive({ objective: settings.objective, scoreRanges });
    const engine = new SearchEngine({ run, host, policy, archive, scoring, hooks, validated });
    // Reading all of the data is saved where nothing is kept.
    if (settings.keeper !== null) {
      const validate = validation?.dataset ?? validationSet;
      const datasets = { ...(validate === undefined ? {} : { validate }), test: testSet };
      const guides = validation === undefined ? {} : { validateGuide: validation.guide };
      const about = { algorithm: policy.name, agent, guide, optimizer, loader, settings };
      // Reading data, code and files takes some milliseconds each, in which timers of the process are due.
      await turnOfEventLoop();
      const identity = identityOf({ ...about, options: { ...policy.settings, ...plan.identity }, datasets, guides });
      await turnOfEventLoop();
      await run.open(identity, (state, events) => engine.resume(state, events));
      await turnOfEventLoop();
    }
    const channel = host.events.open(run.keeper === undefined ? [] : [run.keeper.journal]);
    return atPosition("", () => engine.run(), {
      signal,
      events: channel,
      services: run.services,
      isInfrastructure: settings.rollouts.isInfrastructure,
    });
  });
}

/** @throws InvalidArgumentError when it is no optimizer, or trains a parameter that the agent does not have */
export function checkOptimizer(optimizer: Optimizer, agent: Module<never, unknown>): void {
  if (!(optimizer instanceof Optimizer)) {
    throw new InvalidArgumentError(`Expected one optimizer, got ${describeValue(optimizer)}`);
  }
  const own = new Set(agent.parameters());
  const foreign = [...optimizer.parameters].filter(([, parameter]) => !own.has(parameter)).map(([name]) => name);
  if (foreign.length === 0) return;
  throw new InvalidArgumentError(
    `Expected the optimizer to train parameters of the agent, got ${foreign.join(", ")}, which it does not have`,
  );
}

/** What the search measures on validation data by itself; `undefined` where it measures none. */
function validatedOf<X, Y, Info>({ policy, guide, settings, validation }: PlannedRun<X, Y, Info>): ValidatedData | undefined {
  if (validation === undefined || !policy.appetite().scored.some(({ on }) => on === "validation")) return undefined;
  const lowerIsBetter = minimizesScore(settings.objective);
  const scale = { minScore: settings.minScore, scoreRange: scoreRangeOf(validation.guide), lowerIsBetter };
  const isTest = validation.isGiven && validation.dataset === settings.testDataset && validation.guide === guide;
  return { dataset: validation.dataset, scale, isTest };
}

/** What candidates are scored by, on each dataset. */
function scoringOf<X, Y, Info>({
  guide,
  loader,
  settings,
  validation,
}: Pick<SearchPlan<X, Y, Info, unknown>, "guide" | "loader" | "settings" | "validation">): Record<
  SearchDataset,
  Scoring<X, Y, Info>
> {
  const { minScore, objective } = settings;
  const lowerIsBetter = minimizesScore(objective);
  const by = (source: SearchDataset, judge: Guide<X, Y, Info>, dataset: Dataset<X, Info>): Scoring<X, Y, Info> => {
    return { dataset, guide: judge, source, minScore, scoreRange: scoreRangeOf(judge), lowerIsBetter };
  };
  const train = by("train", guide, loader.dataset);
  const { dataset = train.dataset, guide: judge = guide } = validation ?? {};
  const isSame = dataset === train.dataset && judge === guide;
  return { train, validate: isSame ? train : by("validate", judge, dataset) };
}
