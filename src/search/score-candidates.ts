/**
 * Scoring many candidates on the same examples: all in one pool, without what is known already, and without what cannot matter any more.
 *
 * @module
 */

import { cellsToRepeat, scoreBounds } from "../data/comparison.ts";
import type { Dataset } from "../data/dataset.ts";
import type { MaybePromise } from "../data/maybe-promise.ts";
import { counted } from "../data/number-text.ts";
import { Random, type Seed } from "../data/random.ts";
import { untilAborted } from "../data/shared-work.ts";
import type { Module } from "../graph/module.ts";
import { atPosition, currentPosition, emitEvent } from "../graph/scope.ts";
import { bindValues } from "../graph/with-values.ts";
import type { Guide } from "../guides/guide.ts";
import { scoreOne } from "../trainer/evaluate.ts";
import type { RolloutDataset } from "../trainer/executor.ts";
import { emitTaskEnd, performRollout, type Rollout } from "../trainer/rollout.ts";
import { runServices } from "../trainer/run-services.ts";
import { TaskTally } from "../trainer/task-tally.ts";
import type { WorkPool } from "../trainer/work-pool.ts";
import type { SearchArchive } from "./archive.ts";
import { type PlacedTrial, trialOf } from "./measured-event.ts";
import { type DropReason, Race, racingOrder } from "./race.ts";
import { ScoringRounds } from "./scoring-rounds.ts";
import type { Drop, Entry, Sample } from "./search.ts";
import type { TrialTable } from "./trial-table.ts";

/** What candidates are scored on, and by what. */
export interface Scoring<X, Y, Info> {
  readonly dataset: Dataset<X, Info>;
  readonly guide: Guide<X, Y, Info>;
  /** What an executor knows the dataset as. */
  readonly source: RolloutDataset;
  /** Score given to an example when the agent throws; `null` counts as the worst score where candidates are compared. */
  readonly minScore: number | null;
  /** The lowest and the highest score there can be; without it no candidate is dropped. */
  readonly scoreRange?: readonly [lowest: number, highest: number] | undefined;
  /** Whether less of the score is better. */
  readonly lowerIsBetter: boolean;
}

/** What scoring one candidate came to. */
export interface ScoredCandidate {
  /** Its new trials, in order of the sample. */
  readonly trials: readonly PlacedTrial[];
  /** When it was not run on every example: why. */
  readonly dropped?: Dropped | undefined;
}

/** A candidate that was not run on every example. */
export interface Dropped {
  readonly reason: DropReason;
  /** The lowest score there can be, which failures count as. */
  readonly lowest: number;
  /** The lowest and the highest mean that it can have. */
  readonly interval: readonly [lowest: number, highest: number];
}

/** How candidates are scored. */
export interface ScoreOptions<X, Y, Info> {
  readonly agent: Module<X, Y>;
  readonly archive: SearchArchive;
  readonly scoring: Scoring<X, Y, Info>;
  readonly drop?: Drop | undefined;
  /** Decides the order of the examples when candidates are dropped by probability. */
  readonly seed: Seed;
  readonly pool: WorkPool;
  /** Position of the work below the current one. */
  readonly label: string;
  readonly signal?: AbortSignal | undefined;
}

/** Rounds of a race are this many at most: each takes time to find out which candidates are out. */
const mostRounds = 64;

/**
 * Scores every candidate on every example of a sample that it has no score for, or until it is certain that it is not among the best.
 * One pool serves all, so no slot is idle while any candidate has work left. Rollouts that could not be scored are made again, after
 * all others, for candidates that would have too few scores to be compared.
 *
 * @param entries different ones, in order: of equally good ones the earlier is the better
 * @throws InfrastructureError when no rollout of any candidate could be scored, none was before, and nothing else can be scored either
 */
export async function scoreCandidates<X, Y, Info>(
  entries: readonly Entry[],
  on: Sample,
  options: ScoreOptions<X, Y, Info>,
): Promise<ScoredCandidate[]> {
  const scoring = new CandidateScoring(entries, on, options);
  if (scoring.runners.length > 0) {
    await atPosition(options.label, () => scoring.runAll(), { signal: options.signal });
    const again = scoring.holes();
    if (again.length > 0) await atPosition(`${options.label}-again`, () => scoring.runAgain(again), { signal: options.signal });
    await scoring.refuseNothing();
  }
  return scoring.results();
}

interface Cell {
  readonly example: number;
  readonly sample: number;
}

/** One candidate's rollout of one cell. */
interface Place {
  readonly candidate: number;
  readonly cell: number;
}

class CandidateScoring<X, Y, Info> {
  /** Candidates that lack a score. */
  readonly runners: readonly number[];
  readonly #entries: readonly Entry[];
  readonly #options: ScoreOptions<X, Y, Info>;
  readonly #cells: readonly Cell[];
  readonly #samples: number;
  readonly #isKnown: readonly Uint8Array[];
  readonly #tables: readonly TrialTable[];
  readonly #trials: readonly Map<number, PlacedTrial>[];
  readonly #bound: readonly (<R>(fn: () => R) => R)[];
  readonly #dropped = new Map<number, Dropped>();
  /** Of the last task, with what it was called. */
  #last: { readonly tally: TaskTally; readonly description: string } | undefined;

  constructor(entries: readonly Entry[], on: Sample, options: ScoreOptions<X, Y, Info>) {
    this.#entries = entries;
    this.#options = options;
    const { samples = 1 } = on;
    this.#samples = samples;
    this.#cells = [...new Set(on.examples)].flatMap((example) => {
      return Array.from({ length: samples }, (_, sample): Cell => ({ example, sample }));
    });
    this.#tables = entries.map((entry) => options.archive.table(entry, on.dataset));
    this.#isKnown = this.#tables.map((table) => {
      return Uint8Array.from(this.#cells, ({ example, sample }) => {
        const state = table.stateOf(example, sample);
        return state === "scored" || state === "failed" ? 1 : 0;
      });
    });
    this.#trials = entries.map(() => new Map());
    this.runners = [...entries.keys()].filter((index) => this.#isKnown[index]?.includes(0));
    this.#bound = entries.map(({ values }) => bindValues(options.agent, values));
  }

  results(): ScoredCandidate[] {
    return this.#trials.map((trials, candidate) => ({
      trials: [...trials].sort(([a], [b]) => a - b).map(([, trial]) => trial),
      dropped: this.#dropped.get(candidate),
    }));
  }

  /** What has to be made again: all that could not be scored, of candidates that were run on everything. */
  holes(): Place[] {
    const rows = this.#entries.map((_, candidate) =>
      this.#cells.map((_cell, cell) => {
        if (this.#knows(candidate, cell)) return 0;
        const trial = this.#trials[candidate]?.get(cell);
        if (trial === undefined) return undefined;
        if (trial.failed) return "failed";
        return trial.scores === null ? "unscored" : 0;
      }),
    );
    return cellsToRepeat(rows).map(({ row, example }) => ({ candidate: row, cell: example }));
  }

  /** A candidate without a score may be to blame itself; when all of them have none, something else is. */
  async refuseNothing(): Promise<void> {
    const hasScore = this.#entries.some((_, candidate) => {
      const trials = [...(this.#trials[candidate] ?? [])].map(([, trial]) => trial);
      return this.#isKnown[candidate]?.includes(1) || trials.some(({ scores, failed }) => scores !== null || failed);
    });
    if (this.#last === undefined) return;
    const { tally, description } = this.#last;
    if (!hasScore) await tally.refuseAllUnscored(description, this.#options.scoring.source);
    const { outcomes } = runServices();
    if (!outcomes?.hasScored) tally.refuseHopeless(description);
    outcomes?.refuseWithoutScore?.(description);
  }

  async runAll(): Promise<void> {
    const { pool, signal } = this.#options;
    const { runners } = this;
    const places = runners.flatMap((candidate) =>
      this.#cells.flatMap((_, cell) => (this.#knows(candidate, cell) ? [] : [{ candidate, cell }])),
    );
    const task = this.#begin(places, `Validating ${counted(runners.length, "candidate")}`);
    const control = runServices().control;
    control?.throwIfStopped();
    signal?.throwIfAborted();
    const { race, blockSize } = this.#race();
    const rounds = new ScoringRounds({
      race,
      blockSize,
      runners,
      isKnown: (candidate, cell) => this.#knows(candidate, cell),
      perform: (candidate, cell, events) => this.#perform({ candidate, cell }, events),
      scoreOf: ({ status, score }) => score ?? (status === "failed" ? (this.#lowest ?? null) : null),
      onRollout: (candidate, cell, rollout) => task.add({ candidate, cell }, rollout),
      isOver: () => signal?.aborted === true || control?.stopped !== undefined,
    });
    const stopListening = control?.onStop(() => rounds.settle());
    const close = pool.serve(rounds);
    try {
      await untilAborted(rounds.ended, signal);
    } finally {
      stopListening?.();
      close();
      rounds.close();
    }
    signal?.throwIfAborted();
    rounds.throwFailure();
    if (!rounds.isDone) control?.throwIfStopped();
    this.#noteDropped(race);
    task.end();
  }

  /** Notes which candidates were not scored to the end, and why. */
  #noteDropped(race: Race): void {
    const verdict = race.verdict();
    for (const candidate of this.runners.filter((one) => race.confirmed(one) < this.#cells.length)) {
      const interval = race.interval(candidate);
      this.#dropped.set(candidate, { reason: verdict[candidate] ?? "bound", lowest: this.#lowest ?? 0, interval });
    }
  }

  async runAgain(places: readonly Place[]): Promise<void> {
    const { pool, signal } = this.#options;
    const task = this.#begin(places, `Validating the ${places.length} unscored rollouts again`);
    const rollouts = await pool.map(places, (place) => this.#perform(place, undefined), { signal });
    for (const [index, rollout] of rollouts.entries()) task.add(places[index] as Place, rollout);
    task.end();
  }

  /** The lowest score there can be. */
  get #lowest(): number | undefined {
    const { minScore, scoreRange } = this.#options.scoring;
    if (scoreRange === undefined) return minScore ?? undefined;
    return minScore === null ? scoreRange[0] : Math.min(scoreRange[0], minScore);
  }

  #knows(candidate: number, cell: number): boolean {
    return this.#isKnown[candidate]?.[cell] === 1;
  }

  #perform({ candidate, cell }: Place, events: Parameters<typeof performRollout>[2]["events"]): MaybePromise<Rollout<undefined>> {
    const { agent, scoring, signal } = this.#options;
    const { dataset, guide, source, minScore } = scoring;
    const { example, sample } = this.#cells[cell] as Cell;
    const { input: x, info } = dataset[example] as Dataset<X, Info>[number];
    const bound = this.#bound[candidate] as <R>(fn: () => R) => R;
    const parts = { agent, guide, x, info, failureScore: minScore };
    const work = () => bound(() => scoreOne(parts, { dataset: source, example, sample }));
    const name = `candidate/${this.runners.indexOf(candidate)}/example/${example}/sample/${sample}`;
    return performRollout(name, work, { signal, events });
  }

  /** Begins to report rollouts, each by its place in the list. */
  #begin(places: readonly Place[], description: string) {
    const key = ({ candidate, cell }: Place): number => candidate * this.#cells.length + cell;
    const indices = new Map(places.map((place, index) => [key(place), index]));
    const tally = new TaskTally();
    tally.expect(places.length);
    emitEvent({ type: "task-start", position: currentPosition(), description, total: places.length });
    return {
      add: (place: Place, rollout: Rollout<undefined>): void => {
        tally.add(indices.get(key(place)) as number, rollout);
        const { example, sample } = this.#cells[place.cell] as Cell;
        this.#trials[place.candidate]?.set(place.cell, { example, sample, ...trialOf(rollout) });
      },
      end: (): void => {
        emitTaskEnd(tally, description, this.#options.scoring.lowerIsBetter);
        this.#last = { tally, description };
      },
    };
  }

  /** The race, with what is known already. */
  #race(): { readonly race: Race; readonly blockSize: number } {
    const { scoring, drop, seed } = this.#options;
    const size = this.#cells.length;
    const range = drop === undefined ? undefined : scoreBounds(scoring);
    // Without a range no candidate is ever dropped, so there is nothing to decide between rounds.
    const blockSize = range === undefined ? size : Math.ceil(size / mostRounds);
    const natural = Array.from({ length: size }, (_, index) => index);
    const isRaced = drop?.errorProbability !== undefined;
    const race = new Race({
      candidates: this.#entries.length,
      size,
      keep: drop?.keep,
      order: isRaced ? racingOrder(size, this.#samples, new Random(seed, "racing").fork(currentPosition())) : natural,
      range,
      errorProbability: drop?.errorProbability,
      verdicts: Math.ceil(size / blockSize),
    });
    for (const candidate of this.#entries.keys()) {
      for (const cell of natural) {
        if (!this.#knows(candidate, cell)) continue;
        const { example } = this.#cells[cell] as Cell;
        const value = (this.#tables[candidate] as TrialTable).value("score", example, this.#lowest ?? 0);
        race.note(candidate, cell, value);
      }
      if (!this.runners.includes(candidate)) race.confirm(candidate, size);
    }
    return { race, blockSize };
  }
}
