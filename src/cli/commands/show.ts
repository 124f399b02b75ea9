/**
 * `opto show`: one run in detail.
 *
 * @module
 */
import type { JsonValue } from "../../data/json.ts";
import { minimizesScore } from "../../data/objectives.ts";
import { formatDuration, formatNumber } from "../../loggers/format-number.ts";
import { candidateText, objectiveText } from "../../loggers/metrics-text.ts";
import { labelled, onOneLine, valueText } from "../../loggers/printable.ts";
import { type RunFiles, readReport, readScores, type ScorePoint, validationScoreName } from "../../runs/read-run-files.ts";
import type { RunReport } from "../../trainer/run-report.ts";
import type { CandidateMark } from "../../viewer/api.ts";
import { Notes } from "../../viewer/notes.ts";
import { candidateLines, lineageText, type RunCandidates, readCandidates } from "../candidate-lines.ts";
import { type CommandCall, type ExitCode, exitCodes } from "../command.ts";
import { placeFlags } from "../flags.ts";
import { findRun, readingPlace } from "../run-folder.ts";
import { callCost, describeUse, type RunUse, readUse } from "../run-use.ts";
import { dateText, factLines, sparkline } from "../text-table.ts";

/** Prints what the files of a run say; the newest run when none is named. */
export async function showCommand(call: CommandCall): Promise<ExitCode> {
  const { runDir, prices } = await readingPlace(call);
  const run = await findRun(runDir, call.args[0]);
  const [scores, validationScores, report, use, candidates] = await Promise.all([
    readScores(run.folder),
    readScores(run.folder, validationScoreName),
    readReport(run.folder),
    readUse(run.folder, callCost(prices)),
    readCandidates(run.folder, run.best?.parameters ?? null),
  ]);
  const notes = new Notes(run.folder);
  await notes.refresh();
  const { marks } = notes;
  const more = { ...(validationScores.length > 0 && { validationScores }), ...(marks.length > 0 && { marks }) };
  const document = { ...run, scores, report, use, candidates, ...more };
  call.out.result(
    lines({ run, scores, validationScores, report, use, candidates, marks }, call),
    document as unknown as JsonValue,
  );
  return exitCodes.done;
}

interface Shown {
  readonly run: RunFiles;
  /** On test data. */
  readonly scores: readonly ScorePoint[];
  /** Where the best values are chosen on data of their own. */
  readonly validationScores: readonly ScorePoint[];
  readonly report: RunReport | null;
  readonly use: RunUse;
  readonly candidates: RunCandidates;
  /** By hand, in the viewer. */
  readonly marks: readonly CandidateMark[];
}

function markText({ candidate, note }: CandidateMark): string {
  return `${candidateText(candidate)}${note === "" ? "" : `: ${onOneLine(note)}`}`;
}

function lines({ run, scores, validationScores, report, use, candidates, marks }: Shown, { out, flags }: CommandCall): string[] {
  const { paint } = out;
  const place = placeFlags(flags);
  const lowerIsBetter = minimizesScore(candidates.objective ?? undefined);
  const facts = [
    ["state", stateText(run)],
    ["started", dateText(run.createdAt) + (run.elapsedMs === null ? "" : `, trained for ${formatDuration(run.elapsedMs)}`)],
    ["folder", onOneLine(run.folder)],
    ["config", configText(run)],
    ["objective", candidates.objective === null ? "" : objectiveText(candidates.objective)],
    ["data", datasetsText(run)],
    ["iteration", run.iteration === null ? "" : String(run.iteration)],
    ["validation", scoresText(validationScores, out.columns, lowerIsBetter)],
    [validationScores.length > 0 ? "test" : "scores", scoresText(scores, out.columns, lowerIsBetter)],
    ["gain", report === null ? "" : onOneLine(report.text)],
    ["lineage", lineageText(candidates)],
    ["marked", marks.map(markText).join("\n")],
    ["use", describeUse(use)],
    ...Object.entries(use.byRole).map(([role, line]) => [`  ${onOneLine(role)}`, describeUse(line)] as const),
    ["problems", run.problems.map(onOneLine).join("\n")],
    ["resume", run.state === "stopped" ? `opto resume ${run.id}${place}` : ""],
    ["apply", run.best === null ? "" : `opto apply ${run.id}${place}`],
  ] as const;
  return [
    paint("bold", onOneLine(run.id)),
    ...factLines(facts, out),
    ...candidateLines(candidates, out),
    ...bestLines(run, paint),
  ];
}

function stateText({ state, reason, error, holder }: RunFiles): string {
  const why = reason === null ? "" : ` (${onOneLine(reason)})`;
  const who = holder === null ? "" : ` (process ${holder.pid} on ${onOneLine(holder.host)})`;
  return `${state}${why}${who}${error === null ? "" : `\n${labelled("error", error)}`}`;
}

function configText({ config, seed }: RunFiles): string {
  const { objective: _shown, ...others } = config;
  const known = Object.entries({ ...others, seed }).filter(([, value]) => value !== null);
  return known.map(([name, value]) => `${onOneLine(name)} ${onOneLine(valueText(value))}`).join(", ");
}

function datasetsText({ datasets }: RunFiles): string {
  return Object.entries(datasets)
    .map(([name, { examples, sha256 }]) => `${onOneLine(name)} ${examples} examples (${onOneLine(sha256.slice(0, 12))}…)`)
    .join(", ");
}

function scoresText(scores: readonly ScorePoint[], columns: number, lowerIsBetter: boolean): string {
  const known = scores.filter((point): point is ScorePoint & { score: number } => point.score !== null);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return "";
  const isBetter = (a: number, b: number): boolean => (lowerIsBetter ? a < b : a > b);
  const best = known.reduce((most, point) => (isBetter(point.score, most.score) ? point : most));
  const width = Math.max(8, Math.min(60, columns - 12));
  const bars = sparkline(
    scores.map(({ score }) => score),
    width,
  );
  const numbers = `${formatNumber(first.score)} at ${first.iteration} → ${formatNumber(last.score)} at ${last.iteration}`;
  return `${bars}\n${numbers}, best ${formatNumber(best.score)} at ${best.iteration}`;
}

function bestLines({ best }: RunFiles, paint: CommandCall["out"]["paint"]): string[] {
  if (best === null) return [];
  const score = best.score === null ? "" : ` (score ${formatNumber(best.score)}, iteration ${best.iteration ?? "?"})`;
  const values = Object.entries(best.parameters).flatMap(([path, value]) => {
    return labelled(onOneLine(path), valueText(value)).split("\n");
  });
  return ["", paint("bold", `best parameters${score}`), ...values.map((line) => `  ${line}`)];
}
