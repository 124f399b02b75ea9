/**
 * The events of a run that the search emits itself, and the candidates that are restored from them.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import { isByScore } from "../data/objectives.ts";
import { errorText } from "../errors.ts";
import { judgeModel } from "../guides/llm-judge.ts";
import type { ChosenOn, RunEvent } from "../trainer/events.ts";
import type { RunKeeper } from "../trainer/run-keeper.ts";
import type { RunReport } from "../trainer/run-report.ts";
import type { SearchArchive } from "./archive.ts";
import { plannedWork } from "./estimate/plan-work.ts";
import { hasPartialScores } from "./partial-scores.ts";
import type { RunProgress } from "./run-progress.ts";
import type { SearchPolicy } from "./search.ts";
import type { RunEnd, TrainingRun } from "./training-run.ts";
import type { ValidatedCandidates, ValidatedData } from "./validated-candidates.ts";

type Event<T extends RunEvent["type"]> = Extract<RunEvent, { readonly type: T }>;

/** A run begins. */
export function startOf<X, Y, Info>(
  run: TrainingRun<X, Y, Info>,
  policy: Pick<SearchPolicy, "name" | "appetite">,
  validated: ValidatedData | undefined,
): Event<"run-start"> {
  const { agent, guide, loader, settings } = run;
  const judge = judgeModel(guide);
  const appetite = policy.appetite();
  const { rollouts } = plannedWork(run, appetite, validated);
  // What a search measures on batches or blocks is no evaluation: neither `evalFrequency` nor the sizes of the data change it.
  const onAll = { ...appetite, scored: appetite.scored.filter(({ on }) => on === "validation") };
  const { rollouts: some, forward } = plannedWork(run, onAll, validated);
  return {
    type: "run-start",
    algorithm: policy.name,
    numExamples: loader.dataset.length,
    numEpochs: settings.numEpochs,
    batchSize: loader.batchSize,
    numThreads: settings.numThreads,
    seed: loader.seed,
    numIterations: settings.numEpochs * loader.batchesPerEpoch,
    rollouts: { all: rollouts, evaluation: { min: some.min - forward.min, max: some.max - forward.max } },
    chosenOn: chosenOn(run, validated),
    ...(isByScore(settings.objective) ? {} : { objective: settings.objective }),
    parameters: agent.candidate(),
    ...(judge === undefined ? {} : { judge }),
  };
}

/** What the best values of a run are chosen on. */
export function chosenOn<X, Y, Info>(run: TrainingRun<X, Y, Info>, validated: ValidatedData | undefined): ChosenOn {
  const validation = validated?.dataset ?? run.validationSet;
  const dataset: Dataset<unknown, unknown> = validation ?? run.testSet;
  const whole = hasPartialScores(run.settings.evalFrequency, validated) ? 0 : dataset.length;
  const { examples = whole } = run.progress.best;
  if (examples === 0) return { dataset: "none", examples };
  const name = validation === undefined ? "test" : "validation";
  return { dataset: dataset === run.loader.dataset ? "train" : name, examples };
}

/** Whether there is a test dataset beside what the best values are chosen on. */
export function hasOwnTest<X, Y, Info>(run: TrainingRun<X, Y, Info>, validated: ValidatedData | undefined): boolean {
  return validated === undefined ? run.hasOwnValidation : !validated.isTest;
}

/** A run resumes. */
export function resumptionOf<X, Y, Info>(
  { loader, settings, progress }: TrainingRun<X, Y, Info>,
  { id, warnings }: RunKeeper,
  iteration: number,
): Event<"run-resumed"> {
  const left = (settings.numEpochs + progress.firstEpoch - loader.epoch) * loader.batchesPerEpoch - loader.position;
  const numIterations = progress.iterations + Math.max(0, left);
  return { type: "run-resumed", run: id, iteration, numIterations, warnings: [...warnings] };
}

/** A run resumes with other code than that by which its scores were measured. */
export function codeWarningOf({ codeChanges }: RunKeeper): Event<"warning"> {
  return {
    type: "warning",
    message:
      `The guide or the agent's code has changed since this run was saved: ${codeChanges.join("; ")}. Earlier scores are not ` +
      "compared with new ones: the best candidate is measured again. If the change was not intended, undo it or start a new run with `run.resume: false`",
  };
}

/** A run ends. */
export function endOf<X, Y, Info>(
  run: TrainingRun<X, Y, Info>,
  reason: RunEnd,
  error: unknown,
  { validated, report }: { readonly validated: ValidatedData | undefined; readonly report: RunReport | undefined },
): Event<"run-end"> {
  const { iterations, testScore, best } = run.progress;
  const { iteration, score, scores } = best;
  const isKept = run.settings.keep === "best" && reason !== "aborted" && reason !== "failed";
  const why = error === undefined ? {} : { error: errorText(error) };
  return {
    type: "run-end",
    reason,
    ...why,
    iterations,
    testScore,
    best: {
      iteration,
      score,
      ...(scores && { scores }),
      chosenOn: chosenOn(run, validated),
      hasTest: hasOwnTest(run, validated),
      isKept,
    },
    ...(report && { report }),
    parameters: run.agent.candidate(),
  };
}

/** What learns from the events. */
export interface CandidateReaders {
  readonly archive: SearchArchive;
  readonly progress: RunProgress;
  readonly validated: ValidatedCandidates | undefined;
  /** Whether scores no longer count, because guide or code has changed. */
  readonly isOfOtherCode: boolean;
}

/** Takes in the events of candidates up to a checkpoint. */
export function restoreCandidates(
  events: Iterable<RunEvent>,
  { archive, progress, validated, isOfOtherCode }: CandidateReaders,
): void {
  const forget = (): void => {
    progress.forgetEvaluated();
    validated?.forget();
  };
  for (const event of events) {
    archive.fold(event);
    if (event.type === "scores-forgotten") forget();
    if (event.type === "candidate-tested") progress.testedCandidates.add(event);
    if (event.type !== "candidate-evaluated") continue;
    validated?.restore(event.candidate);
    const { candidate, iteration, scores, ranges } = event;
    progress.restoreEvaluated({ candidate, iteration, scores, parameters: archive.get(candidate).values }, ranges);
  }
  if (!isOfOtherCode) return;
  archive.fold({ type: "scores-forgotten" });
  forget();
}
