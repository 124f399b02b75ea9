/**
 * A cell of the table: one task, one arm, one seed. It is run in stages, one for each share of the budget at which it is scored.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Candidate } from "opto";
import type { Arm } from "./arms.ts";
import type { HeldOutScores } from "./held-out-scores.ts";
import type { CallProxy, OpenCell } from "./proxy/call-proxy.ts";
import type { CellCalls } from "./proxy/cell-calls.ts";
import type { Spending } from "./proxy/spending.ts";
import type { LearnSettings } from "./settings.ts";
import type { TaskSplit } from "./tasks/split.ts";
import type { AnyTask } from "./tasks/task.ts";

/** Which cell. */
export interface CellPlan {
  readonly task: AnyTask;
  readonly arm: Arm;
  readonly seed: number;
  readonly split: TaskSplit;
}

/** A cell that is being run. */
export interface RunningCell extends CellPlan {
  readonly settings: LearnSettings;
  /** Its folder. */
  readonly folder: string;
  readonly calls: CellCalls;
  readonly proxy: CallProxy;
  readonly open: OpenCell;
}

/** What an algorithm has come to at a share of its budget. */
export interface StageOutcome {
  readonly values: Candidate;
  readonly spent: Spending;
  /** Milliseconds since the beginning of the cell, held-out scores not counted. */
  readonly ms: number;
  /** Whether more budget changes nothing. */
  readonly isOver: boolean;
  /** The version of the library, where it is another one. */
  readonly version?: string | undefined;
}

/** A stage with its scores on data that the algorithm has not seen. */
export interface StageResult extends StageOutcome, HeldOutScores {
  /** Of the budget, above 0 and at most 1. */
  readonly share: number;
}

/** The shares of the budget at which every cell is scored. */
export const shares = [0.25, 0.5, 1] as const;

/** The name of a cell, which is also its folder. */
export function cellId({ task, arm, seed }: Pick<CellPlan, "task" | "arm" | "seed">): string {
  return cellName(task.id, arm.name, seed);
}

export function cellName(task: string, arm: string, seed: number): string {
  return `${task}--${arm.replaceAll(/[^\w-]+/g, "-")}--${seed}`;
}

/** Where the record of a cell is. */
export function cellFolder(out: string, plan: Pick<CellPlan, "task" | "arm" | "seed">): string {
  return join(out, "cells", cellId(plan));
}

/** The stages on record. */
export function recordedStages(folder: string): StageResult[] {
  const file = join(folder, "stages.jsonl");
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as StageResult);
}
