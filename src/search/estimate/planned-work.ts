/**
 * `plannedWork`: the work of a run, from its parts and what its search asks for.
 *
 * @module
 */
import type { Dataset } from "../../data/dataset.ts";
import type { Appetite } from "../search.ts";
import type { TrainingRun } from "../training-run.ts";
import type { ValidatedData } from "../validated.ts";
import { planWork, type Work } from "./plan-work.ts";

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
  const { budget } = settings;
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
    evalFrequency: settings.evalFrequency,
    numTestExamples: validated?.isTest === true ? 0 : testSet.length,
    numValidationExamples: compared.length,
    numEvaluatedExamples: validated === undefined && hasOwnValidation ? validationSet?.length : 0,
    numEvalSamples: settings.numEvalSamples,
  });
}
