/**
 * `Forwards`: the rollouts with feedback of one iteration.
 *
 * @module
 */
import { type Cell, declaredFailureScore } from "../data/comparison.ts";
import type { MaybePromise } from "../data/maybe-promise.ts";
import type { Scores } from "../data/scores.ts";
import type { Module } from "../graph/module.ts";
import { currentRun } from "../graph/scope.ts";
import { noteExpected } from "../graph/trace-graph.ts";
import { bindValues } from "../graph/with-values.ts";
import { batchSamples, targetOf } from "../trainer/batch-outputs.ts";
import { obtainRollout } from "../trainer/obtain-rollout.ts";
import { type Rollout, type RolloutResult, runTask } from "../trainer/rollout.ts";
import { forwardHere } from "../trainer/rollout-work.ts";
import { cellOf } from "../trainer/task-tally.ts";
import type { WorkPool } from "../trainer/work-pool.ts";
import type { SearchArchive } from "./archive.ts";
import { type PlacedTrial, trialOf } from "./measured-event.ts";
import type { RolloutHooks } from "./rollout-hooks.ts";
import type { Scoring } from "./score-candidates.ts";
import type { Entry, ForwardOutput, Sample, SearchDataset } from "./search.ts";

/** What they are made of. */
export interface ForwardsParts<X, Y, Info, Output> {
  readonly agent: Module<X, Y>;
  readonly archive: SearchArchive;
  readonly pool: WorkPool;
  readonly scoring: Readonly<Record<SearchDataset, Scoring<X, Y, Info>>>;
  readonly hooks: RolloutHooks<X, Y, Info, Output>;
  /** Whether rollouts that could not be scored are made again, after the others. */
  readonly repeats: boolean;
}

/** Receives what rollouts have measured. */
type NoteTrials = (entry: Entry, dataset: SearchDataset, trials: readonly PlacedTrial[]) => void;

/** Runs candidates with feedback, each once on the same examples. */
export class Forwards<X, Y, Info, Output> {
  /** Rollouts that could not be scored. */
  unscored = 0;
  /** How the first candidate did, in order of its examples. */
  cells: readonly Cell[] = [];
  /** The further metrics of the same. */
  metrics: readonly (Scores | undefined)[] = [];
  readonly #parts: ForwardsParts<X, Y, Info, Output>;
  readonly #current: Entry;
  readonly #note: NoteTrials;
  readonly #forwarded = new Map<string, readonly ForwardOutput<Output>[]>();
  #numForwards = 0;

  /** @param current what the agent holds */
  constructor(parts: ForwardsParts<X, Y, Info, Output>, current: Entry, note: NoteTrials) {
    this.#parts = parts;
    this.#current = current;
    this.#note = note;
  }

  /** Within an iteration the same candidate is run on the same examples once. What comes of it is noted when all have ended, in order. */
  async run(parents: readonly Entry[], on: Sample): Promise<readonly (readonly ForwardOutput<Output>[])[]> {
    const keyOf = (entry: Entry): string => JSON.stringify([entry.id, on]);
    const fresh = [...new Set(parents)].filter((entry) => !this.#forwarded.has(keyOf(entry)));
    const first = this.#numForwards;
    this.#numForwards += fresh.length;
    const labels = fresh.map((_, index) => (first + index === 0 ? "forward" : `forward-${first + index}`));
    const { dataset, samples = 1 } = on;
    const examples = samples === 1 ? on.examples : on.examples.flatMap((example) => new Array<number>(samples).fill(example));
    const every = { dataset, examples };
    const rollouts = await inOrder(fresh.map((entry, index) => this.#runOne(entry, every, labels[index] as string)));
    for (const [index, entry] of fresh.entries()) {
      const own = rollouts[index] as Rollout<Output>[];
      this.#noteTrials(entry, every, own);
      if (first + index === 0) [this.cells, this.metrics] = [own.map(cellOf), own.map(({ scores }) => scores)];
      const outputs = own.map((rollout, at) => ({ rollout, entry, example: examples[at] as number }));
      if (dataset === "train") for (const { rollout, example } of outputs) this.#noteExpected(rollout, example);
      this.#forwarded.set(
        keyOf(entry),
        outputs.flatMap(({ rollout, ...about }) => (rollout.status === "unscored" ? [] : [{ ...about, output: rollout.result }])),
      );
    }
    return parents.map((entry) => this.#forwarded.get(keyOf(entry)) ?? []);
  }

  /** Optimizers show what is known of the right answer where an output is wrong. */
  #noteExpected(rollout: Rollout<Output>, example: number): void {
    const target = rollout.status === "unscored" ? undefined : targetOf(rollout.result);
    if (target !== undefined) noteExpected(target, this.#parts.scoring.train.dataset[example]?.info);
  }

  #runOne(entry: Entry, on: Sample, label: string): Promise<Rollout<Output>[]> {
    const { agent, pool, scoring, hooks, repeats } = this.#parts;
    const run = () => forwardRollouts({ agent, pool, scoring: scoring[on.dataset], hooks, repeats }, on.examples, label);
    // What the agent holds needs no binding.
    return entry === this.#current ? run() : bindValues(agent, entry.values)(run);
  }

  #noteTrials(entry: Entry, on: Sample, rollouts: readonly Rollout<Output>[]): void {
    const { minScore } = this.#parts.scoring[on.dataset];
    const table = this.#parts.archive.table(entry, on.dataset);
    const next = new Map<number, number>();
    const trials = rollouts.map((rollout, index): PlacedTrial => {
      const example = on.examples[index] as number;
      const sample = next.get(example) ?? table.samples(example);
      next.set(example, sample + 1);
      const trial = trialOf(rollout);
      // What a failure counts as in a training step is no measurement.
      const scores = trial.failed && minScore === null ? null : trial.scores;
      return { example, sample, ...trial, scores };
    });
    this.#note(entry, on.dataset, trials);
    this.unscored += rollouts.filter(({ status }) => status === "unscored").length;
  }
}

/** All results, or the error of the earliest that failed, when all have ended. */
async function inOrder<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(work);
  return ended.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}

/** What such rollouts are made of. */
export interface ForwardParts<X, Y, Info, Output> {
  readonly agent: Module<X, Y>;
  readonly pool: WorkPool;
  /** The data they are from, and how they are scored. */
  readonly scoring: Scoring<X, Y, Info>;
  readonly hooks: RolloutHooks<X, Y, Info, Output>;
  /** Whether those that could not be scored are made again, after the others. */
  readonly repeats: boolean;
}

/**
 * Runs the agent, as it is, on the examples; rollouts are in their order.
 *
 * @param label the position of the task
 * @throws InfrastructureError when none could be scored
 */
async function forwardRollouts<X, Y, Info, Output>(
  { agent, pool, scoring, hooks, repeats }: ForwardParts<X, Y, Info, Output>,
  examples: readonly number[],
  label: string,
): Promise<Rollout<Output>[]> {
  const { dataset, guide, source } = scoring;
  const failureScore = declaredFailureScore(scoring);
  const samples = batchSamples(examples);
  const { codec, standard, forward } = hooks;
  const work = (index: number): MaybePromise<RolloutResult<Output>> => {
    const place = samples[index] as (typeof samples)[number];
    const { input: x, info } = dataset[place.example] as (typeof dataset)[number];
    return obtainRollout({
      agent,
      guide,
      x,
      info,
      codec,
      task: standard && (() => ({ about: { dataset: source, ...place, mode: "feedback", failureScore }, read: standard.read })),
      work: () => forwardHere({ agent, guide, x, info, failureScore }, forward),
    });
  };
  const description = `Forward pass (batch size: ${examples.length})`;
  const [labels, signal] = [samples.map(({ example, sample }) => `example/${example}/sample/${sample}`), currentRun()?.signal];
  const rollouts = await runTask(labels, work, { pool, description, label, signal, dataset: source });
  const unscored = [...rollouts.keys()].filter((index) => repeats && rollouts[index]?.status === "unscored");
  if (unscored.length === 0) return rollouts;
  const again = await runTask(
    unscored.map((index) => labels[index] as string),
    (place) => work(unscored[place] as number),
    { pool, signal, description: `${description}, retrying unscored examples`, label: `${label}/again`, isRepeat: true },
  );
  for (const [place, index] of unscored.entries()) rollouts[index] = again[place] as Rollout<Output>;
  return rollouts;
}
