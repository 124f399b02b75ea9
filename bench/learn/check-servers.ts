/**
 * Asks every server that a table needs once, before the first cell: a server that is down is known at once, and not after all attempts of a call.
 *
 * @module
 */
import { type CellPlan, cellFolder, recordedStages, shares } from "./cell.ts";
import { unreachable } from "./proxy/backend.ts";
import type { LearnSettings } from "./settings.ts";

/** @throws Error for a server that does not answer; what it answers is seen in the cells */
export async function checkServers(cells: readonly CellPlan[], settings: LearnSettings, timeoutMs = 30_000): Promise<void> {
  const left = cells.filter((cell) => recordedStages(cellFolder(settings.out, cell)).length < shares.length);
  const { task, optimizer, optimizerDir, optimizerRecord } = settings;
  const asksTask = left.some((cell) => cell.task.callsModel);
  const isServed = optimizerDir === undefined && optimizerRecord === undefined;
  const asksOptimizer =
    isServed && left.some(({ arm }) => arm.kind === "original" || (arm.kind === "opto" && arm.optimizer !== "TPE"));
  const urls = new Set([...(asksTask ? [task.baseUrl] : []), ...(asksOptimizer ? [optimizer.baseUrl] : [])]);
  for (const baseUrl of urls) {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(`${baseUrl.replace(/\/$/, "")}/models`, { signal }).catch((error: unknown) => {
      throw unreachable(baseUrl, error);
    });
    await response.body?.cancel();
  }
}
