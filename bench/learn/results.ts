/**
 * The results of a table: a line for every cell.
 *
 * @module
 */
import type { CellPlan, StageResult } from "./cell.ts";

/** A finished cell. */
export interface CellResult {
  readonly task: string;
  readonly title: string;
  readonly arm: string;
  readonly kind: "fixed" | "opto" | "original";
  readonly seed: number;
  /** In order of their shares of the budget. */
  readonly stages: readonly StageResult[];
}

export function resultOf({ task, arm, seed }: CellPlan, stages: readonly StageResult[]): CellResult {
  return { task: task.id, title: task.title, arm: arm.name, kind: arm.kind, seed, stages };
}

/** JSON lines, in an order that does not depend on when cells have finished. */
export function resultLines(results: readonly CellResult[]): string {
  const inOrder = results.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  return inOrder.map((result) => `${JSON.stringify(result)}\n`).join("");
}

/** The opposite of `resultLines`. */
export function readResults(text: string): CellResult[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as CellResult);
}

function placeOf({ task, arm, seed }: CellResult): string {
  return JSON.stringify([task, arm, String(seed).padStart(9, "0")]);
}
