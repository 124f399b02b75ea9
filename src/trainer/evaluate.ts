/**
 * `evaluate`: the scores of an agent on a dataset, untraced.
 *
 * @module
 */
import type { Example } from "../data/dataset.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { copyData } from "../graph/clone.ts";
import { ExecutionError } from "../graph/execution-error.ts";
import type { Module } from "../graph/module.ts";
import { noTrace } from "../graph/scope.ts";
import { type Guide, type GuideLike, toGuide } from "../guides/guide.ts";
import { type Evaluation, evaluationOf } from "./evaluation.ts";
import {
  checkExample,
  type EvaluateArguments,
  type ExampleSource,
  type Examples,
  readEvaluateArguments,
  refuseNone,
} from "./example-source.ts";
import { Pool } from "./pool.ts";
import { type RolloutResult, runRollouts, type TaskOptions } from "./rollout.ts";
import { type RolloutCodec, recorded } from "./rollout-records.ts";
import { ScoreList } from "./score-list.ts";
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

/**
 * Runs the agent on every input, each rollout on its own copy of agent and guide, and scores its answers.
 *
 * @throws InvalidArgumentError when there are no inputs or the lengths differ
 * @throws InfrastructureError when not one rollout could be scored
 */
export function evaluate<X, Y, Info>(
  agent: Module<X, Y>,
  guide: GuideLike<X, Y, Info>,
  xs: readonly X[],
  infos: readonly Info[],
  options?: EvaluateOptions,
): Promise<Evaluation>;
/**
 * The same for examples that come one by one from any iterable, also an asynchronous one. It is read as places become free,
 * so a million examples take no more room than their scores.
 *
 * @throws InvalidArgumentError when there is no example, or one is none
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
  checkOptions(options, ["minScore", "numSamples", "numThreads", "description", "signal"], "evaluate");
  const { numThreads = defaultNumThreads, description = "Evaluating agent", ...others } = options;
  return evaluateInPool(agent, guide, examples, { ...others, description, label: "evaluate", pool: new Pool(numThreads) });
}

/** What is known of an example without running the agent on it. */
export interface KnownScore {
  readonly score: number | null;
  /** Whether the agent threw. */
  readonly failed: boolean;
}

/** Options of evaluations inside of a run. */
export interface EvaluateInPoolOptions extends Omit<EvaluateOptions, "numThreads" | "description">, TaskOptions {
  /** What is known of an example of a list, by its place. It is not run again, and has no part in the events. */
  readonly known?: ((example: number) => KnownScore | undefined) | undefined;
}

/** `evaluate` in a pool that other work shares. */
export async function evaluateInPool<X, Y, Info>(
  agent: Module<X, Y>,
  guide: GuideLike<X, Y, Info>,
  examples: Examples<X, Info>,
  options: EvaluateInPoolOptions,
): Promise<Evaluation> {
  const { minScore = null, numSamples = 1, known, ...task } = options;
  if (!Number.isSafeInteger(numSamples) || numSamples < 1) {
    throw new InvalidArgumentError(`Expected \`numSamples\` to be a whole number of at least 1, got ${numSamples}`);
  }
  const judge = toGuide(guide);
  const before = knownScores(examples, numSamples, known);
  const { total } = examples;
  const left = total === null ? null : total * numSamples - before.count;
  if (left === 0) return evaluationOf({ ...before, numSamples, unscored: 0 });
  const tally = await runRollouts<Sample<X, Info>, undefined>(
    {
      items: samplesOf(examples, numSamples, known),
      total: left,
      labelOf: ({ example, sample }) => `example/${example}/sample/${sample}`,
      work: ({ input, info }) => scoreOne(agent, judge, input, info, minScore),
      onEnd: known && ((rollout, { example, sample }) => before.all.set(example * numSamples + sample, rollout.score)),
    },
    task,
  );
  const all = known === undefined ? tally.scores : before.all;
  if (all.length === 0) refuseNone();
  return evaluationOf({
    all,
    numSamples,
    failed: before.failed + tally.failed,
    unscored: tally.unscored,
    hasFailureWithoutScore: before.hasFailureWithoutScore || tally.hasFailureWithoutScore,
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

/** One rollout of an example. */
interface Sample<X, Info> extends Example<X, Info> {
  readonly example: number;
  readonly sample: number;
}

type Known = EvaluateInPoolOptions["known"];

function samplesOf<X, Info>(
  { items }: Examples<X, Info>,
  numSamples: number,
  known: Known,
): Iterable<Sample<X, Info>> | AsyncIterable<Sample<X, Info>> {
  return Symbol.iterator in items ? eachSample(items, numSamples, known) : eachSampleLater(items, numSamples);
}

function* eachSample<X, Info>(items: Iterable<Example<X, Info>>, numSamples: number, known: Known): Generator<Sample<X, Info>> {
  let example = 0;
  for (const item of items) {
    checkExample(item, example);
    const { input, info } = item;
    if (known?.(example) === undefined) {
      for (let sample = 0; sample < numSamples; sample++) yield { input, info, example, sample };
    }
    example++;
  }
}

/** No generator: one that waits for a source that hangs would not pass on that the source is let go. */
function eachSampleLater<X, Info>(items: AsyncIterable<Example<X, Info>>, numSamples: number): AsyncIterable<Sample<X, Info>> {
  return {
    [Symbol.asyncIterator]() {
      const source = items[Symbol.asyncIterator]();
      let [example, sample] = [-1, numSamples];
      let item: Example<X, Info>;
      return {
        async next() {
          if (sample === numSamples) {
            const read = await source.next();
            if (read.done) return read;
            item = read.value;
            checkExample(item, ++example);
            sample = 0;
          }
          return { done: false, value: { input: item.input, info: item.info, example, sample: sample++ } };
        },
        async return() {
          await source.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** What need not be run. */
interface KnownScores {
  readonly all: ScoreList;
  /** How many rollouts. */
  readonly count: number;
  readonly failed: number;
  readonly hasFailureWithoutScore: boolean;
}

function knownScores({ total }: Examples<unknown, unknown>, numSamples: number, known: Known): KnownScores {
  const all = new ScoreList();
  let [count, failed, hasFailureWithoutScore] = [0, 0, false];
  for (let example = 0; known !== undefined && example < (total ?? 0); example++) {
    const found = known(example);
    if (found === undefined) continue;
    for (let sample = 0; sample < numSamples; sample++) all.set(example * numSamples + sample, found.score);
    count += numSamples;
    if (found.failed) failed += numSamples;
    hasFailureWithoutScore ||= found.failed && found.score === null;
  }
  return { all, count, failed, hasFailureWithoutScore };
}
