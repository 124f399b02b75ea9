/**
 * The events with which a run begins, goes on and ends.
 *
 * @module
 */

import { errorText } from "../errors.ts";
import type { RunEvent } from "../trainer/events.ts";
import type { RunKeeper } from "../trainer/run-keeper.ts";
import type { RunEnd, TrainingRun } from "./training-run.ts";

type Event<T extends RunEvent["type"]> = Extract<RunEvent, { readonly type: T }>;

/** A run begins. */
export function startOf<X, Y, Info>({ agent, loader, settings }: TrainingRun<X, Y, Info>, algorithm: string): Event<"run-start"> {
  return {
    type: "run-start",
    algorithm,
    numExamples: loader.dataset.length,
    numEpochs: settings.numEpochs,
    batchSize: loader.batchSize,
    numThreads: settings.numThreads,
    seed: loader.seed,
    numIterations: settings.numEpochs * loader.batchesPerEpoch,
    parameters: agent.candidate(),
  };
}

/** A run goes on. */
export function resumptionOf<X, Y, Info>(
  { loader, settings, progress }: TrainingRun<X, Y, Info>,
  { id, warnings }: RunKeeper,
  iteration: number,
): Event<"run-resumed"> {
  const left = (settings.numEpochs + progress.firstEpoch - loader.epoch) * loader.batchesPerEpoch - loader.position;
  const numIterations = progress.iterations + Math.max(0, left);
  return { type: "run-resumed", run: id, iteration, numIterations, warnings: [...warnings] };
}

/** A run ends. */
export function endOf<X, Y, Info>(run: TrainingRun<X, Y, Info>, reason: RunEnd, error: unknown): Event<"run-end"> {
  const { iterations, testScore } = run.progress;
  const why = error === undefined ? {} : { error: errorText(error) };
  return { type: "run-end", reason, ...why, iterations, testScore, parameters: run.agent.candidate() };
}
