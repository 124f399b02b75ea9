/**
 * Runs the stages of a cell that are not on record yet.
 *
 * @module
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson } from "opto/data";
import {
  type CellPlan,
  cellFolder,
  cellId,
  type RunningCell,
  recordedStages,
  type StageOutcome,
  type StageResult,
  shares,
} from "./cell.ts";
import { noteCell } from "./finished-cells.ts";
import { fixedValues } from "./fixed-values.ts";
import { heldOutScores } from "./held-out.ts";
import { optoStage } from "./opto-stage.ts";
import { runOriginal } from "./originals/run-original.ts";
import type { CallProxy } from "./proxy/call-proxy.ts";
import { CellCalls } from "./proxy/cell-calls.ts";
import { SharedReplies } from "./proxy/shared-replies.ts";
import type { LearnSettings } from "./settings.ts";
import { labelGrammar } from "./tasks/label-guide.ts";

/**
 * Runs what is left of a cell.
 *
 * @returns its stages, in order of their shares
 */
export async function runCell(plan: CellPlan, table: CellTable): Promise<StageResult[]> {
  const folder = cellFolder(table.settings.out, plan);
  const stages = recordedStages(folder);
  noteCell(folder, plan);
  if (stages.length === shares.length) return stages;
  return inOpenCell(plan, { ...table, folder, replays: false }, async (cell) => {
    for (const share of shares.slice(stages.length)) {
      const outcome = await nextOutcome(cell, share, stages);
      const stage = await scoredStage(cell, share, outcome, stages.at(-1));
      appendFileSync(join(folder, "stages.jsonl"), `${JSON.stringify(stage)}\n`);
      stages.push(stage);
    }
    return stages;
  });
}

/** An outcome with its scores. @param before the previous stage; values that have not changed are not scored again */
export async function scoredStage(
  cell: RunningCell,
  share: number,
  outcome: StageOutcome,
  before: StageResult | undefined,
): Promise<StageResult> {
  if (before === undefined || canonicalJson(before.values) !== canonicalJson(outcome.values)) {
    return { share, ...outcome, ...(await heldOutScores(cell, outcome.values)) };
  }
  const { test, rows, validation } = before;
  return { share, ...outcome, test, rows, validation };
}

/** What the cells of a table have in common. */
export interface CellTable {
  readonly settings: LearnSettings;
  readonly proxy: CallProxy;
  readonly shared: SharedReplies;
}

/** The replies that the cells of a folder share. */
export function sharedRepliesOf(out: string, isReadOnly = false): SharedReplies {
  return new SharedReplies({ file: join(out, "replies.jsonl"), isReadOnly });
}

/** What surrounds a cell. */
export interface CellPlace extends CellTable {
  /** Where the run is kept. */
  readonly folder: string;
  /** Whether models are replayed. */
  readonly replays: boolean;
  /** Where the calls are on record. @default the folder */
  readonly callsFolder?: string | undefined;
}

/** Opens a cell at the proxy for some work. */
export async function inOpenCell<Result>(
  plan: CellPlan,
  { settings, proxy, shared, folder, replays, callsFolder = folder }: CellPlace,
  work: (cell: RunningCell) => Promise<Result>,
): Promise<Result> {
  const { unit, prices, grammar } = settings;
  const { answers } = plan.task;
  const taskSettings = grammar && answers !== undefined ? { grammar: labelGrammar(answers) } : undefined;
  const calls = new CellCalls({ file: join(callsFolder, "calls.jsonl"), unit, prices, replays, shared, taskSettings });
  const open = proxy.open(cellId(plan), calls);
  try {
    return await work({ ...plan, settings, folder, calls, proxy, open });
  } finally {
    open.close();
  }
}

/** What the arm has come to with a share of the budget. @param before the stages so far, in order */
export async function nextOutcome(cell: RunningCell, share: number, before: readonly StageResult[]): Promise<StageOutcome> {
  const last = before.at(-1);
  if (last?.isOver) {
    const { values, spent, ms, version } = last;
    return { values, spent, ms, isOver: true, version };
  }
  const limit = share * cell.settings.budget;
  const { arm } = cell;
  if (arm.kind === "fixed") {
    return { values: fixedValues(cell.task, arm, cell), spent: cell.calls.spent, ms: 0, isOver: true };
  }
  return arm.kind === "opto" ? optoStage(cell, arm, limit) : runOriginal(cell, arm, share);
}
