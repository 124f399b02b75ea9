/**
 * The progress table: a line for every cell that has finished.
 *
 * @module
 */
import { type CellPlan, cellId, type StageResult } from "./cell.ts";

/** Is notified as cells end. */
export interface Progress {
  finished(cell: CellPlan, stages: readonly StageResult[]): void;
  failed(cell: CellPlan, error: Error): void;
  /** A call was not answered; it is repeated, or ends its cell. */
  waiting?(reason: string): void;
}

/** Writes lines such as `12/40  snips  gepa  seed 0  63.5 70.0 71.5  1000 task calls, 12 optimizer calls`. */
export function progressTable(total: number, write: (line: string) => void): Progress {
  let done = 0;
  const count = (): string => `${String(++done).padStart(String(total).length)}/${total}`;
  return {
    finished({ task, arm, seed }, stages) {
      const scores = stages.map(({ test }) => meanText(test)).join(" ");
      const spent = stages.at(-1)?.spent;
      const calls = `${spent?.taskCalls ?? 0} task calls, ${spent?.optimizerCalls ?? 0} optimizer calls`;
      write([count(), task.id.padEnd(11), arm.name.padEnd(22), `seed ${seed}`, scores, calls].join("  "));
    },
    waiting: (reason) => write(`A call was not answered: ${reason}`),
    failed: (cell, error) => write(`${count()}  ${cellId(cell)} has not finished: ${error.message}`),
  };
}

function meanText(scores: readonly (number | null)[]): string {
  const known = scores.filter((score) => score !== null);
  return known.length === 0 ? "–" : ((100 * known.reduce((sum, score) => sum + score, 0)) / known.length).toFixed(1);
}
