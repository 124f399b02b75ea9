/**
 * The archive as an optimizer reads it: attempts with comparable scores, by the optimizer's own names.
 *
 * @module
 */
import { scalarScore } from "../data/objectives.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { HistoryView, PastAttempt } from "../optimizers/optimizer.ts";
import type { SearchArchive } from "./archive.ts";
import type { Names } from "./names.ts";
import type { Entry, Sample, SearchDataset } from "./search.ts";
import type { TrialTable } from "./trial-table.ts";

/** What a history is of. */
export interface HistoryParts {
  readonly archive: SearchArchive;
  readonly names: Names;
  /** The data on which the search compares candidates. */
  readonly dataset: SearchDataset;
  /** All of its examples. */
  readonly examples: readonly number[];
}

/**
 * The history of one search. Scores are over the examples that the current candidate was scored on; what was not scored on all of them has
 * an estimate, by its distance to the current candidate on the examples that both were scored on. What is known is kept from proposal to
 * proposal, as long as the current candidate stays and is not scored further.
 */
export class SearchHistory {
  readonly #parts: HistoryParts;
  readonly #values = new WeakMap<Entry, Candidate>();
  #scale: Scale | undefined;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  /** The history as of now. @param current the candidate that others have to beat */
  asOf(current: Entry): HistoryView {
    const { archive, names, dataset } = this.#parts;
    if (this.#scale?.isOf(current, archive.table(current, dataset)) !== true) {
      this.#scale = new Scale(current, this.#parts, (entry) => this.#valuesOf(entry));
    }
    const scale = this.#scale;
    const entries = archive.entries.slice();
    const { length } = archive.log;
    scale.readTo(length);
    return {
      examples: scale.examples.length,
      best: (count) => scale.best(entries, count),
      latest: (count) => (count === 0 ? [] : entries.slice(-count).map((entry) => scale.attemptOf(entry))),
      find: (values) => {
        const entry = archive.find({ ...current.values, ...names.toAgent(values) });
        return entry && scale.attemptOf(entry);
      },
      log: {
        scale,
        length,
        from: (place) => lastOfEach(archive.log.slice(place, length)).map((entry) => scale.attemptOf(entry)),
      },
    };
  }

  #valuesOf(entry: Entry): Candidate {
    const values = this.#values.get(entry) ?? this.#parts.names.toOptimizer(entry.values);
    this.#values.set(entry, values);
    return values;
  }
}

const mostErrors = 3;

/** Attempts as they compare with one candidate on the examples that it was scored on. */
class Scale {
  readonly #current: Entry;
  readonly #table: TrialTable;
  /** How many trials of the current candidate there were. */
  readonly #count: number;
  readonly #parts: HistoryParts;
  readonly #valuesOf: (entry: Entry) => Candidate;
  readonly #attempts = new Map<Entry, PastAttempt>();
  #read = 0;
  readonly examples: readonly number[];

  constructor(current: Entry, parts: HistoryParts, valuesOf: (entry: Entry) => Candidate) {
    this.#current = current;
    this.#parts = parts;
    this.#valuesOf = valuesOf;
    this.#table = parts.archive.table(current, parts.dataset);
    this.#count = this.#table.count;
    const measured = [...this.#table.examples()].filter((example) => isMeasured(this.#table, example));
    // The very list by which means over all examples are kept.
    this.examples = measured.length === parts.examples.length ? parts.examples : measured;
  }

  isOf(current: Entry, table: TrialTable): boolean {
    return current === this.#current && table === this.#table && table.count === this.#count;
  }

  /** Forgets what has been scored further since. */
  readTo(length: number): void {
    const { log } = this.#parts.archive;
    for (; this.#read < length; this.#read++) this.#attempts.delete(log[this.#read] as Entry);
  }

  best(entries: readonly Entry[], count: number): readonly PastAttempt[] {
    if (count === 0) return [];
    const scored = entries
      .filter((entry) => this.#attempts.has(entry) || this.#isWhole(entry))
      .map((entry) => this.attemptOf(entry));
    const able = scored.filter(({ score }) => score !== null).reverse();
    return able.sort((a, b) => (b.score as number) - (a.score as number)).slice(0, count);
  }

  attemptOf(entry: Entry): PastAttempt {
    const attempt = this.#attempts.get(entry) ?? this.#attempt(entry);
    this.#attempts.set(entry, attempt);
    return attempt;
  }

  #attempt(entry: Entry): PastAttempt {
    const { archive, dataset } = this.#parts;
    const values = this.#valuesOf(entry);
    const table = archive.table(entry, dataset);
    const feedback = table.errors(this.examples).slice(0, mostErrors).join("\n");
    if (this.#isWhole(entry)) {
      const on = { dataset, examples: this.examples };
      const compared = archive.compared(entry === this.#current ? [entry] : [this.#current, entry], on).at(-1);
      const score = compared?.score ?? null;
      if (score !== null) return { values, score, feedback, examples: this.examples.length };
    }
    const examples = this.examples.filter((example) => isMeasured(table, example));
    return { values, score: null, feedback, examples: examples.length, ...this.#estimate(entry, { dataset, examples }) };
  }

  /** The current score and the distance to it on the same examples. */
  #estimate(entry: Entry, shared: Sample): Pick<PastAttempt, "estimate"> {
    const { archive } = this.#parts;
    const current = { dataset: shared.dataset, examples: this.examples };
    const meanOf = (one: Entry, on: Sample | undefined): number | undefined => {
      const means = archive.mean(one, on);
      return means === null ? undefined : scalarScore(means, archive.objective);
    };
    if (shared.examples.length === 0) {
      const estimate = meanOf(entry, undefined);
      return estimate === undefined ? {} : { estimate };
    }
    const [own, its, all] = [meanOf(entry, shared), meanOf(this.#current, shared), meanOf(this.#current, current)];
    return own === undefined || its === undefined || all === undefined ? {} : { estimate: all + own - its };
  }

  /** Whether it was run on every example. */
  #isWhole(entry: Entry): boolean {
    const { archive, dataset } = this.#parts;
    return this.examples.length > 0 && archive.table(entry, dataset).isTriedOn(this.examples);
  }
}

function isMeasured(table: TrialTable, example: number): boolean {
  const state = table.state(example);
  return state === "scored" || state === "failed";
}

/** Each entry once, in the order of its last occurrence. */
function lastOfEach(entries: readonly Entry[]): Entry[] {
  return [...new Set(entries.toReversed())].reverse();
}
