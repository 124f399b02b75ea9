/**
 * `evaluate`: the scores of an agent on a dataset, untraced.
 *
 * @module
 */
import { declaredFailureScore } from "../data/comparison.ts";
import type { MaybePromise } from "../data/maybe-promise.ts";
import { anything, finiteNumber, groupOf, type OptionTable, orNull, trueOrFalse, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Scores } from "../data/scores.ts";
import type { Module } from "../graph/module.ts";
import { type GuideLike, scoreRangeOf, toGuide } from "../guides/guide.ts";
import { type Evaluation, evaluationOf } from "./evaluation.ts";
import {
  type EvaluateArguments,
  type ExampleSource,
  type Examples,
  readEvaluateArguments,
  refuseNone,
  type Sample,
  samplesOf,
} from "./example-source.ts";
import type { RolloutDataset, RolloutPlace } from "./executor.ts";
import { obtainRollout } from "./obtain-rollout.ts";
import { Pool } from "./pool.ts";
import { type RolloutResult, runRollouts, type Task, type TaskOptions } from "./rollout.ts";
import { type RolloutOptions, rolloutTable } from "./rollout-options.ts";
import { type RolloutParts, scoreHere } from "./rollout-work.ts";
import type { RolloutCodec } from "./run-keeper.ts";
import { cellOf, ScoreList, type TaskTally } from "./task-tally.ts";

/** The number of rollouts in flight unless an option says otherwise. */
export const defaultNumThreads = 8;

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /**
   * The score of an example on which the agent throws. `null`: the lowest of the guide's `scoreRange`, else the lowest score of
   * the evaluation, at most 0.
   *
   * @default null
   */
  readonly minScore?: number | null | undefined;
  /**
   * Whether less of a score is better, as in an objective that minimizes `score`: a failure then counts as the highest of the guide's `scoreRange`,
   * else as the highest score of the evaluation.
   *
   * @default false
   */
  readonly lowerIsBetter?: boolean | undefined;
  /** Rollouts for each example. @default 1 */
  readonly numSamples?: number | undefined;
  /** The most rollouts in flight at the same time. @default 8 */
  readonly numThreads?: number | undefined;
  /** What is being done, for loggers. @default "Evaluating agent" */
  readonly description?: string | undefined;
  /** How long rollouts may take, and which of their errors are outages. @default inside a run as in the run */
  readonly rollouts?: RolloutOptions | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the agent on every input and scores its answers. Each rollout has its own copy of agent and guide. Examples that could not be scored for
 * reasons outside the agent are run again after the others.
 *
 * @throws InvalidArgumentError when there are no inputs or the lengths differ
 * @throws InfrastructureError when no rollout could be scored
 */
export function evaluate<X, Y, Info>(
  agent: Module<X, Y>,
  guide: GuideLike<X, Y, Info>,
  xs: readonly X[],
  infos: readonly Info[],
  options?: EvaluateOptions,
): Promise<Evaluation>;
/**
 * The same for examples that come one by one from any iterable, also an asynchronous one. It is read as slots become free,
 * so a million examples take no more room than their scores.
 *
 * @throws InvalidArgumentError when there are no examples, or one is not an example
 * @throws what the iterable throws
 * @example
 * const { mean } = await evaluate(agent, exactMatch(), rowsOfDatabase(), { numThreads: 64 });
 */
export function evaluate<X, Y, Info>(
  agent: Module<X, Y>,
  guide: GuideLike<X, Y, Info>,
  examples: ExampleSource<X, Info>,
  options?: EvaluateOptions,
): Promise<Evaluation>;
export async function evaluate<X, Y, Info>(
  agent: Module<X, Y>,
  guide: GuideLike<X, Y, Info>,
  ...rest: EvaluateArguments<X, Info, EvaluateOptions>
): Promise<Evaluation> {
  const { examples, options = {} } = readEvaluateArguments(rest);
  checkTable(options, evaluateTable, "evaluate", "");
  const { numThreads = defaultNumThreads, description = "Evaluating agent", ...others } = options;
  return evaluateInPool(agent, guide, examples, { ...others, description, label: "evaluate", pool: new Pool(numThreads) });
}

/** The options of `evaluate`. */
export const evaluateTable: OptionTable<EvaluateOptions> = {
  minScore: orNull(finiteNumber),
  lowerIsBetter: trueOrFalse,
  numSamples: wholeFrom(1),
  numThreads: wholeFrom(1),
  description: anything,
  rollouts: groupOf<RolloutOptions>(rolloutTable),
  signal: anything,
};

/** What is known of an example without running the agent on it. */
export interface KnownScore {
  readonly score: number | null;
  /** Further metrics by name. */
  readonly scores?: Scores | undefined;
  /** Whether the agent threw. */
  readonly failed: boolean;
}

/** Examples of the run whose agent is evaluated. */
export interface RunExamples {
  readonly dataset: RolloutDataset;
  /** Their indices in the dataset. @default all of it */
  readonly indices?: readonly number[] | undefined;
}

/** Options of evaluations inside a run. */
export interface EvaluateInPoolOptions
  extends Omit<EvaluateOptions, "numThreads" | "description">,
    Omit<TaskOptions, "rolloutTimeoutMs" | "isInfrastructure" | "dataset"> {
  /** What is known of an example of a list, by its place. It is not run again, and has no part in the events. */
  readonly known?: ((example: number) => KnownScore | undefined) | undefined;
  /** Which examples of the run these are; without it, an executor has no part in the evaluation. */
  readonly from?: RunExamples | undefined;
}

/** `evaluate` in a pool that other work shares. */
export async function evaluateInPool<X, Y, Info>(
  agent: Module<X, Y>,
  guide: GuideLike<X, Y, Info>,
  examples: Examples<X, Info>,
  options: EvaluateInPoolOptions,
): Promise<Evaluation> {
  const {
    minScore = null,
    lowerIsBetter = false,
    numSamples = 1,
    known,
    from,
    rollouts: { timeoutMs, isInfrastructure } = {},
    ...rest
  } = options;
  const task = { ...rest, dataset: from?.dataset, lowerIsBetter, rolloutTimeoutMs: timeoutMs, isInfrastructure };
  const judge = toGuide(guide);
  const failureScore = declaredFailureScore({ minScore, scoreRange: scoreRangeOf(judge), lowerIsBetter });
  const before = knownScores(examples, numSamples, known);
  const { total } = examples;
  const left = total === null ? null : total * numSamples - before.count;
  if (left === 0) return evaluationOf({ ...before, numSamples, failureScore, lowerIsBetter });
  const scoring: Scoring<X, Info> = {
    score: (item) => scoreOne({ agent, guide: judge, x: item.input, info: item.info, failureScore }, placeIn(from, item)),
    placeOf: ({ example, sample }) => example * numSamples + sample,
    all: known && before.all,
    further: before.further,
  };
  const { tally, unscored } = await scoreSamples(scoring, { items: samplesOf(examples, numSamples, known), total: left }, task);
  const all = known === undefined ? tally.scores : before.all;
  if (all.length === 0) refuseNone();
  let failed = before.failed + tally.failed;
  if (unscored.length > 0 && (tally.hasOutcome || before.count > 0)) {
    const again = { ...task, description: `${task.description}, retrying unscored examples`, label: `${task.label}/again` };
    const items = { items: unscored, total: unscored.length, isRepeat: true };
    failed += (await scoreSamples({ ...scoring, all }, items, again)).tally.failed;
  }
  return evaluationOf({ all, further: before.further, numSamples, failed, failureScore, lowerIsBetter });
}

/** How samples are scored, and where their scores are kept. */
interface Scoring<X, Info> {
  readonly score: (item: Sample<X, Info>) => MaybePromise<RolloutResult<undefined>>;
  /** The place of a sample in the lists. */
  readonly placeOf: (item: Sample<X, Info>) => number;
  /** `undefined`: in the tally alone. */
  readonly all: ScoreList | undefined;
  /** Further metrics by name. */
  readonly further: Map<string, ScoreList>;
}

/** Scores samples in the pool of the task; returns those that could not be scored, in order. */
async function scoreSamples<X, Info>(
  { score, placeOf, all, further }: Scoring<X, Info>,
  items: Pick<Task<Sample<X, Info>, undefined>, "items" | "total" | "isRepeat">,
  options: TaskOptions,
): Promise<{ tally: TaskTally; unscored: Sample<X, Info>[] }> {
  const unscored: Sample<X, Info>[] = [];
  const task: Task<Sample<X, Info>, undefined> = {
    ...items,
    labelOf: ({ example, sample }) => `example/${example}/sample/${sample}`,
    work: score,
    onEnd: (rollout, item) => {
      if (cellOf(rollout) === "unscored") unscored.push(item);
      all?.set(placeOf(item), cellOf(rollout));
      noteMetrics(further, placeOf(item), rollout);
    },
  };
  const tally = await runRollouts(task, options);
  return { tally, unscored: unscored.sort((a, b) => placeOf(a) - placeOf(b)) };
}

/**
 * One untraced rollout on copies of agent and guide.
 *
 * @param place which example of the run it is; `undefined` for others, which only this process can do
 */
export function scoreOne<X, Y, Info>(
  parts: RolloutParts<X, Y, Info>,
  place: RolloutPlace | undefined,
): MaybePromise<RolloutResult<undefined>> {
  const { agent, guide, x, info, failureScore } = parts;
  const task = place && (() => ({ about: { ...place, mode: "score" as const, failureScore }, read: scoreOnly.read }));
  return obtainRollout({ agent, guide, x, info, codec: scoreOnly, task, work: () => scoreHere(parts) });
}

const scoreOnly: RolloutCodec<undefined> = { write: () => null, read: () => undefined };

/** The example of the run that a rollout of an evaluation is of. */
function placeIn(from: RunExamples | undefined, { example, sample }: Sample<unknown, unknown>): RolloutPlace | undefined {
  return from && { dataset: from.dataset, example: from.indices?.[example] ?? example, sample };
}

/** What need not be run. */
interface KnownScores {
  readonly all: ScoreList;
  readonly further: Map<string, ScoreList>;
  /** How many rollouts. */
  readonly count: number;
  readonly failed: number;
}

function knownScores(
  { total }: Examples<unknown, unknown>,
  numSamples: number,
  known: EvaluateInPoolOptions["known"],
): KnownScores {
  const all = new ScoreList();
  const further = new Map<string, ScoreList>();
  let [count, failed] = [0, 0];
  for (let example = 0; known !== undefined && example < (total ?? 0); example++) {
    const found = known(example);
    if (found === undefined) continue;
    const cell = cellOf({ status: found.failed ? "failed" : "scored", score: found.score });
    for (let sample = 0; sample < numSamples; sample++) {
      all.set(example * numSamples + sample, cell);
      noteMetrics(further, example * numSamples + sample, found);
    }
    count += numSamples;
    if (found.failed) failed += numSamples;
  }
  return { all, further, count, failed };
}

/** Keeps the further metrics of a rollout that has a score. */
function noteMetrics(
  further: Map<string, ScoreList>,
  place: number,
  { score, scores }: Pick<KnownScore, "score" | "scores">,
): void {
  if (score === null || scores === undefined) return;
  for (const [metric, value] of Object.entries(scores)) {
    let list = further.get(metric);
    if (list === undefined) {
      list = new ScoreList();
      further.set(metric, list);
    }
    list.set(place, value);
  }
}
