/**
 * Level 1: searches compared over a tensor in many seeded runs, and over the same tensor without differences (A/A).
 *
 * @module
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LearnSettings } from "../settings.ts";
import { chosenArms, reference } from "./choose-arms.ts";
import { chosenTensor, tensorIdentity } from "./choose-tensor.ts";
import type { PolicyRun } from "./policy-run.ts";
import type { PolicyJob, PolicyLine } from "./policy-worker.ts";
import { runJobs } from "./run-jobs.ts";

/** Runs every search with every seed, as far as it is not on record in the folder, and prints both tables. */
export async function replayPolicies(settings: LearnSettings, write: (text: string) => void): Promise<void> {
  const { tensor: path, runs, budget: rollouts, algorithms, out } = settings;
  const { origin, prompts, numExamples, numSamples } = await chosenTensor(path);
  const about = origin.isSimulated ? "A simulated tensor" : `${origin.task}, scored by ${origin.taskModel}`;
  write(`${about}: ${prompts.length} prompts × ${numExamples} examples × ${numSamples} samples`);
  write(`${runs} runs of ${rollouts} rollouts for each search`);
  const identity = tensorIdentity(path);
  const names = chosenArms(algorithms).map(({ name }) => name);
  const jobs = [false, true].flatMap((isSame) => {
    return names.flatMap((search) =>
      Array.from({ length: runs }, (_, seed): PolicyJob => ({ tensor: path, identity, isSame, search, seed, rollouts })),
    );
  });
  const file = join(out, "policies.jsonl");
  mkdirSync(out, { recursive: true });
  const done = new Map(readLines(file).map((line) => [jobName(line), line]));
  const onDone = (line: PolicyLine): void => {
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    done.set(jobName(line), line);
  };
  await runJobs(
    jobs.filter((job) => !done.has(jobName(job))),
    settings.concurrency,
    onDone,
  );
  for (const isSame of [false, true]) {
    const rows = names.map((search): PolicyRow => {
      const own = jobs.filter((job) => job.isSame === isSame && job.search === search);
      return [search, own.map((job) => done.get(jobName(job)) as PolicyLine)];
    });
    write(`\n${isSame ? "A/A: every prompt is as good as the start" : "As recorded"}\n\n${policyTable(rows)}`);
  }
}

/** The runs of a search, in order of their seeds. */
export type PolicyRow = readonly [search: string, runs: readonly PolicyRun[]];

/** Points above the start and above the reference, paired by seed. */
export function policyTable(rows: readonly PolicyRow[]): string {
  const others = new Map(rows).get(reference) ?? [];
  const lines = rows.map(([search, runs]) => {
    const gain = pairedText(runs.map(({ score, start }) => score - start));
    const differences = runs.flatMap(({ score }, seed) => score - (others[seed]?.score ?? Number.NaN));
    const share = (holds: (run: PolicyRun) => boolean): string => {
      return `${((100 * runs.filter(holds).length) / runs.length).toFixed(1)}%`;
    };
    const cells = [search, gain, search === reference ? "" : pairedText(differences)];
    const shares = [share(({ score, start }) => score < start), share(({ confirmed }) => confirmed)];
    return `| ${[...cells, ...shares, average(runs.map(({ proposals }) => proposals)).toFixed(0)].join(" | ")} |`;
  });
  const head = `| search | points above the start | above ${reference} | below the start | gain confirmed | proposals |`;
  return `${head}\n|---|---|---|---|---|---|\n${lines.join("\n")}`;
}

/** What a run is found again by. Where its tensor is does not matter. */
export function jobName({ identity, isSame, search, seed, rollouts }: PolicyJob): string {
  return JSON.stringify([identity, isSame, search, seed, rollouts]);
}

function readLines(file: string): PolicyLine[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as PolicyLine);
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
