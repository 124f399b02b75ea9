/**
 * `planWork`: how many rollouts and proposals a training run will take, from its settings and the appetite of its search.
 *
 * @module
 */

import type { Dataset } from "../../data/dataset.ts";
import { wholeFrom } from "../../data/option-table.ts";
import { checkValue } from "../../data/options.ts";
import { type Range, sumOf } from "../../data/range.ts";
import type { Appetite } from "../search.ts";
import type { TrainingRun } from "../training-run.ts";
import type { ValidatedData } from "../validated-candidates.ts";

/** What decides how much work a run is. */
export interface WorkSettings {
  /** What one iteration asks for at most. */
  readonly appetite: Appetite;
  /** Examples of the train dataset. */
  readonly numExamples: number;
  /** @default 1 */
  readonly batchSize?: number | undefined;
  /** @default 1 */
  readonly numEpochs?: number | undefined;
  /** Whether a last batch that would be smaller is left out. @default false */
  readonly dropLast?: boolean | undefined;
  /** @default no bound but that of the epochs */
  readonly maxIterations?: number | null | undefined;
  /** Whether the run may end before: a target score, patience, a deadline. @default false */
  readonly mayStopEarly?: boolean | undefined;
  /** Whether the agent is not tested again on what is known. @default false */
  readonly deterministic?: boolean | undefined;
  /** @default 1 */
  readonly evalFrequency?: number | undefined;
  /** Examples of the test dataset; 0 when the validation dataset stands for it. @default numExamples */
  readonly numTestExamples?: number | undefined;
  /** Whether the best values are chosen by evaluations of the current ones, and not by what the search itself measures. @default true */
  readonly isJudgedByEvaluation?: boolean | undefined;
  /** Evaluations of the best values on the test dataset for the report, at most: where no iteration has evaluated them. @default 0 */
  readonly numReportTests?: number | undefined;
  /** @default 1 */
  readonly numEvalSamples?: number | undefined;
  /** Examples of the validation data that the search compares candidates on. @default numExamples */
  readonly numValidationExamples?: number | undefined;
  /** Examples of a validation dataset that the values of an iteration are evaluated on, besides the test dataset. @default 0 */
  readonly numEvaluatedExamples?: number | undefined;
}

/** The work of one run. */
export interface Work {
  readonly iterations: Range;
  /** Rollouts of batches, with feedback. */
  readonly forward: Range;
  /** Rollouts of evaluations. */
  readonly test: Range;
  /** Rollouts that score candidates on the batch they were learned from: whether an update is an improvement. */
  readonly improvement: Range;
  /** Rollouts on validation data: they compare candidates, or choose the best values. */
  readonly validation: Range;
  /** All rollouts. */
  readonly rollouts: Range;
  /** Steps of the optimizer. */
  readonly proposals: Range;
}

/**
 * Counts the work of a run that starts from the beginning and that no failure of the infrastructure disturbs: an example
 * that an outage leaves unscored is measured again.
 *
 * Uncertain is only what depends on the proposals: those that change nothing, or are equal, are measured once or not at all.
 *
 * @throws InvalidArgumentError for a value that is not a valid number
 */
export function planWork(settings: WorkSettings): Work {
  check(settings);
  const { appetite, numExamples, mayStopEarly = false, deterministic = false, evalFrequency = 1 } = settings;
  const { numTestExamples = numExamples, numValidationExamples = numExamples } = settings;
  const { numEvaluatedExamples = 0, numEvalSamples = 1, numReportTests = 0, isJudgedByEvaluation = true } = settings;
  const sizes = batchSizes(settings);
  const iterations = sizes.length;
  const visited = sizes.reduce((sum, size) => sum + size, 0);
  const numTests = evalFrequency === 0 ? 0 : 1 + Math.floor(iterations / evalFrequency);

  const between = (min: number, max: number): Range => ({ min: mayStopEarly ? 0 : min, max });
  // The first evaluation comes before anything can end the run, and before anything is known.
  const evaluations = { min: mayStopEarly || deterministic ? Math.min(1, numTests) : numTests, max: numTests };
  // What the agent has in the end may have been evaluated, or found by the search itself.
  const last = { min: 0, max: isJudgedByEvaluation && numTests > 0 && iterations % evalFrequency !== 0 ? 1 : 0 };
  const [onTest, onValidation] =
    numEvaluatedExamples === 0 ? [sumOf([evaluations, last]), evaluations] : [evaluations, sumOf([evaluations, last])];
  // What the first evaluation has measured of the start a search on parts of the same data does not measure again.
  const isStartKnown = isJudgedByEvaluation && numTests > 0;
  const compared = comparedOn(numValidationExamples, appetite, { iterations, isStartKnown });
  const rollouts = {
    forward: between(appetite.mayRest ? 0 : Math.min(1, appetite.forward) * visited, appetite.forward * visited),
    test: times({ min: onTest.min, max: onTest.max + numReportTests }, numTestExamples * numEvalSamples),
    improvement: { min: 0, max: scoredOnBatch(appetite) * visited },
    validation: sumOf([between(compared.min, compared.max), times(onValidation, numEvaluatedExamples * numEvalSamples)]),
  };
  const leastProposals = appetite.mayRest ? 0 : Math.floor(appetite.proposals / Math.max(1, appetite.forward));
  return {
    iterations: between(iterations, iterations),
    ...rollouts,
    rollouts: sumOf(Object.values(rollouts)),
    proposals: between(leastProposals * iterations, appetite.proposals * iterations),
  };
}

/** Rollouts of a search on validation data. What was measured of a candidate is not measured again, so it takes each example once. */
function comparedOn(
  size: number,
  { proposals, added = 0, scored }: Appetite,
  { iterations, isStartKnown }: { readonly iterations: number; readonly isStartKnown: boolean },
): Range {
  const parts = scored.flatMap(({ on, candidates, samples = 1 }) => {
    if (on === "batch" || candidates === 0) return [];
    return [{ candidates, rollouts: samples * (on === "validation" ? size : Math.min(on, size)), samples }];
  });
  if (parts.length === 0 || iterations === 0) return { min: 0, max: 0 };
  const asked = parts.reduce((sum, { candidates, rollouts }) => sum + candidates * rollouts, 0) * iterations;
  // Besides the proposals there is the candidate at the start.
  const different = 1 + (proposals + added) * iterations;
  const most = different * size * Math.max(...parts.map(({ samples }) => samples));
  return { min: isStartKnown ? 0 : Math.max(...parts.map(({ rollouts }) => rollouts)), max: Math.min(asked, most) };
}

/** Rollouts for each example of a batch that candidates are scored on. */
function scoredOnBatch({ scored }: Appetite): number {
  return scored.reduce((sum, { on, candidates, samples = 1 }) => sum + (on === "batch" ? candidates * samples : 0), 0);
}

function times({ min, max }: Range, count: number): Range {
  return { min: min * count, max: max * count };
}

/** The sizes of all batches of the run. */
function batchSizes({ numExamples, batchSize = 1, numEpochs = 1, dropLast = false, maxIterations }: WorkSettings): number[] {
  const whole = Math.floor(numExamples / batchSize);
  const rest = dropLast ? 0 : numExamples % batchSize;
  const perEpoch = whole + (rest > 0 ? 1 : 0);
  const iterations = Math.min(numEpochs * perEpoch, maxIterations ?? Number.POSITIVE_INFINITY);
  return Array.from({ length: iterations }, (_, index) => (index % perEpoch < whole ? batchSize : rest));
}

function check({ evalFrequency = 1, maxIterations, ...settings }: WorkSettings): void {
  for (const name of ["numExamples", "batchSize", "numEpochs", "numEvalSamples"] as const) {
    checkValue(settings[name] ?? 1, wholeFrom(1), `\`${name}\``);
  }
  for (const name of ["numTestExamples", "numValidationExamples", "numEvaluatedExamples"] as const) {
    checkValue(settings[name] ?? 0, wholeFrom(0), `\`${name}\``);
  }
  checkValue(evalFrequency, wholeFrom(0), "`evalFrequency`");
  checkValue(maxIterations ?? 0, wholeFrom(0), "`maxIterations`");
}

/** What of a run decides how much work it is. */
export interface WorkParts<X, Y, Info>
  extends Pick<TrainingRun<X, Y, Info>, "agent" | "loader" | "settings" | "testSet" | "validationSet" | "hasOwnValidation"> {}

/**
 * How many rollouts and proposals a run will take.
 *
 * @param validated what the search measures on validation data by itself
 */
export function plannedWork<X, Y, Info>(
  { agent, loader, settings, testSet, validationSet, hasOwnValidation }: WorkParts<X, Y, Info>,
  appetite: Appetite,
  validated: ValidatedData | undefined,
): Work {
  const { maxIterations, targetScore, patience, deadline } = settings.stop;
  const { budget, evalFrequency, objective } = settings;
  // The best values were the current ones of some iteration, unless they are chosen from a front.
  const mayMiss = evalFrequency > 1 || (validated !== undefined && objective.mode === "pareto");
  // Without a search that validates, it is the values in the end that are evaluated on the validation data alone.
  const hasOwnTest = validated === undefined ? hasOwnValidation : !validated.isTest;
  const isHeldOut = hasOwnTest && testSet !== loader.dataset && evalFrequency > 0;
  const compared: Dataset<unknown, unknown> = validated?.dataset ?? validationSet ?? loader.dataset;
  return planWork({
    appetite,
    numExamples: loader.dataset.length,
    batchSize: loader.batchSize,
    dropLast: loader.dropLast,
    numEpochs: settings.numEpochs,
    maxIterations,
    mayStopEarly: [targetScore, patience, deadline, budget].some((limit) => limit !== undefined),
    deterministic: agent.deterministic,
    evalFrequency,
    isJudgedByEvaluation: validated === undefined,
    numReportTests: isHeldOut && mayMiss ? 1 : 0,
    numTestExamples: validated?.isTest === true ? 0 : testSet.length,
    numValidationExamples: compared.length,
    numEvaluatedExamples: validated === undefined && hasOwnValidation ? validationSet?.length : 0,
    numEvalSamples: settings.numEvalSamples,
  });
}
