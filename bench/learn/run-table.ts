/**
 * Runs every cell of a table that is not on record yet, some at the same time.
 *
 * @module
 */
import pLimit from "p-limit";
import type { CellPlan } from "./cell.ts";
import type { Progress } from "./progress.ts";
import { type Backend, serverBackend } from "./proxy/backend.ts";
import { startCallProxy } from "./proxy/call-proxy.ts";
import type { Backends } from "./proxy/cell-calls.ts";
import { handBackend } from "./proxy/hand-backend.ts";
import { noticedBackend } from "./proxy/noticed-backend.ts";
import { recordedBackend } from "./proxy/recorded-backend.ts";
import { type CellResult, resultOf } from "./results.ts";
import { runCell, sharedRepliesOf } from "./run-cell.ts";
import type { LearnSettings, ModelSettings } from "./settings.ts";

/** What became of the cells. */
export interface TableOutcome {
  readonly results: readonly CellResult[];
  /** Why the others have not finished; the same command continues them. */
  readonly failures: readonly { readonly cell: CellPlan; readonly error: Error }[];
}

/** Runs the cells. One that fails does not keep the others from being run. */
export async function runTable(cells: readonly CellPlan[], settings: LearnSettings, progress: Progress): Promise<TableOutcome> {
  const proxy = await startCallProxy(await backendsOf(settings, (reason) => progress.waiting?.(reason)));
  const shared = sharedRepliesOf(settings.out);
  const limit = pLimit(settings.concurrency);
  const failures: { cell: CellPlan; error: Error }[] = [];
  try {
    const done = await Promise.all(
      cells.map((cell) =>
        limit(async (): Promise<CellResult[]> => {
          try {
            const stages = await runCell(cell, { settings, proxy, shared });
            progress.finished(cell, stages);
            return [resultOf(cell, stages)];
          } catch (error) {
            failures.push({ cell, error: error as Error });
            progress.failed(cell, error as Error);
            return [];
          }
        }),
      ),
    );
    return { results: done.flat(), failures };
  } finally {
    await proxy.close();
  }
}

/** Who answers: the servers, or for the optimizer a person or a record. @param notice receives why a server does not answer */
export async function backendsOf(settings: LearnSettings, notice: (reason: string) => void = () => {}): Promise<Backends> {
  const task = toServer(settings.task, notice);
  return { task, "held-out": task, optimizer: await optimizerBackend(settings, notice) };
}

async function optimizerBackend(settings: LearnSettings, notice: (reason: string) => void): Promise<Backend> {
  const { optimizer, optimizerDir, optimizerRecord, optimizerMaxTokens } = settings;
  const byHand = optimizerDir === undefined ? undefined : handBackend(optimizerDir);
  if (optimizerRecord !== undefined) return recordedBackend(optimizerRecord, byHand);
  return byHand ?? toServer(optimizer, notice, optimizerMaxTokens);
}

function toServer(
  { baseUrl, model, keyVariable }: ModelSettings,
  notice: (reason: string) => void,
  maxOutputTokens?: number,
): Backend {
  const apiKey = process.env[keyVariable];
  return noticedBackend(serverBackend({ baseUrl, model, apiKey, keyVariable, maxOutputTokens }), notice);
}
