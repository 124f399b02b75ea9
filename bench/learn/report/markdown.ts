/**
 * The report as Markdown: a table and a plot for each task, and in which of them opto is not first.
 *
 * @module
 */
import type { LearnSettings } from "../settings.ts";
import { groupBy } from "./group-by.ts";
import { lossesText } from "./losses.ts";
import type { Estimate, ReportRow } from "./rows.ts";
import { fewestSeeds } from "./seed-test.ts";

/** What the report says of the conditions. */
export type ReportConditions = Pick<LearnSettings, "budget" | "unit" | "seeds" | "sizes" | "task" | "optimizer">;

/** The whole report. Plots are files beside it, by `plotFile`. */
export function markdownReport(rows: readonly ReportRow[], conditions: ReportConditions): string {
  const tasks = [...groupBy(rows, ({ task }) => task).values()];
  return [headOf(conditions), confirmableText(rows), ...tasks.map(sectionOf), lossesText(tasks), versionsOf(rows)]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

/** The name of a task's plot. */
export function plotFile(task: string): string {
  return `${task}.svg`;
}

function headOf({ budget, unit, sizes, task, optimizer }: ReportConditions): string {
  return `# Learning at matched budgets

Every algorithm could spend at most ${budget} ${unit.replace("-", " ")} in each run. Task model: \`${task.model}\`; optimizer model: \`${optimizer.model}\`. At most ${sizes.train} train, ${sizes.validation} validation, and
${sizes.test} test examples, dealt out by seed. Scores are percent on the test examples, which no algorithm sees, with 95% bootstrap intervals over seeds and examples; the gain is above the
start on the same examples. **Confirmed** gains hold on further examples (sign-flip test) and in further
runs (t test over the means of seeds), with Holm's correction for all rows of the report.`;
}

function confirmableText(rows: readonly ReportRow[]): string {
  const most = Math.max(...rows.map(({ seeds }) => seeds));
  if (most >= fewestSeeds) return "";
  return `No gain can be confirmed here: that takes at least ${fewestSeeds} seeds, and the most that an algorithm has is ${most}.`;
}

function sectionOf(rows: readonly ReportRow[]): string {
  const [{ task, title, scores }] = rows as [ReportRow];
  const heads = [
    "algorithm",
    "runs",
    ...scores.map(({ share }) => `at ${100 * share}%`),
    "gain",
    "below start",
    "validation − test",
  ];
  const more = ["task calls", "optimizer calls", "$ a point", "minutes"];
  const lines = rows.map((row) =>
    [
      row.kind === "original" ? `*${row.arm}*` : row.arm,
      row.seeds,
      ...row.scores.map((estimate) => estimateText(estimate)),
      row.arm === "start" ? "–" : estimateText(row.gain, true, row.confirmed),
      `${(100 * row.belowStart).toFixed(0)}%`,
      row.gap === null ? "–" : signed(row.gap),
      row.taskCalls.toFixed(0),
      row.optimizerCalls.toFixed(0),
      row.dollarsPerPoint === null ? "–" : row.dollarsPerPoint.toPrecision(2),
      row.minutes.toFixed(1),
    ].join(" | "),
  );
  const table = [
    `| ${[...heads, ...more].join(" | ")} |`,
    `|${"---|".repeat(heads.length + more.length)}`,
    ...lines.map((line) => `| ${line} |`),
  ];
  return `## ${title}\n\n![Test score by share of the budget](${plotFile(task)})\n\n${table.join("\n")}`;
}

function versionsOf(rows: readonly ReportRow[]): string {
  const versions = new Map(rows.flatMap(({ arm, version }) => (version === undefined ? [] : [[arm, version] as const])));
  if (versions.size === 0) return "";
  return `Versions: ${[...versions]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([arm, version]) => `${arm} ${version}`)
    .join(", ")}.`;
}

function estimateText({ mean, interval }: Estimate, isGain = false, isConfirmed = false): string {
  const text = isGain ? signed(mean) : percent(mean);
  const range = interval === null ? "" : ` (${interval.map(isGain ? signed : percent).join(" to ")})`;
  return isConfirmed ? `**${text}**${range}` : `${text}${range}`;
}

function percent(score: number): string {
  return Number.isFinite(score) ? (100 * score).toFixed(1) : "–";
}

function signed(score: number): string {
  return `${score < 0 ? "−" : "+"}${Math.abs(100 * score).toFixed(1)}`;
}
