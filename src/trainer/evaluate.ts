/**
 * `evaluate`: the scores of an agent on a dataset, untraced.
 *
 * @module
 */

import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { copyData } from "../graph/clone.ts";
import { ExecutionError } from "../graph/execution-error.ts";
import type { Module } from "../graph/module.ts";
import { noTrace } from "../graph/scope.ts";
import { type Guide, type GuideLike, toGuide } from "../guides/guide.ts";
import { Pool } from "./pool.ts";
import { mean, type Rollout, type RolloutResult, runTask, type TaskOptions } from "./rollout.ts";
import { type RolloutCodec, recorded } from "./rollout-records.ts";
import { askScore } from "./standard-optimization-step.ts";

/** The number of rollouts in flight when nobody says otherwise. */
export const defaultNumThreads = 8;

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** What an example scores on which the agent throws; `null` leaves it without a score, and then there is no mean. @default null */
  readonly minScore?: number | null | undefined;
  /** Rollouts for each example. @default 1 */
  readonly numSamples?: number | undefined;
  /** The most rollouts in flight at once. @default 8 */
  readonly numThreads?: number | undefined;
  /** What is being done, for loggers. @default "Evaluating agent" */
  readonly description?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The scores of an agent on a dataset. */
export interface Evaluation {
  /** The mean over all scored rollouts; `null` when a failing example has no score, because then there is no honest mean. */
  readonly mean: number | null;
  /** The mean over the samples of each example, in order; `null` where there is none. */
  readonly scores: readonly (number | null)[];
  /** Every score: one row for each example, one column for each sample. */
  readonly samples: readonly (readonly (number | null)[])[];
  /** Rollouts in which the agent threw. */
  readonly failed: number;
  /** Rollouts that could not be scored for reasons outside the agent; left out of the mean. */
  readonly unscored: number;
}

/**
 * Runs the agent on every input, each rollout on its own copy of agent and guide, and scores its answers.
 *
 * @throws InvalidArgumentError when there are no inputs or the lengths differ
 * @throws InfrastructureError when not one rollout could be scored
 */
export async function evaluate<X, Y, Info>(
  agent: Module<X, Y>,
  guide: GuideLike<X, Y, Info>,
  xs: readonly X[],
  infos: readonly Info[],
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  checkOptions(options, ["minScore", "numSamples", "numThreads", "description", "signal"], "evaluate");
  const { numThreads = defaultNumThreads, description = "Evaluating agent", ...rest } = options;
  return evaluateInPool(agent, guide, xs, infos, { ...rest, description, label: "evaluate", pool: new Pool(numThreads) });
}

/** `evaluate` in a pool that other work shares. */
export async function evaluateInPool<X, Y, Info>(
  agent: Module<X, Y>,
  guide: GuideLike<X, Y, Info>,
  xs: readonly X[],
  infos: readonly Info[],
  options: Omit<EvaluateOptions, "numThreads"> & TaskOptions,
): Promise<Evaluation> {
  const { minScore = null, numSamples = 1, ...task } = options;
  checkExamples(xs, infos, numSamples);
  const judge = toGuide(guide);
  const work = (index: number): Promise<RolloutResult<undefined>> => {
    const example = Math.floor(index / numSamples);
    return scoreOne(agent, judge, xs[example] as X, infos[example] as Info, minScore);
  };
  return summarize(await runTask(sampleLabels(xs.length, numSamples), work, task), numSamples);
}

/** The positions of the rollouts of a dataset: `example/17/sample/0`. */
export function sampleLabels(numExamples: number, numSamples: number): string[] {
  return Array.from({ length: numExamples * numSamples }, (_, index) => {
    return `example/${Math.floor(index / numSamples)}/sample/${index % numSamples}`;
  });
}

/** One untraced rollout on copies of agent and guide; an agent that throws scores `minScore`. */
export async function scoreOne<X, Y, Info>(
  agent: Module<X, Y>,
  guide: Guide<X, Y, Info>,
  x: X,
  info: Info,
  minScore: number | null,
): Promise<RolloutResult<undefined>> {
  const result = undefined;
  const about = (): unknown => ({ parameters: agent.candidate(), x, info });
  return recorded(about, scoreOnly, async () => {
    try {
      const output = await noTrace(() => agent.clone().call(copyData(x)));
      return { result, score: await askScore(guide.clone(), x, output.peek(), info) };
    } catch (error) {
      if (!(error instanceof ExecutionError)) throw error;
      return { result, score: minScore, error: error.exceptionNode.peek() };
    }
  });
}

const scoreOnly: RolloutCodec<undefined> = { write: () => null, read: () => undefined };

/** Puts the rollouts of a dataset, example by example, sample by sample, into an evaluation. */
export function summarize(rollouts: readonly Rollout<unknown>[], numSamples: number): Evaluation {
  const all = rollouts.map(({ score }) => score);
  const samples = Array.from({ length: all.length / numSamples }, (_, example) => {
    return all.slice(example * numSamples, (example + 1) * numSamples);
  });
  const hasFailureWithoutScore = rollouts.some(({ status, score }) => status === "failed" && score === null);
  return {
    mean: hasFailureWithoutScore ? null : mean(all.filter((score) => score !== null)),
    scores: samples.map((row) => mean(row.filter((score) => score !== null))),
    samples,
    failed: rollouts.filter(({ status }) => status === "failed").length,
    unscored: rollouts.filter(({ status }) => status === "unscored").length,
  };
}

function checkExamples(xs: readonly unknown[], infos: readonly unknown[], numSamples: number): void {
  if (xs.length !== infos.length) {
    throw new InvalidArgumentError(`Expected as many infos as inputs, got ${xs.length} inputs and ${infos.length} infos`);
  }
  if (xs.length === 0) throw new InvalidArgumentError("Expected at least one example to evaluate on, got none");
  if (!Number.isSafeInteger(numSamples) || numSamples < 1) {
    throw new InvalidArgumentError(`Expected \`numSamples\` to be a whole number of at least 1, got ${numSamples}`);
  }
}
