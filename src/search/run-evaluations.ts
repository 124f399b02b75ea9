/**
 * Evaluations of what the agent of a run has, and what they come to.
 *
 * @module
 */
import { declaredFailureScore } from "../data/comparison.ts";
import type { Dataset } from "../data/dataset.ts";
import { isByScore, minimizesScore } from "../data/objectives.ts";
import type { Module } from "../graph/module.ts";
import { type Guide, scoreRangeOf } from "../guides/guide.ts";
import { listed } from "../trainer/example-source.ts";
import type { TrainerHost } from "../trainer/trainer.ts";
import { metricsOf, tableOf } from "./evaluation-table.ts";
import type { EvaluatedCells, Measurement } from "./run-progress.ts";
import type { Tail } from "./tail.ts";
import type { TrainingRun } from "./training-run.ts";
import { TrialTable } from "./trial-table.ts";

/** What is evaluated. */
export interface Tested<X, Y, Info> extends Partial<Pick<Tail<X, Y, Info>, "measured">> {
  readonly agent: Module<X, Y>;
  readonly iteration: number;
}

/** An evaluation, and what it comes to once all earlier ones are known. */
export interface Evaluated {
  /** What it was made on, and by what. */
  readonly on: { readonly dataset: Dataset<unknown, unknown>; readonly guide: object };
  readonly evaluation: EvaluatedCells;
  readonly measurement: () => Measurement;
}

/** On which data of the run. */
interface EvaluatedOn {
  /** What it is called in positions. */
  readonly label: "test" | "validation";
  /** Whether it is on the validation data, and by their guide. */
  readonly isValidation: boolean;
}

/** Evaluates an agent of a run. */
export async function evaluateIn<X, Y, Info>(
  run: TrainingRun<X, Y, Info>,
  host: TrainerHost<X, Y>,
  { agent, measured, iteration }: Tested<X, Y, Info>,
  { label, isValidation }: EvaluatedOn,
): Promise<Evaluated> {
  const { settings, overlaps } = run;
  const { dataset, guide, scale } = dataOf(run, isValidation);
  const isSame = measured?.dataset === dataset && measured.guide === guide;
  const what = label === "test" ? "Evaluating agent" : "Evaluating on validation data";
  const evaluation = await host.evaluate(agent, guide, listed(dataset), {
    minScore: declaredFailureScore(scale),
    lowerIsBetter: scale.lowerIsBetter,
    numSamples: settings.numEvalSamples,
    description: `${what} (iteration ${iteration})`,
    label,
    isBackground: overlaps,
    from: { dataset: isValidation ? "validate" : run.testSource },
    known: isSame ? (example) => measured.scores[example] ?? undefined : undefined,
  });
  return evaluatedAs(run, evaluation, isValidation);
}

/** What an evaluation comes to, also one of an earlier process. */
export function evaluatedAs<X, Y, Info>(
  run: TrainingRun<X, Y, Info>,
  evaluation: EvaluatedCells,
  isValidation: boolean,
): Evaluated {
  const { settings, progress } = run;
  const { dataset, guide, scale } = dataOf(run, isValidation);
  const { mean, cells, metrics } = evaluation;
  const by = { objective: settings.objective, scoreRange: scoreRangeOf(guide), worst: progress.worst };
  // A million examples are not copied for nothing.
  const isPlain = isByScore(by.objective) && Object.keys(metrics).length === 0;
  const table = isPlain ? new TrialTable() : tableOf(evaluation, settings.numEvalSamples);
  const measurement = (): Measurement => {
    const known = metricsOf(table, [...table.examples()], mean, by);
    // The mean of an evaluation has failures as the lowest score.
    return { mean: scale.lowerIsBetter ? (known.scores?.score ?? mean) : mean, cells, scale, ...known };
  };
  return { on: { dataset, guide }, evaluation, measurement };
}

/** What is evaluated on, by what, and how failures count there. */
function dataOf<X, Y, Info>(
  run: TrainingRun<X, Y, Info>,
  isValidation: boolean,
): { readonly dataset: Dataset<X, Info>; readonly guide: Guide<X, Y, Info>; readonly scale: Measurement["scale"] } {
  const { settings, testSet, validationSet, validationGuide } = run;
  const dataset = isValidation ? (validationSet ?? testSet) : testSet;
  const guide = isValidation ? validationGuide : run.guide;
  const { minScore, objective } = settings;
  return { dataset, guide, scale: { minScore, scoreRange: guide.scoreRange, lowerIsBetter: minimizesScore(objective) } };
}
