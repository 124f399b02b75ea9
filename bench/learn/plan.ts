/**
 * Every cell of a table: tasks × arms × seeds.
 *
 * @module
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Arm, armsOf, baseName } from "./arms.ts";
import type { CellPlan } from "./cell.ts";
import type { LearnSettings } from "./settings.ts";
import { tasks } from "./tasks/index.ts";
import { splitRows } from "./tasks/split.ts";
import type { AnyTask } from "./tasks/task.ts";

/** The arms that are compared where `--algorithms` does not say which. */
const usualArms: readonly string[] = [
  ...["start", "hand-written", "hand-written+demos", "bestOfN", "sequentialRefinement", "default"],
  ...["gepa", "mipro", "bootstrapFewShot", "racingSearch", "gepa-original", "dspy-mipro"],
];

/**
 * The cells in the order in which they are run: all arms of a seed before the next seed, so that an unfinished table is paired.
 *
 * @param known the tasks by id @default all of the benchmark
 * @throws Error for an unknown task or algorithm
 */
export async function planCells(settings: LearnSettings, known: ReadonlyMap<string, AnyTask> = tasks): Promise<CellPlan[]> {
  const chosen = settings.tasks.map((id) => {
    const task = known.get(id);
    if (task === undefined) throw new Error(`Expected --tasks to be among ${[...known.keys()].join(", ")}, got ${id}`);
    return task;
  });
  checkAlgorithms(chosen, settings.algorithms);
  const cells: CellPlan[] = [];
  for (const task of chosen) {
    const arms = chosenArms(task, settings);
    const rows = await task.load(settings.cache);
    for (const seed of settings.seeds) {
      const split = splitRows(task, rows, settings.sizes, seed);
      cells.push(...arms.map((arm) => ({ task, arm, seed, split })));
    }
  }
  return cells.toSorted((a, b) => settings.seeds.indexOf(a.seed) - settings.seeds.indexOf(b.seed));
}

/** An algorithm may fit one task and not another. @throws Error where it fits none of these */
function checkAlgorithms(tasks: readonly AnyTask[], algorithms: readonly string[]): void {
  const known = new Set(tasks.flatMap((task) => [...armsOf(task, task.optimizers).keys()]));
  const unknown = algorithms.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new Error(`Expected --algorithms to be among ${[...known].join(", ")}, got ${unknown.join(", ")}`);
}

/** The start is always among them: everything is compared with it. */
function chosenArms(task: AnyTask, { algorithms, optimizers, unit }: LearnSettings): Arm[] {
  const wanted = [...armsOf(task, optimizers).values()];
  // A name with its optimizer needs no other option.
  const exact = armsOf(task, task.optimizers);
  const names = algorithms.length === 0 ? usualArms : ["start", ...algorithms];
  const named = names.flatMap((name): readonly (Arm | undefined)[] => {
    if (name.includes("/")) return [exact.get(name)];
    // A search by its name is meant with each of the optimizers.
    return wanted.filter((arm) => arm.name === name || (arm.kind === "opto" && baseName(arm.name) === name));
  });
  // Where nothing is called, only rollouts can be counted.
  const isCounted = (arm: Arm): boolean => arm.kind === "fixed" || unit === "task-calls" || task.callsModel;
  return [...new Map(named.flatMap((arm) => (arm === undefined ? [] : [[arm.name, arm] as const]))).values()].filter(isCounted);
}

/** What must not change between two invocations with the same folder. */
function identityOf(settings: LearnSettings): object {
  const { sizes, budget, unit, prices, task, optimizer, grammar, optimizerMaxTokens, optimizerContext } = settings;
  // Named only where it was chosen.
  const replyFormat = settings.replyFormat === "auto" ? undefined : settings.replyFormat;
  const models = { task: task.model, optimizer: optimizer.model, grammar, optimizerMaxTokens, optimizerContext, replyFormat };
  return { sizes, budget, unit, prices, models };
}

/**
 * Notes the settings of a folder, or compares them with those that it was begun with.
 *
 * @throws Error when they differ, and for a replay where there is nothing
 */
export function claimFolder(settings: LearnSettings): void {
  const file = join(settings.out, "settings.json");
  const text = `${JSON.stringify(identityOf(settings), null, 2)}\n`;
  if (!existsSync(file)) {
    if (settings.replay) throw new Error(`There is no table in ${settings.out}`);
    mkdirSync(settings.out, { recursive: true });
    writeFileSync(file, text);
  } else if (readFileSync(file, "utf8") !== text) {
    throw new Error(`${settings.out} was begun with other settings (see settings.json there). Choose another folder with --out`);
  }
}
