/**
 * The metrics of the best candidate and the front of a run, for people.
 *
 * @module
 */
import { violationOf } from "../data/constraints.ts";
import type { ObjectiveConfig } from "../data/objectives.ts";
import { candidateText, formatMetric } from "../loggers/metrics-text.ts";
import type { Paint } from "../loggers/paint.ts";
import { onOneLine } from "../loggers/printable.ts";
import type { CandidateScores, RunCandidates } from "./run-candidates.ts";
import { sparkline } from "./sparkline.ts";
import { type Column, textTable } from "./text-table.ts";

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
    const before = start?.scores[metric];
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
    ...metrics.map((metric) => (scores[metric] === undefined ? "" : formatMetric(scores[metric]))),
  ]);
  const count = `${front.length} ${front.length === 1 ? "candidate" : "candidates"}`;
  return [
    "",
    paint("bold", `front: ${count}, * is the best`),
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
