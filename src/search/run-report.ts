/**
 * What a run has gained: its best values against those it started with, on the examples that both were measured on.
 *
 * @module
 */
import { counted, grouped } from "../data/number-text.ts";
import type { ObjectiveConfig } from "../data/objectives.ts";
import { seenExamples } from "../data/shared-examples.ts";
import { comparePaired, gainText, isImprovement, type PairedComparison } from "../data/statistics/compare-paired.ts";
import { type Guide, scoreRangeOf } from "../guides/guide.ts";
import type { ChosenOn, StopReason } from "../trainer/events.ts";
import type { RunReport } from "../trainer/run-report.ts";
import type { SearchArchive } from "./archive.ts";
import { neededExamples } from "./needed-examples.ts";
import { pairedRows } from "./paired-rows.ts";
import { chosenOn, hasOwnTest } from "./run-events.ts";
import type { Entry } from "./search.ts";
import type { TrainingRun } from "./training-run.ts";
import type { TrialTable } from "./trial-table.ts";
import type { ValidatedData } from "./validated-candidates.ts";

/** What a report is made of. */
export interface ReportParts<X, Y, Info> {
  readonly run: TrainingRun<X, Y, Info>;
  readonly archive: SearchArchive;
  /** What the search measures on validation data by itself. */
  readonly validated: ValidatedData | undefined;
  /** What the agent had after the last iteration. @default the best */
  readonly last?: Entry | undefined;
}

/** The start and the best of a run. */
export interface Compared {
  readonly start: Entry;
  readonly best: Entry;
}

/** The two candidates that a report compares; `undefined` before the run has begun. */
export function comparedEntries<X, Y, Info>({ run, archive }: Omit<ReportParts<X, Y, Info>, "validated">): Compared | undefined {
  const best = archive.find(run.progress.best.parameters);
  const [start] = archive.entries;
  return start === undefined || best === undefined ? undefined : { start, best };
}

/** Whether the test dataset tells of examples that the run has not learned or chosen from. */
export function hasHeldOut<X, Y, Info>(run: TrainingRun<X, Y, Info>, validated: ValidatedData | undefined): boolean {
  return hasOwnTest(run, validated) && run.testSet !== run.loader.dataset && run.settings.evalFrequency > 0;
}

/**
 * The report of a run that has ended.
 *
 * @param untested why not both were measured on the test dataset
 */
export function reportOf<X, Y, Info>(parts: ReportParts<X, Y, Info>, end: StopReason, untested: string | undefined): RunReport {
  const { run, validated } = parts;
  const chosen = chosenOn(run, validated);
  const compared = comparedEntries(parts);
  if (chosen.dataset === "none") return nothing("none", "nothing was evaluated");
  if (compared === undefined) return nothing(chosen.dataset, "the run ended before anything was measured");
  const name = dataText(chosen.dataset);
  if (compared.start === compared.best) {
    const text = startIsBestText(parts, name);
    return { ...nothing(chosen.dataset, text), gain: 0, interval: [0, 0], isChosenOn: true };
  }
  const onTest = hasHeldOut(run, validated) ? tablesOf(parts, compared, "test") : undefined;
  if (onTest !== undefined) {
    // A run that ends when a score is reached has looked at it after every iteration, until it was high enough.
    const watched = end === "target-score" ? "`stop.targetScore` ended the run by its score on these" : undefined;
    const seen = seenExamples(run.testSet, [run.loader.dataset, run.validationSet ?? [], validated?.dataset ?? []]);
    const about = { dataset: "test", guide: run.guide } as const;
    // A copy of the data that the run has used says nothing of others.
    if (seen.size === run.testSet.length) {
      return described(parts, onTest, { ...about, name: "test", chosenBy: "All of them are training or validation examples" });
    }
    return described(parts, onTest, { ...about, name: "held-out", chosenBy: watched, leftOut: seen });
  }
  const onChosen = tablesOf(parts, compared, "chosen");
  const why = hasHeldOut(run, validated) ? `. On the test dataset ${untested ?? stopText(end)}` : "";
  const { dataset } = chosen;
  const size = (validated?.dataset ?? run.validationSet ?? run.testSet).length;
  if (onChosen === undefined) {
    const report = nothing(dataset, `the start and the best values were not both measured on the ${name} examples`);
    return { ...report, text: report.text + why, isChosenOn: true };
  }
  const chosenBy = "The best values were chosen on these";
  const lacksTest = !hasOwnTest(run, validated);
  const report = described(parts, onChosen, { dataset, name, size, chosenBy, lacksTest, guide: run.validationGuide });
  return { ...report, text: report.text + why };
}

/** Why the best values are those of the start. @param name what the data are called on which they are chosen */
function startIsBestText<X, Y, Info>(parts: ReportParts<X, Y, Info>, name: string): string {
  const { run, archive, validated } = parts;
  const [, ...others] = archive.entries;
  if (others.length === 0) return "no other values were proposed";
  if (!isEvaluated(parts)) {
    return `the values of the last iteration were not evaluated on the ${name} examples, and no others were better than those of the start`;
  }
  const areMeasured = isByEvaluation(run, validated) || others.some((entry) => archive.table(entry, "validate").count > 0);
  if (!areMeasured) return `no other values were measured on the ${name} examples`;
  return `no other values were better than those of the start on the ${name} examples`;
}

/** Whether the best could have been what the agent had in the end: with `evalFrequency` above 1, or a search that measures only some examples, not always. */
function isEvaluated<X, Y, Info>({ run, archive, validated, last }: ReportParts<X, Y, Info>): boolean {
  if (last === undefined || last === archive.entries[0]) return true;
  if (validated === undefined) return run.settings.evalFrequency === 1 || run.progress.evaluated.has(last.id);
  return archive.cells(last, { dataset: "validate", examples: validated.dataset.map((_, example) => example) }) !== undefined;
}

/** Whether evaluations have chosen the best values, and not what the search has measured itself. */
function isByEvaluation<X, Y, Info>(
  { settings, progress }: TrainingRun<X, Y, Info>,
  validated: ValidatedData | undefined,
): boolean {
  return validated === undefined && settings.evalFrequency > 0 && progress.best.examples === undefined;
}

/** What is compared, and on what. */
interface About<X, Y, Info> {
  readonly dataset: ChosenOn["dataset"];
  readonly name: string;
  /** How many examples there are, where the two may have been measured on a part of them. @default as many as are compared */
  readonly size?: number;
  /** Which decision rests on the data; `undefined` where none does. */
  readonly chosenBy: string | undefined;
  /** Whether a test dataset would tell more. @default false */
  readonly lacksTest?: boolean;
  /** Examples that have no part in it, because the run has learned or chosen from them. @default none */
  readonly leftOut?: ReadonlySet<number>;
  readonly guide: Guide<X, Y, Info>;
}

type Tables = readonly [start: TrialTable, best: TrialTable];

/** What both came to on data; `undefined` where one of them was not measured there. */
function tablesOf<X, Y, Info>(
  { run, archive, validated }: ReportParts<X, Y, Info>,
  { start, best }: Compared,
  on: "test" | "chosen",
): Tables | undefined {
  const { testedCandidates } = run.progress;
  const tables = [start, best].map((entry) => {
    if (on === "chosen" && !isByEvaluation(run, validated)) return archive.table(entry, "validate");
    return testedCandidates.table(entry.id, on === "chosen" && run.hasOwnValidation ? "validate" : "test");
  });
  return tables.every((table) => table !== undefined && table.count > 0) ? (tables as unknown as Tables) : undefined;
}

function described<X, Y, Info>({ run }: ReportParts<X, Y, Info>, tables: Tables, about: About<X, Y, Info>): RunReport {
  const { dataset, name, size = 0, chosenBy, lacksTest = false, leftOut = new Set(), guide } = about;
  const { objective, minScore } = run.settings;
  const scale = { minScore, scoreRange: scoreRangeOf(guide) };
  const { rows, unscored, isKnown, unit, bounds } = pairedRows(tables, { objective, scale, meaning: guide.meaning, leftOut });
  const comparison = comparePaired(rows[0], rows[1], { range: bounds, seed: run.loader.seed });
  const { gain, interval, pValue, examples } = comparison;
  const isChosenOn = chosenBy !== undefined;
  const numbers = { gain, interval, pValue, examples, dataset, isChosenOn };
  if (gain === null) {
    return { ...numbers, text: `No evidence of improvement: no ${name} example was scored with both values`, confirmed: false };
  }
  const lost = unscored === 0 ? "" : `, of which ${unscored} that could not be scored with the best values count as failed`;
  const which =
    examples < size ? `${grouped(examples)} of ${counted(size, `${name} example`)}` : counted(examples, `${name} example`);
  const where = `on ${which}${lost}${leftOutText(leftOut.size)}`;
  const doubt = isChosenOn ? `. ${chosenBy}, so the gain is likely to be overstated` : "";
  const told = `${verdictOf(comparison)}${gainText(comparison, unit)} ${where}${doubt}${constraintText(objective)}`;
  const text = `${told}${lacksTest ? remedyText(neededExamples(...rows)) : ""}`;
  return { ...numbers, text, confirmed: !isChosenOn && isKnown && isImprovement(comparison) };
}

function leftOutText(count: number): string {
  if (count === 0) return "";
  return `; ${counted(count, "test example that is", "test examples that are")} also in the training or validation data ${count === 1 ? "is" : "are"} left out`;
}

function remedyText(examples: number | undefined): string {
  const size = examples === undefined ? "" : ` of about ${examples} examples`;
  return `; a testDataset${size} would show by how much`;
}

/** What precedes a gain that is none. */
function verdictOf(comparison: PairedComparison): string {
  if (isImprovement(comparison)) return "";
  const isWorse = comparison.interval !== null && comparison.interval[1] < 0;
  return isWorse ? "The best values are worse than those of the start: " : "No evidence of improvement: ";
}

function constraintText({ constraints = {} }: ObjectiveConfig): string {
  return Object.keys(constraints).length === 0 ? "" : ". The constraints of the objective have no part in this number";
}

/** What keeps a run from measuring, after "because". */
export const stopCauses: Readonly<Partial<Record<StopReason, string>>> = {
  budget: "the budget is spent",
  quota: "the provider's quota is used up",
  deadline: "the deadline was reached",
  interrupted: "the run was interrupted",
};

/** Why a run that was cut short has not measured both. */
function stopText(end: StopReason): string {
  const cause = stopCauses[end];
  return `not both were measured${cause === undefined ? "" : `, because ${cause}`}`;
}

function dataText(dataset: ChosenOn["dataset"]): string {
  return dataset === "train" ? "training" : dataset;
}

function nothing(dataset: RunReport["dataset"], why: string): RunReport {
  const numbers = { gain: null, interval: null, pValue: null, examples: 0, isChosenOn: false, confirmed: false };
  return { ...numbers, dataset, text: `No evidence of improvement: ${why}` };
}
