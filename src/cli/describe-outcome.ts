/**
 * What `opto train` says at the end: what was won, what it cost, where it is, how to go on.
 *
 * @module
 */
import { relative } from "node:path";
import type { JsonValue } from "../data/json.ts";
import { formatCompared, formatDuration, formatNumber } from "../loggers/format-number.ts";
import { onOneLine, type Paint } from "../loggers/printable.ts";
import type { ScorePoint } from "../runs/read-run-files.ts";
import { canGoOn } from "../trainer/events.ts";
import type { RunReport } from "../trainer/run-report.ts";
import { type Flags, placeFlags, resumeFlags } from "./flags.ts";
import { describeUse } from "./run-use.ts";
import { factLines } from "./text-table.ts";

/** What of the result of `train` is told. */
export interface TrainOutcome {
  readonly stopReason?: string;
  readonly iterations: number;
  readonly testScore: number | null;
  readonly best?: { readonly iteration: number; readonly score: number | null };
  readonly usage?: {
    readonly requests: number;
    readonly calls: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly usd: number | null;
    readonly elapsedMs: number;
  };
  readonly report?: RunReport;
  readonly run?: string | null;
}

/** What is known beside the result. */
export interface OutcomePlace {
  /** Test scores of the whole run. */
  readonly scores: readonly ScorePoint[];
  /** The folder of the run. */
  readonly folder: string | null;
  /** What a short path begins at. */
  readonly cwd: string;
  /** What stood on the command line. */
  readonly flags: Flags;
  readonly paint: Paint;
  readonly columns: number;
}

const endings: Readonly<Record<string, string>> = {
  "target-score": "Stopped: the target score was reached.",
  patience: "Stopped: no improvement in `stop.patience` evaluations.",
  "max-iterations": "Stopped after `stop.maxIterations` iterations.",
  deadline: "Stopped: the deadline was reached.",
  budget: "Stopped: the budget is spent.",
  quota: "Stopped: the provider's quota is used up.",
  interrupted: "Interrupted.",
};

/** The lines for people. */
export function outcomeLines(outcome: TrainOutcome, { scores, folder, cwd, flags, paint, columns }: OutcomePlace): string[] {
  const { stopReason = "completed", usage, best, report, run } = outcome;
  const { before, after } = ends(outcome, scores);
  const [from, to] = formatCompared(before, after);
  const ending = endings[stopReason];
  const facts = [
    ["score", before === null && after === null ? "none" : `${from} → ${paint("bold", to)}`],
    ["best", best === undefined || best.score === null ? "" : `${formatNumber(best.score)} at iteration ${best.iteration}`],
    ["gain", report === undefined ? "" : onOneLine(report.text)],
    ["use", usage === undefined ? "" : `${describeUse(usage)}, ${formatDuration(usage.elapsedMs)}`],
    ["run", folder === null ? "" : onOneLine(relative(cwd, folder) || folder)],
    ["apply", run == null ? "" : `opto apply ${run}${placeFlags(flags)}`],
    ["resume", continueCommand(outcome, flags) ?? ""],
  ] as const;
  return ["", ...(ending === undefined ? [] : [paint("yellow", ending)]), ...factLines(facts, { paint, columns })];
}

/** The same for programs. */
export function outcomeDocument(outcome: TrainOutcome, { scores, folder, flags }: OutcomePlace): JsonValue {
  const { stopReason = "completed", run = null, iterations, best = null, report = null, usage = null } = outcome;
  return {
    run,
    folder,
    stopReason,
    iterations,
    score: ends(outcome, scores),
    best: best as JsonValue,
    report: report as JsonValue,
    usage: usage as JsonValue,
    continue: continueCommand(outcome, flags) ?? null,
  };
}

/** The command that goes on, when the run can. */
export function continueCommand({ stopReason = "", run }: TrainOutcome, flags: Flags): string | undefined {
  if (run == null || !canGoOn(stopReason)) return undefined;
  return `opto resume ${run}${resumeFlags(flags, stopReason)}`;
}

function ends({ testScore }: TrainOutcome, scores: readonly ScorePoint[]): { before: number | null; after: number | null } {
  return { before: scores[0]?.score ?? null, after: scores.at(-1)?.score ?? testScore };
}
