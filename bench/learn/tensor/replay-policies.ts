/**
 * Level 1: searches compared over a tensor in many seeded runs, and over the same tensor without differences (A/A).
 *
 * @module
 */

import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type OptoArm, optoArms } from "../arms.ts";
import type { LearnSettings } from "../settings.ts";
import { numerical } from "../tasks/numerical.ts";
import { type PolicyRun, runPolicy } from "./policy-run.ts";
import { readTensor, type Tensor } from "./tensor.ts";
import { withoutDifferences } from "./tensor-world.ts";
import { toyTensor } from "./toy-tensor.ts";

/** The tensor that comes with the benchmark, once one was made. */
const ownTensor = fileURLToPath(new URL("tensor.json", import.meta.url));
const usualSearches = ["default", "basic", "bestOfN", "sequentialRefinement", "bestOf", "gepa", "prioritySearch", "racingSearch"];
const reference = "default";

/** One table: a tensor and its rows. */
interface LevelTable {
  readonly name: string;
  readonly rows: ReadonlyMap<string, readonly PolicyRun[]>;
}

/** Runs every search with every seed, prints tables, and writes all runs as JSON lines. */
export async function replayPolicies(settings: LearnSettings, write: (text: string) => void): Promise<void> {
  const tensor = await chosenTensor(settings.tensor);
  const { task, taskModel, isSimulated } = tensor.origin;
  write(
    `${isSimulated ? "A simulated tensor" : `${task}, scored by ${taskModel}`}: ${tensor.prompts.length} prompts × ${tensor.numExamples} examples × ${tensor.numSamples} samples`,
  );
  write(`${settings.runs} runs of ${settings.budget} rollouts each`);
  const arms = chosenArms(settings.algorithms);
  const tables = [
    await tableOf("as recorded", arms, tensor, settings),
    await tableOf("A/A: every prompt is as good as the start", arms, withoutDifferences(tensor), settings),
  ];
  for (const table of tables) write(tableText(table));
  await mkdir(settings.out, { recursive: true });
  const lines = tables.flatMap(({ name, rows }) => {
    return [...rows].flatMap(([search, runs]) => runs.map((run, seed) => JSON.stringify({ table: name, search, seed, ...run })));
  });
  await writeFile(join(settings.out, "policies.jsonl"), `${lines.join("\n")}\n`);
}

/** Searches of one parameter that holds no demonstrations. */
export function chosenArms(names: readonly string[]): OptoArm[] {
  const all = new Map(optoArms(numerical).map((arm) => [arm.name, arm]));
  return [...new Set([reference, ...(names.length === 0 ? usualSearches : names)])].map((name) => {
    const arm = all.get(name);
    if (arm === undefined) throw new Error(`Expected --algorithms to be among ${[...all.keys()].join(", ")}, got ${name}`);
    return arm;
  });
}

async function chosenTensor(path: string | undefined): Promise<Tensor> {
  if (path === "toy") return toyTensor({ seed: 0, numPrompts: 200, numExamples: 300, numSamples: 3 });
  if (path === undefined && !existsSync(ownTensor)) {
    throw new Error(
      "There is no tensor yet. Make one with `npx tsx bench/learn/make-tensor.ts`, or pass --tensor toy for a simulated one",
    );
  }
  return readTensor(path ?? ownTensor);
}

async function tableOf(
  name: string,
  arms: readonly OptoArm[],
  tensor: Tensor,
  { runs, budget }: LearnSettings,
): Promise<LevelTable> {
  const rows = new Map<string, PolicyRun[]>();
  for (const arm of arms) {
    const own: PolicyRun[] = [];
    for (let seed = 0; seed < runs; seed++) own.push(await runPolicy(arm, tensor, seed, budget));
    rows.set(arm.name, own);
  }
  return { name, rows };
}

function tableText({ name, rows }: LevelTable): string {
  const others = rows.get(reference) as readonly PolicyRun[];
  const lines = [...rows].map(([search, runs]) => {
    const gain = pairedText(runs.map(({ score, start }) => score - start));
    const ahead =
      search === reference ? "" : pairedText(runs.map(({ score }, seed) => score - (others[seed] as PolicyRun).score));
    const share = (holds: (run: PolicyRun) => boolean): string =>
      `${((100 * runs.filter(holds).length) / runs.length).toFixed(1)}%`;
    const cells = [search, gain, ahead, share(({ score, start }) => score < start), share(({ confirmed }) => confirmed)];
    return `| ${[...cells, average(runs.map(({ proposals }) => proposals)).toFixed(0)].join(" | ")} |`;
  });
  const head = `| search | points above the start | above ${reference} | below the start | gain confirmed | proposals |`;
  return `\n${name}\n\n${head}\n|---|---|---|---|---|---|\n${lines.join("\n")}`;
}

/** A mean in points with its 95% interval over runs. */
function pairedText(differences: readonly number[]): string {
  const middle = average(differences);
  const variance = differences.reduce((sum, one) => sum + (one - middle) ** 2, 0) / Math.max(1, differences.length - 1);
  const half = 1.96 * Math.sqrt(variance / differences.length);
  return `${middle < 0 ? "−" : "+"}${Math.abs(100 * middle).toFixed(2)} ± ${(100 * half).toFixed(2)}`;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
