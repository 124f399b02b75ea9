/**
 * The candidates of a run, folded from its events, and the lines that show them.
 *
 * @module
 */

import { ownValue } from "../data/json.ts";
import { counted } from "../data/number-text.ts";
import { type ObjectiveConfig, objective, violationOf } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import { frontMetrics } from "../data/selection.ts";
import type { Candidate } from "../graph/with-values.ts";
import { candidateText, formatMetric } from "../loggers/metrics-text.ts";
import { onOneLine, type Paint } from "../loggers/printable.ts";
import { readEvents } from "../runs/read-run-files.ts";
import { SearchArchive } from "../search/archive.ts";
import { BestCandidates, frontVolume, referenceOf } from "../search/best-candidates.ts";
import type { Entry } from "../search/search.ts";
import type { RunEvent } from "../trainer/events.ts";
import { type Column, sparkline, textTable } from "./text-table.ts";

/** Where to print. */
interface Page {
  readonly paint: Paint;
  readonly columns: number;
}

/** The metrics of the best beside those of the start, then the front; nothing where answers have one metric. */
export function candidateLines(candidates: RunCandidates, page: Page): string[] {
  return [...bestLines(candidates, page), ...frontLines(candidates, page)];
}

/** From the start to the best, shortened in the middle. */
export function lineageText({ lineage }: RunCandidates): string {
  if (lineage.length < 2) return "";
  const names = lineage.map(candidateText);
  const shown =
    names.length <= mostNames
      ? names
      : [...names.slice(0, 3), `… ${names.length - mostNames + 1} more …`, ...names.slice(4 - mostNames)];
  return shown.join(" → ");
}

const mostNames = 10;

function bestLines({ chosen, start, objective }: RunCandidates, { paint, columns }: Page): string[] {
  if (chosen === null) return [];
  const titles = chosen.candidate === start?.candidate ? ["metric", "best"] : ["metric", "start", "best", "change"];
  const rows = Object.entries(chosen.scores).map(([metric, value]) => {
    const before = ownValue(start?.scores, metric);
    const change = before === undefined ? "" : `${value >= before ? "+" : "-"}${formatMetric(Math.abs(value - before))}`;
    const name = onOneLine(metric) + (objective?.minimize.includes(metric) ? " (lower is better)" : "");
    return titles.length === 2
      ? [name, formatMetric(value)]
      : [name, before === undefined ? "" : formatMetric(before), formatMetric(value), change];
  });
  const table = textTable(
    titles.map((title, index): Column => ({ title, align: index === 0 ? "left" : "right" })),
    rows,
    columns - 2,
  );
  return [
    "",
    paint("bold", `best candidate ${candidateText(chosen.candidate)}${reasonText(objective, chosen)}`),
    ...indented(table, paint),
  ];
}

/** Why it was chosen. */
function reasonText(objective: ObjectiveConfig | null, { scores }: CandidateScores): string {
  if (objective === null) return "";
  const violation = violationOf(scores, objective.constraints);
  const missed = violation > 0 ? "; no candidate meets the constraints, it violates them least" : "";
  if (objective.mode !== "pareto") return missed;
  const reasons = {
    knee: "the knee of the front",
    weighted: "the highest weighted sum on the front",
    lexicographic: "the first on the front, metric by metric",
    random: "drawn from the front with the seed",
  };
  return `: ${reasons[objective.tieBreak]}${missed}`;
}

function frontLines({ front, hypervolume, chosen }: RunCandidates, { paint, columns }: Page): string[] {
  if (front.length === 0) return [];
  const metrics = [...new Set(front.flatMap(({ scores }) => Object.keys(scores)))];
  const titles: Column[] = [
    { title: "" },
    { title: "candidate" },
    { title: "from", dispensable: 2 },
    { title: "iteration", align: "right", dispensable: 1 },
    ...metrics.map((metric): Column => ({ title: onOneLine(metric), align: "right" })),
  ];
  const rows = front.map(({ candidate, parents, iteration, scores }) => [
    candidate === chosen?.candidate ? "*" : "",
    candidateText(candidate),
    parents.map(candidateText).join(", "),
    String(iteration),
    ...metrics.map((metric) => {
      const score = ownValue(scores, metric);
      return score === undefined ? "" : formatMetric(score);
    }),
  ]);
  return [
    "",
    paint("bold", `front: ${counted(front.length, "candidate")}, * is the best`),
    ...indented(textTable(titles, rows, columns - 2), paint),
    ...volumeLines(hypervolume, columns),
  ];
}

function volumeLines(hypervolume: RunCandidates["hypervolume"], columns: number): string[] {
  const points = hypervolume?.points ?? [];
  const [first, last] = [points[0], points.at(-1)];
  if (hypervolume === null || first === undefined || last === undefined) return [];
  const bars = sparkline(
    points.map(({ volume }) => volume),
    Math.max(8, Math.min(60, columns - 16)),
  );
  const reference = Object.entries(hypervolume.reference).map(([metric, value]) => `${onOneLine(metric)} ${formatMetric(value)}`);
  return [
    `  hypervolume ${bars}`,
    `  ${formatMetric(first.volume)} at ${first.iteration} → ${formatMetric(last.volume)} at ${last.iteration}, from ${reference.join(", ")}`,
  ];
}

function indented([head = "", ...lines]: readonly string[], paint: Paint): string[] {
  return [`  ${paint("dim", head)}`, ...lines.map((line) => `  ${line}`)];
}

/** A candidate that was measured on what the best values are chosen on. */
export interface CandidateScores {
  readonly candidate: string;
  /** After which iteration it was measured; 0 is before the first. */
  readonly iteration: number;
  readonly parents: readonly string[];
  /** The mean of every metric. */
  readonly scores: Scores;
}

/** What the journal says of candidates. */
export interface RunCandidates {
  /** How they are compared; `null` where that is by the guide's score alone. */
  readonly objective: ObjectiveConfig | null;
  /** The starting values, where they were measured. */
  readonly start: CandidateScores | null;
  /** The best by the objective; `null` where answers have one metric, or nothing was measured. */
  readonly chosen: CandidateScores | null;
  /** Under a `pareto` objective the candidates that no other one beats, in order of their evaluation. */
  readonly front: readonly CandidateScores[];
  /** How much of the space of metrics the front covered after each evaluation, from the reference point; `null` without a front. */
  readonly hypervolume: {
    readonly reference: Scores;
    readonly points: readonly { readonly iteration: number; readonly volume: number }[];
  } | null;
  /** From the start to the best, by id. */
  readonly lineage: readonly string[];
}

const isWanted = /"type":"(?:run-start|candidate-proposed|candidate-evaluated|scores-forgotten)"/;

/** What the journal of a run says, without what a restart has done again. @param best the best values, where the files name them */
export async function readCandidates(folder: string, best: Candidate | null): Promise<RunCandidates> {
  const events = await readEvents(folder, (text) => isWanted.test(text));
  try {
    return folded(events, best);
  } catch {
    // A journal that something else has written into says nothing of candidates.
    return nothing;
  }
}

const nothing: RunCandidates = { objective: null, start: null, chosen: null, front: [], hypervolume: null, lineage: [] };

type Evaluated = Extract<RunEvent, { readonly type: "candidate-evaluated" }>;

function folded(events: readonly RunEvent[], bestValues: Candidate | null): RunCandidates {
  const [start] = events.filter((event) => event.type === "run-start");
  const given = start?.objective === undefined ? null : objective(start.objective);
  const archive = new SearchArchive();
  let evaluated = new EvaluatedCandidates(given ?? objective());
  for (const event of events) {
    archive.fold(event);
    if (event.type === "candidate-evaluated") evaluated.add(event, archive.get(event.candidate));
    if (event.type === "scores-forgotten") evaluated = new EvaluatedCandidates(given ?? objective());
  }
  // By the guide's score alone the run compares example by example, so its files say which values are the best.
  const ofFiles = bestValues === null ? undefined : archive.find(bestValues);
  const best = given === null ? ofFiles : archive.entries.find(({ id }) => id === evaluated.best);
  const lineage = best === undefined ? [] : archive.lineage(best).map(({ id }) => id);
  return {
    objective: given,
    start: evaluated.scoresOf(archive.entries[0]?.id),
    chosen: evaluated.scoresOf(best?.id),
    front: evaluated.front,
    hypervolume: evaluated.hypervolume,
    lineage: lineage.toReversed(),
  };
}

/** What was measured, and the front as it grew. */
class EvaluatedCandidates {
  readonly #objective: ObjectiveConfig;
  readonly #candidates: BestCandidates;
  readonly #known = new Map<string, CandidateScores>();
  readonly #points: { iteration: number; volume: number }[] = [];
  #reference: Scores | undefined;

  constructor(by: ObjectiveConfig) {
    this.#objective = by;
    this.#candidates = new BestCandidates(by);
  }

  add({ candidate, iteration, scores, ranges }: Evaluated, { values, parents }: Entry): void {
    this.#candidates.add({ candidate, iteration, scores, parameters: values });
    this.#known.set(candidate, this.#known.get(candidate) ?? { candidate, iteration, parents, scores });
    if (this.#objective.mode !== "pareto") return;
    this.#reference ??= referenceOf(frontMetrics([scores], this.#objective), ranges, this.#objective);
    const front = this.#candidates.front.map((one) => one.scores);
    const volume = frontVolume(front, this.#reference, this.#objective);
    if (this.#points.at(-1)?.iteration === iteration) this.#points.pop();
    this.#points.push({ iteration, volume });
  }

  /** The id of the best by the objective. */
  get best(): string | undefined {
    return this.#candidates.best?.candidate;
  }

  get front(): CandidateScores[] {
    if (this.#objective.mode !== "pareto") return [];
    return this.#candidates.front.map(({ candidate }) => this.#known.get(candidate) as CandidateScores);
  }

  get hypervolume(): RunCandidates["hypervolume"] {
    return this.#reference === undefined ? null : { reference: this.#reference, points: this.#points };
  }

  scoresOf(id: string | undefined): CandidateScores | null {
    return this.#known.get(id ?? "") ?? null;
  }
}
