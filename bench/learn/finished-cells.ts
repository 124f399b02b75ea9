/**
 * The cells of a folder that have finished, whichever command has run them.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CellPlan, recordedStages, shares } from "./cell.ts";
import { type CellResult, resultOf } from "./results.ts";

/** Notes which cell a folder is of. */
export function noteCell(folder: string, plan: CellPlan): void {
  const { stages: _, ...cell } = resultOf(plan, []);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "cell.json"), `${JSON.stringify(cell)}\n`);
}

/** The results on record. */
export function finishedCells(out: string): CellResult[] {
  const cells = join(out, "cells");
  if (!existsSync(cells)) return [];
  return readdirSync(cells).flatMap((name): CellResult[] => {
    const folder = join(cells, name);
    const note = join(folder, "cell.json");
    const stages = recordedStages(folder);
    if (stages.length < shares.length || !existsSync(note)) return [];
    return [{ ...(JSON.parse(readFileSync(note, "utf8")) as Omit<CellResult, "stages">), stages }];
  });
}

/** These results, with those on record of all other cells of the table. */
export function withOtherCells(results: readonly CellResult[], out: string): CellResult[] {
  const nameOf = ({ task, arm, seed }: CellResult): string => JSON.stringify([task, arm, seed]);
  const own = new Set(results.map(nameOf));
  return [...results, ...finishedCells(out).filter((cell) => !own.has(nameOf(cell)))];
}
