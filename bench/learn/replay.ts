/**
 * Runs a table again from its record, without any model: every search of opto decides everything anew from the recorded calls.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CellPlan, cellFolder, cellId, recordedStages, type StageResult, shares } from "./cell.ts";
import { type Backend, errorReply } from "./proxy/backend.ts";
import { startCallProxy } from "./proxy/call-proxy.ts";
import { type CellResult, resultOf } from "./results.ts";
import { type CellTable, inOpenCell, nextOutcome, scoredStage, sharedRepliesOf } from "./run-cell.ts";
import type { LearnSettings } from "./settings.ts";

const noModel: Backend = { answer: async () => errorReply(500, "No model is called in a replay") };

/**
 * The results of the cells that have finished, from their records. Searches of opto are run again. What another library has chosen is read from its
 * record, and scored again. Times are those of the record.
 *
 * @throws Error when a call is made that is not on record
 */
export async function replayTable(cells: readonly CellPlan[], settings: LearnSettings): Promise<CellResult[]> {
  const proxy = await startCallProxy({ task: noModel, optimizer: noModel, "held-out": noModel });
  const table = { settings, proxy, shared: sharedRepliesOf(settings.out, true) };
  const results: CellResult[] = [];
  try {
    for (const cell of cells) {
      const recorded = recordedStages(cellFolder(settings.out, cell));
      if (recorded.length === shares.length) results.push(resultOf(cell, await replayCell(cell, table, recorded)));
    }
  } finally {
    await proxy.close();
  }
  return results;
}

async function replayCell(plan: CellPlan, table: CellTable, recorded: readonly StageResult[]): Promise<StageResult[]> {
  const callsFolder = cellFolder(table.settings.out, plan);
  const runsOriginal = plan.arm.kind === "original";
  const folder = runsOriginal ? callsFolder : mkdtempSync(join(tmpdir(), "opto-replay-"));
  try {
    return await inOpenCell(plan, { ...table, folder, callsFolder, replays: true }, async (cell) => {
      const stages: StageResult[] = [];
      for (const { share, ms, version } of recorded) {
        const outcome = { ...(await nextOutcome(cell, share, stages)), ms, ...(version === undefined ? {} : { version }) };
        stages.push(await scoredStage(cell, share, outcome, stages.at(-1)));
      }
      if (cell.calls.missing > 0) throw new Error(`${cell.calls.missing} calls are not on record`);
      return stages;
    });
  } catch (error) {
    throw new Error(`Could not replay ${cellId(plan)}: ${(error as Error).message}`, { cause: error });
  } finally {
    if (!runsOriginal) rmSync(folder, { recursive: true, force: true });
  }
}
