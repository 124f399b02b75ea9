/**
 * `planWork`: how many rollouts and proposals a training run will take, from its settings alone.
 *
 * @module
 */
import { type Range, sumOf } from "../../data/range.ts";
import { wholeNumber } from "../train-options.ts";

/** What decides how much work a run is. */
export interface WorkSettings {
  readonly algorithm: "MinibatchAlgorithm" | "BasicSearchAlgorithm";
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
  /** @default 1 */
  readonly numEvalSamples?: number | undefined;
  /** @default false */
  readonly ensureImprovement?: boolean | undefined;
  /** Of `BasicSearchAlgorithm`. @default 4 */
  readonly numProposals?: number | undefined;
  /** Examples of the validation dataset. @default numExamples of `BasicSearchAlgorithm`, else there is none */
  readonly numValidationExamples?: number | undefined;
}

/** The work of one run. */
export interface Work {
  readonly iterations: Range;
  /** Rollouts of batches, with feedback. */
  readonly forward: Range;
  /** Rollouts of evaluations. */
  readonly test: Range;
  /** Rollouts that check whether an update is an improvement. */
  readonly improvement: Range;
  /** Rollouts on validation data: they compare proposals, or choose the best values. */
  readonly validation: Range;
  /** All rollouts. */
  readonly rollouts: Range;
  /** Steps of the optimizer. */
  readonly proposals: Range;
}

/**
 * Counts the work of a run that starts from the beginning and that no failure of the infrastructure disturbs: an example
 * that an outage leaves unscored makes a search measure the current values once more.
 *
 * Uncertain is only what depends on the proposals: those that change nothing, or are equal, are measured once or not at all.
 *
 * @throws InvalidArgumentError for a number that is none
 */
export function planWork(settings: WorkSettings): Work {
  check(settings);
  const { algorithm, numExamples, ensureImprovement = false, mayStopEarly = false, numEvalSamples = 1 } = settings;
  const { deterministic = false } = settings;
  const { evalFrequency = 1, numTestExamples = numExamples, numProposals = 4 } = settings;
  const isSearch = algorithm === "BasicSearchAlgorithm";
  const { numValidationExamples = isSearch ? numExamples : 0 } = settings;
  const sizes = batchSizes(settings);
  const iterations = sizes.length;
  const forward = sizes.reduce((sum, size) => sum + size, 0);
  const numTests = evalFrequency === 0 ? 0 : 1 + Math.floor(iterations / evalFrequency);
  // The current values are measured in the first iteration, and again when they were put back behind the search.
  const measuresOfCurrent = ensureImprovement ? iterations : Math.min(1, iterations);
  const candidates = { min: Math.min(1, iterations), max: numProposals * iterations + measuresOfCurrent };

  const whole = (max: number): Range => ({ min: mayStopEarly ? 0 : max, max });
  const upTo = (max: number): Range => ({ min: 0, max });
  // The first evaluation comes before anything can end the run, and before anything is known.
  const evaluations = { min: mayStopEarly || deterministic ? Math.min(1, numTests) : numTests, max: numTests };
  const rollouts = {
    forward: whole(forward),
    test: times(evaluations, numTestExamples * numEvalSamples),
    improvement: upTo(ensureImprovement ? forward * numEvalSamples : 0),
    validation: isSearch
      ? times({ min: mayStopEarly ? 0 : candidates.min, max: candidates.max }, numValidationExamples)
      : times(evaluations, numValidationExamples * numEvalSamples),
  };
  return {
    iterations: whole(iterations),
    ...rollouts,
    rollouts: sumOf(Object.values(rollouts)),
    proposals: whole(iterations * (isSearch ? numProposals : 1)),
  };
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
  for (const name of ["numExamples", "batchSize", "numEpochs", "numEvalSamples", "numProposals"] as const) {
    if (settings[name] !== undefined) wholeNumber(name, settings[name], 1);
  }
  for (const name of ["numTestExamples", "numValidationExamples"] as const) {
    if (settings[name] !== undefined) wholeNumber(name, settings[name], 0);
  }
  wholeNumber("evalFrequency", evalFrequency, 0);
  if (maxIterations !== undefined && maxIterations !== null) wholeNumber("maxIterations", maxIterations, 0);
}
