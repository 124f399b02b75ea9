/**
 * What it costs to keep a run: journal, checkpoints and records beside rollouts that take 20 ms, and how soon a long run goes on.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MinibatchAlgorithm, type TrainResult } from "opto/algorithms";
import { type Module, model, parameter } from "opto/graph";
import { Optimizer, type Suggestion } from "opto/optimizers";
import { runDirectory } from "opto/runs";
import type { RunEvent } from "opto/trainer";
import type { Benchmark } from "./benchmark.ts";

const numThreads = 64;
const rolloutMs = 20;
const batchSize = 256;
const numExamples = 12_800;
const eventsOfLongRun = 100_000;

export const runCost: readonly Benchmark[] = [
  { name: "keeping a run, 20 ms rollouts, 64 in flight", unit: "% of wall time", limit: 2, sample: costOfKeeping },
  { name: "resuming a run of 100,000 events", unit: "ms", limit: 2_000, sample: timeToResume },
];

/** Proposes no change. */
class Idle extends Optimizer {
  protected suggest(): Suggestion {
    return { values: new Map() };
  }
}

/** One question in so many is answered also without time: a run in which nothing is scored ends with an error. */
const answered = 16;

/** Without time to take it fails: a rollout that fails has a line of its own in the journal. */
function agentTaking(ms: number): Module<string, string> {
  return model({ prompt: parameter("Answer.") }, async ({ prompt }, question: string) => {
    if (ms === 0 && Number(question.split(" ")[1]) % answered !== 0) throw new RangeError("no time");
    await sleep(ms);
    return `${prompt.value} ${question}`;
  });
}

interface Options {
  readonly ms: number;
  readonly folder?: string;
  readonly examples: number;
  readonly maxIterations?: number;
  readonly onEvent?: (event: RunEvent) => void;
}

function training({ ms, folder, examples, maxIterations, onEvent }: Options): Promise<TrainResult> {
  const agent = agentTaking(ms);
  const questions = Array.from({ length: examples }, (_, index) => `question ${index}`);
  const logger = onEvent === undefined ? [] : { onEvent };
  const trainer = new MinibatchAlgorithm(agent, new Idle(agent), { numThreads, logger });
  const keeper = folder === undefined ? null : runDirectory({ dir: folder, id: "bench" });
  const guide = (_question: string, answer: string): [number, string] => [answer.length, "fine"];
  const dataset = { inputs: questions, infos: questions };
  return trainer.train(guide, dataset, { batchSize, evalFrequency: 0, keeper, stop: { maxIterations } });
}

let keepsFirst = false;

/** The same work with and without a folder, one after the other, in either order by turns. */
async function costOfKeeping(): Promise<number> {
  keepsFirst = !keepsFirst;
  const kept = (): Promise<number> =>
    inFolder((folder) => timed(() => training({ ms: rolloutMs, examples: numExamples, folder })));
  const bare = (): Promise<number> => timed(() => training({ ms: rolloutMs, examples: numExamples }));
  const early = keepsFirst ? await kept() : undefined;
  const without = await bare();
  return ((early ?? (await kept())) / without - 1) * 100;
}

async function timeToResume(): Promise<number> {
  return inFolder(async (folder) => {
    const examples = Math.ceil((eventsOfLongRun * answered) / (answered - 1));
    const iterations = Math.floor(examples / batchSize);
    await training({ ms: 0, folder, examples, maxIterations: iterations - 1 });
    const started = performance.now();
    let goesOnAt = Number.NaN;
    const onEvent = ({ type }: RunEvent): void => {
      if (type === "run-resumed") goesOnAt = performance.now() - started;
    };
    await training({ ms: 0, folder, examples, maxIterations: iterations, onEvent });
    return goesOnAt;
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function inFolder<R>(use: (folder: string) => Promise<R>): Promise<R> {
  const folder = await mkdtemp(join(tmpdir(), "opto-bench-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
