/**
 * The archive of a search: every candidate, its parents, and everything measured of it, as a fold over the events of the run.
 *
 * @module
 */
import { type Cell, leastCoverage } from "../data/comparison.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { frozenCopy, textLength } from "../data/json.ts";
import { isByScore, namedMetrics, type ObjectiveConfig, scalarScore, objective as toObjective } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import { frontOf, selectTop } from "../data/selection.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { RunEvent } from "../trainer/events.ts";
import { type Compared, type CompareOptions, compareTables, failureValue, rowOf, worseOf } from "./compare.ts";
import { countOutcomes, type FailureOf, meansOfTrials, type Tables } from "./mean-of-trials.ts";
import { trialsOf } from "./measured-event.ts";
import type { Archive, Entry, Sample, SearchDataset, SureMean, Trial } from "./search.ts";
import { TrialTable } from "./trial-table.ts";

/** How an archive compares. */
export interface ArchiveOptions {
  /** @default by the metric `score`, more being better */
  readonly objective?: ObjectiveConfig | undefined;
  /** The lowest and the highest score that the guide of each dataset declares. @default none */
  readonly scoreRanges?: Readonly<Partial<Record<SearchDataset, readonly [lowest: number, highest: number] | undefined>>>;
}

/** The id of the values at the start of a run. */
export const startId = "start";

interface Row {
  readonly entry: Entry;
  tables: Tables;
}

/** The one archive of a run. Policies see its reading half, `Archive`. */
export class SearchArchive implements Archive {
  readonly objective: ObjectiveConfig;
  readonly #scoreRanges: NonNullable<ArchiveOptions["scoreRanges"]>;
  readonly #entries: Entry[] = [];
  readonly #log: Entry[] = [];
  readonly #rows = new Map<string, Row>();
  readonly #byValues = new Map<string, Entry>();
  readonly #scalars = new WeakMap<TrialTable, { readonly count: number; readonly scalars: Float64Array }>();
  /** The worst value of each metric by dataset. */
  readonly #worst: Record<SearchDataset, Map<string, number>> = { train: new Map(), validate: new Map() };
  /** The best of the guide's own score. */
  readonly #best: Partial<Record<SearchDataset, number>> = {};
  /** How often one of the worst has changed. */
  #worstChanges = 0;
  readonly #means = new WeakMap<Entry, { readonly count: number; readonly changes: number; readonly mean: Scores | null }>();
  readonly #measured: Record<SearchDataset, Set<number>> = { train: new Set(), validate: new Set() };
  #snapshot: readonly Entry[] | undefined;
  readonly #failureOf: FailureOf = (metric, dataset) => failureValue(metric, this.optionsOf(dataset));

  constructor({ objective = toObjective(), scoreRanges = {} }: ArchiveOptions = {}) {
    this.objective = objective;
    this.#scoreRanges = scoreRanges;
  }

  get entries(): readonly Entry[] {
    this.#snapshot ??= Object.freeze(this.#entries.slice());
    return this.#snapshot;
  }

  /** Whether this is an entry of this archive, and not just one of the same id. */
  has(entry: Entry | undefined): entry is Entry {
    return entry !== undefined && entry !== null && this.#rows.get(entry.id)?.entry === entry;
  }

  /** The entries in the order in which something became known of them: once when they were added, once for every report of trials. */
  get log(): readonly Entry[] {
    return this.#log;
  }

  get(id: string): Entry {
    return this.#row(id).entry;
  }

  find(values: Candidate): Entry | undefined {
    return this.#byValues.get(fingerprint(values));
  }

  /** Takes in an event of the run; those that say nothing of candidates are passed over. */
  fold(event: RunEvent): void {
    if (event.type === "run-start") this.add({ id: startId, values: event.parameters, parents: [], origin: startId });
    else if (event.type === "candidate-proposed") {
      const { candidate: id, values, parents, origin, reasoning } = event;
      this.add({ id, values, parents, origin, ...(reasoning !== undefined && { reasoning }) });
    } else if (event.type === "candidate-measured") {
      const entry = this.get(event.candidate);
      for (const { example, sample, ...trial } of trialsOf(event)) this.note(entry, event.dataset, example, trial, sample);
      this.#log.push(entry);
    } else if (event.type === "scores-forgotten") {
      for (const row of this.#rows.values()) row.tables = { train: new TrialTable(), validate: new TrialTable() };
      for (const known of [...Object.values(this.#worst), ...Object.values(this.#measured)]) known.clear();
      delete this.#best.train;
      delete this.#best.validate;
      this.#worstChanges++;
    }
  }

  /** Adds a candidate; of values that are known already the entry that has them is returned. */
  add({ id, values, parents, origin, reasoning }: Entry): Entry {
    const key = fingerprint(values);
    const known = this.#byValues.get(key);
    if (known !== undefined) return known;
    const entry: Entry = Object.freeze({
      id,
      values: frozenCopy(values),
      parents: Object.freeze([...parents]),
      origin,
      ...(reasoning !== undefined && { reasoning }),
    });
    this.#entries.push(entry);
    this.#snapshot = undefined;
    this.#log.push(entry);
    this.#byValues.set(key, entry);
    this.#rows.set(id, { entry, tables: { train: new TrialTable(), validate: new TrialTable() } });
    return entry;
  }

  /** Adds a trial. @param sample @default the next of this example */
  note(entry: Entry, dataset: SearchDataset, example: number, trial: Trial, sample?: number): void {
    const worst = this.#worst[dataset];
    for (const metric in trial.scores) {
      const score = trial.scores[metric] as number;
      if (metric === "score") this.#noteBest(dataset, score);
      const known = worst.get(metric);
      if (known !== undefined && worseOf(metric, known, score, this) === known) continue;
      worst.set(metric, score);
      this.#worstChanges++;
    }
    this.#measured[dataset].add(example);
    this.table(entry, dataset).add(example, trial, sample);
  }

  #noteBest(dataset: SearchDataset, score: number): void {
    const known = this.#best[dataset];
    if (known === undefined || worseOf("score", known, score, this) === known) this.#best[dataset] = score;
  }

  /** The best that a trial on a dataset has had of the guide's own score; `undefined` before the first. */
  bestScore(dataset: SearchDataset): number | undefined {
    return this.#best[dataset];
  }

  /** The trials of an entry on one dataset. */
  table(entry: Entry, dataset: SearchDataset): TrialTable {
    return this.#row(entry.id).tables[dataset];
  }

  trials(entry: Entry, { dataset, examples }: Sample): readonly (readonly Trial[])[] {
    const table = this.table(entry, dataset);
    return examples.map((example) => table.trials(example));
  }

  measured(dataset: SearchDataset): readonly number[] {
    return [...this.#measured[dataset]].sort((a, b) => a - b);
  }

  /** What every example came to; `undefined` when the entry was not run on all of them. */
  cells(entry: Entry, { dataset, examples }: Sample): readonly Cell[] | undefined {
    const cells = rowOf(this.table(entry, dataset), examples, "score", 1);
    return cells.includes(undefined) ? undefined : (cells as Cell[]);
  }

  count(entry: Entry): number {
    const { train, validate } = this.#row(entry.id).tables;
    return train.count + validate.count;
  }

  mean(entry: Entry, on?: Sample): Scores | null {
    if (on !== undefined) return this.meanWith(entry, on, this.#failureOf);
    // Searches rank all candidates in every step, and few of them were scored further.
    const [count, changes] = [this.count(entry), this.#worstChanges];
    const known = this.#means.get(entry);
    if (known?.count === count && known.changes === changes) return known.mean;
    const mean = Object.freeze(this.meanWith(entry, undefined, this.#failureOf));
    this.#means.set(entry, { count, changes, mean });
    return mean;
  }

  sureMean(entry: Entry, on?: Sample): SureMean {
    const { train, validate } = this.#row(entry.id).tables;
    if (!train.hasUnscored && !validate.hasUnscored) return { means: this.mean(entry, on), isCovered: true };
    const [count, unscored] = countOutcomes(this.#row(entry.id).tables, on);
    const means = this.meanWith(entry, on, this.#failureOf, true);
    return {
      means: count === 0 && on === undefined ? null : means,
      isCovered: count >= leastCoverage * (count + unscored) - 1e-9,
    };
  }

  /** `mean` by what failed trials count as. @param countsUnscored whether those that could not be scored count as failed */
  meanWith(entry: Entry, on: Sample | undefined, failureOf: FailureOf, countsUnscored = false): Scores | null {
    const scores = meansOfTrials(this.#row(entry.id).tables, on, { objective: this.objective, failureOf, countsUnscored });
    return scores === null || this.#lacksMetric(scores) ? null : scores;
  }

  /** Whether a metric that the objective names is missing, and nothing stands for it. */
  #lacksMetric(scores: Scores): boolean {
    const { missingValue } = this.objective;
    return missingValue === null && namedMetrics(this.objective).some((metric) => !Object.hasOwn(scores, metric));
  }

  compare(entries: readonly Entry[], on: Sample): readonly (number | null)[] {
    return this.compared(entries, on).map(({ score }) => score);
  }

  /** `compare` with every metric, and how many examples it rests on. */
  compared(entries: readonly Entry[], on: Sample): readonly Compared[] {
    const tables = entries.map((entry) => this.table(entry, on.dataset));
    return compareTables(tables, on.examples, this.optionsOf(on.dataset));
  }

  top(entries: readonly Entry[], count: number, on: Sample): readonly Entry[] {
    const able = this.compared(entries, on).flatMap(({ means, isEligible }, index) => {
      return means !== null && (isEligible || index === 0) ? [{ entry: entries[index] as Entry, means }] : [];
    });
    const means = able.map((one) => one.means);
    const at = (index: number): Entry => able[index]?.entry as Entry;
    return selectTop(means, count, this.objective, (index) => textLength(at(index).values)).map(at);
  }

  front({ dataset, examples }: Sample): ReadonlyMap<Entry, number> {
    const all = [...new Set(examples)];
    if (this.objective.mode === "pareto") return this.#unbeatenOn(all, dataset);
    const rows = this.#entries.map((entry) => ({ entry, scalars: this.#scalarsOf(this.table(entry, dataset)) }));
    const best = new Float64Array(all.length).fill(Number.NEGATIVE_INFINITY);
    for (const { scalars } of rows) {
      for (let place = 0; place < all.length; place++) {
        const score = scalars[all[place] as number] as number;
        if (score > (best[place] as number)) best[place] = score;
      }
    }
    const wins = new Map<Entry, number>();
    for (const { entry, scalars } of rows) {
      let count = 0;
      for (let place = 0; place < all.length; place++) if (scalars[all[place] as number] === best[place]) count++;
      if (count > 0) wins.set(entry, count);
    }
    return wins;
  }

  lineage(entry: Entry): readonly Entry[] {
    const line = [entry];
    for (let parent = entry.parents[0]; parent !== undefined; parent = line.at(-1)?.parents[0]) line.push(this.get(parent));
    return line;
  }

  /** `front` by who beats whom in every metric. */
  #unbeatenOn(examples: readonly number[], dataset: SearchDataset): ReadonlyMap<Entry, number> {
    const wins = new Map<Entry, number>();
    const rows = this.#entries.map((entry) => ({ entry, table: this.table(entry, dataset) }));
    for (const example of examples) {
      const scored = rows.filter(({ table }) => table.state(example) === "scored");
      const scores = scored.map(({ table }) => table.meansOf(example));
      for (const place of frontOf(scores, { ...this.objective, constraints: {} })) {
        const { entry } = scored[place] as (typeof scored)[number];
        wins.set(entry, (wins.get(entry) ?? 0) + 1);
      }
    }
    return new Map(this.#entries.flatMap((entry) => (wins.has(entry) ? [[entry, wins.get(entry) as number]] : [])));
  }

  /** One number for each example that was scored; NaN, or nothing, for the others. */
  #scalarsOf(table: TrialTable): Float64Array {
    const column = isByScore(this.objective) ? table.column("score") : undefined;
    if (column !== undefined) return column;
    const known = this.#scalars.get(table);
    if (known?.count === table.count) return known.scalars;
    const examples = [...table.examples()];
    const scalars = new Float64Array((examples.at(-1) ?? -1) + 1).fill(Number.NaN);
    for (const example of examples) {
      const scores = table.state(example) === "scored" ? table.meansOf(example) : {};
      if (Object.keys(scores).length > 0 && !this.#lacksMetric(scores)) scalars[example] = scalarScore(scores, this.objective);
    }
    this.#scalars.set(table, { count: table.count, scalars });
    return scalars;
  }

  /** What comparisons on a dataset go by. */
  optionsOf(dataset: SearchDataset): CompareOptions {
    return { objective: this.objective, scoreRange: this.#scoreRanges[dataset], worst: this.#worst[dataset] };
  }

  #row(id: string): Row {
    const row = this.#rows.get(id);
    if (row === undefined) throw new InvalidArgumentError(`There is no candidate "${id}" in the archive`);
    return row;
  }
}
