/**
 * Runs another library's algorithm in a process of its own. It calls the same models through the same proxy, and reports what it would
 * return whenever that changes.
 *
 * @module
 */
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Candidate, InfrastructureError, type Module, withValues } from "opto";
import { type Guide, toGuide } from "opto/guides";
import { runProgram, withoutModels } from "../../../scripts/run-program.ts";
import type { OriginalArm } from "../arms.ts";
import { cellId, type RunningCell, type StageOutcome } from "../cell.ts";
import { startOf } from "../fixed-values.ts";
import { modelOf } from "../models.ts";
import { patiently } from "../patience.ts";
import type { CellService } from "../proxy/call-proxy.ts";
import { amountOf, nothingSpent, type Spending } from "../proxy/spending.ts";
import type { Row } from "../tasks/task.ts";
import { originals } from "./originals.ts";
import { pythonEnvironment } from "./python-environment.ts";

/** What the program would have returned, and what was spent by then. */
interface Choice {
  readonly values: Candidate;
  readonly spent: Spending;
  readonly ms: number;
}

/** The end of the program. */
interface Ending {
  readonly spent: Spending;
  readonly ms: number;
  readonly version: string;
}

/**
 * What it had chosen when a share of the budget was spent. The program runs once, with the whole budget; one that was interrupted
 * begins again.
 */
export async function runOriginal(cell: RunningCell, arm: OriginalArm, share: number): Promise<StageOutcome> {
  const endFile = join(cell.folder, "ended.json");
  if (!existsSync(endFile)) await runToTheEnd(cell, arm, endFile);
  const { spent, ms, version } = JSON.parse(readFileSync(endFile, "utf8")) as Ending;
  const { unit, budget } = cell.settings;
  const amount = share * budget;
  const choices = choicesIn(cell.folder);
  const made = choices.findLast((choice) => amountOf(choice.spent, unit) <= amount);
  const start = { values: slotsOf(cell), spent: nothingSpent, ms: 0 };
  const { values } = made ?? start;
  const isAll = share === 1;
  return {
    values: { ...startOf(cell.task), ...values },
    spent: isAll ? spent : (made ?? start).spent,
    ms: isAll ? ms : (made ?? start).ms,
    isOver: false,
    version,
  };
}

async function runToTheEnd(cell: RunningCell, arm: OriginalArm, endFile: string): Promise<void> {
  const { settings, calls, open, proxy, split, seed, folder, task } = cell;
  const original = originals.find(({ name }) => name === arm.original);
  if (original === undefined) throw new Error(`Unknown original ${arm.original}`);
  const { python, version } = await pythonEnvironment(original, settings.cache, settings.python);
  // Its own state is lost with its process.
  calls.restart();
  rmSync(join(folder, "choices.jsonl"), { force: true });
  calls.allow(settings.budget);
  const started = performance.now();
  const failed: string[] = [];
  const service = serviceOf(cell, started, (reason) => failed.push(reason));
  const served = proxy.open(`${cellId(cell)}--service`, calls, service);
  const order = {
    algorithm: arm.original,
    settings: arm.settings,
    serviceUrl: served.serviceUrl,
    taskUrl: open.urlFor("task"),
    optimizerUrl: open.urlFor("optimizer"),
    start: slotsOf(cell),
    demonstrations: task.demonstrations ?? null,
    train: split.train.map(textsOf),
    validation: split.validation.map(textsOf),
    numTrain: split.train.length,
    numValidation: split.validation.length,
    budget: settings.budget,
    unit: settings.unit,
    maxTokens: task.maxOutputTokens ?? 64,
    timeoutSeconds: settings.callTimeoutMs / 1_000,
    seed,
  };
  const program = fileURLToPath(new URL(original.program, import.meta.url));
  try {
    const env = { ...withoutModels(), PYTHONDONTWRITEBYTECODE: "1", PYTHONHASHSEED: "0", DSPY_CACHEDIR: join(folder, "dspy") };
    const result = await runProgram(python, [program, JSON.stringify(order)], { timeoutMs: settings.originalTimeoutMs, env });
    if (result.code !== 0) throw new Error(`${arm.name} ended with code ${result.code}: ${result.output.trim().slice(-600)}`);
  } finally {
    served.close();
  }
  // What could not be answered was scored as wrong, which says nothing about the algorithm.
  const refusals = [...failed, ...calls.refusals];
  if (refusals.length > 0) {
    throw new Error(`${arm.name} begins again: ${refusals.length} calls within the budget had no reply, such as: ${refusals[0]}`);
  }
  const ending: Ending = { spent: calls.spent, ms: Math.round(performance.now() - started + calls.sparedMs), version };
  appendFileSync(endFile, JSON.stringify(ending));
}

function serviceOf(cell: RunningCell, started: number, onFailed: (reason: string) => void): CellService {
  const { task, open, split, calls, folder } = cell;
  const agent = task.agent({ model: modelOf(open, "task"), trainsDemonstrations: true });
  const guide = toGuide(task.guide);
  const rowAt = (body: unknown): Row => {
    const { dataset, example } = body as { readonly dataset: "train" | "validation"; readonly example: number };
    return split[dataset][example] as Row;
  };
  const actions: Readonly<Record<string, CellService>> = {
    rollout: async (_action, body) => {
      const row = rowAt(body);
      return rolloutOf({
        agent,
        guide,
        row,
        values: (body as { readonly values: Candidate }).values,
        isOver: (error) => {
          const unanswered = error instanceof InfrastructureError ? error.message : undefined;
          const reason = calls.isSpent ? undefined : (calls.refusals.at(-1) ?? unanswered);
          if (reason !== undefined) onFailed(reason);
          return calls.isSpent || reason !== undefined;
        },
      });
    },
    score: async (_action, body) => {
      const { input, info } = rowAt(body);
      return guide.getFeedback(input, (body as { readonly output: unknown }).output, info);
    },
    chosen: async (_action, body) => {
      const { values } = body as { readonly values: Candidate };
      const choice: Choice = { values, spent: calls.spent, ms: Math.round(performance.now() - started + calls.sparedMs) };
      appendFileSync(join(folder, "choices.jsonl"), `${JSON.stringify(choice)}\n`);
      return { spent: calls.isSpent };
    },
    spent: async () => ({ spent: calls.isSpent }),
  };
  return async (action, body) => {
    const serve = actions[action];
    if (serve === undefined) throw new Error(`Unknown action ${action}`);
    return serve(action, body);
  };
}

interface RolloutParts {
  readonly agent: Module;
  readonly guide: Guide;
  readonly row: Row;
  readonly values: Candidate;
  /** Whether nothing more will be answered. @param error what the agent threw */
  readonly isOver: (error: unknown) => boolean;
}

/** A failure of the agent scores as the lowest, as it does in opto; one because the model does not answer any more ends the program. */
async function rolloutOf({ agent, guide, row, values, isOver }: RolloutParts): Promise<object> {
  const { input, info } = row;
  const lowest = guide.scoreRange?.[0] ?? 0;
  try {
    const output = await patiently(() => withValues(agent, values, async () => (await agent.call(input)).peek()));
    const { score, feedback } = await guide.getFeedback(input, output, info);
    return { score: score ?? lowest, feedback, input, output };
  } catch (error) {
    if (isOver(error)) return { spent: true };
    return { score: lowest, feedback: String((error as Error).message), input, output: null };
  }
}

/** The slots that hold a text: what the originals can change. */
function slotsOf({ task }: RunningCell): Candidate {
  return Object.fromEntries(Object.entries(startOf(task)).filter(([, value]) => typeof value === "string"));
}

function textsOf({ input, info }: Row): object {
  return { input, info };
}

function choicesIn(folder: string): Choice[] {
  const file = join(folder, "choices.jsonl");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Choice);
}
