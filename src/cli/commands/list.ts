/**
 * `opto list`: all runs, the newest first.
 *
 * @module
 */

import type { JsonValue } from "../../data/json.ts";
import { grouped } from "../../data/number-text.ts";
import { formatNumber } from "../../loggers/format-number.ts";
import { onOneLine, type Style } from "../../loggers/printable.ts";
import { findRuns, type RunFiles, type RunState } from "../../runs/read-run-files.ts";
import { type CommandCall, type ExitCode, exitCodes } from "../command.ts";
import { readingPlace } from "../run-folder.ts";
import { callCost, dollars, type RunUse, readUse } from "../run-use.ts";
import { type Column, dateText, textTable } from "../text-table.ts";

const columns: readonly Column[] = [
  { title: "run" },
  { title: "state" },
  { title: "reason", dispensable: 2 },
  { title: "iteration", align: "right", dispensable: 1 },
  { title: "best", align: "right" },
  { title: "calls", align: "right", dispensable: 3 },
  { title: "cost", align: "right", dispensable: 4 },
  { title: "started", dispensable: 5 },
];

const stateStyles: Readonly<Record<RunState, Style>> = { running: "cyan", stopped: "yellow", finished: "green", damaged: "red" };

/** Prints a table of the runs. */
export async function listCommand(call: CommandCall): Promise<ExitCode> {
  const { out } = call;
  const { runDir, prices } = await readingPlace(call);
  const costOf = callCost(prices);
  const runs = await findRuns(runDir);
  const used = await Promise.all(runs.map(async (run) => ({ run, use: await readUse(run.folder, costOf) })));
  const lines = runs.length === 0 ? [`No runs in ${runDir} yet. \`opto train\` starts one`] : table(used, call);
  const problems = runs.flatMap((run) => run.problems.map((problem) => `${onOneLine(run.id)}: ${onOneLine(problem)}`));
  out.result(lines, { runDir, runs: used.map(document) });
  if (!out.isJson) for (const problem of problems) out.note(problem);
  return exitCodes.done;
}

function table(used: readonly { run: RunFiles; use: RunUse }[], { out }: CommandCall): string[] {
  const rows = used.map(({ run, use }) => [
    onOneLine(run.id),
    out.paint(stateStyles[run.state], run.state),
    onOneLine(run.reason ?? ""),
    run.iteration === null ? "" : String(run.iteration),
    run.best?.score == null ? "" : formatNumber(run.best.score),
    use.calls === 0 ? "" : grouped(use.calls),
    use.calls === 0 ? "" : dollars(use.usd),
    dateText(run.createdAt),
  ]);
  const [head = "", ...lines] = textTable(columns, rows, out.columns);
  return [out.paint("dim", head), ...lines];
}

function document({ run, use }: { readonly run: RunFiles; readonly use: RunUse }): JsonValue {
  const { id, name, state, reason, error, iteration, best, createdAt, savedAt, problems } = run;
  const { requests, calls, inputTokens, outputTokens, usd } = use;
  const bestScore = best?.score ?? null;
  const usage = { requests, calls, inputTokens, outputTokens, usd };
  return { id, name, state, reason, error, iteration, bestScore, usage, createdAt, savedAt, problems };
}
