/**
 * The archive as an optimizer reads it: attempts with comparable scores, by the optimizer's own names.
 *
 * @module
 */

import { ownValue } from "../data/json.ts";
import {
  comparableScores,
  describeViolation,
  isByScore,
  namedMetrics,
  type ObjectiveConfig,
  violationOf,
} from "../data/objectives.ts";
import { mean, type Scores } from "../data/scores.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { HistoryView, PastAttempt } from "../optimizers/optimizer.ts";
import type { SearchArchive } from "./archive.ts";
import { type Compared, lowestOf, worseOf } from "./compare.ts";
import type { Names } from "./names.ts";
import { pairedOutcome, spreadOf } from "./paired-outcome.ts";
import type { Entry, Sample, SearchDataset } from "./search.ts";
import { toldErrors } from "./told-errors.ts";
import type { TrialTable } from "./trial-table.ts";

/** What a history is of. */
export interface HistoryParts {
  readonly archive: SearchArchive;
  readonly names: Names;
  /** The data on which the search compares candidates. */
  readonly dataset: SearchDataset;
  /** All of its examples. */
  readonly examples: readonly number[];
  /** Whether the validation data are not the training data: their errors are then not told. */
  readonly isHeldOut: boolean;
}

/**
 * The history of one search. Scores are over the examples that the current candidate was scored on; what was not scored on all of them has
 * an estimate, by its distance to the current candidate on the examples that both were scored on. Who violates a constraint is below all who
 * do not. What is known is kept from proposal to proposal, as long as the current candidate stays and is not scored further.
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
    const { entries } = archive;
    const { length } = archive.log;
    this.#scale.readTo(length);
    const { lowest } = this.#scale;
    if (lowest < this.#scale.floor) {
      this.#scale = new Scale(current, this.#parts, (entry) => this.#valuesOf(entry), lowest);
      this.#scale.readTo(length);
    }
    const scale = this.#scale;
    return {
      examples: scale.examples.length,
      best: (count) => scale.best(entries, count),
      latest: (count) => (count === 0 ? [] : entries.slice(-count).map((entry) => scale.attemptOf(entry))),
      find: (values) => {
        const entry = archive.find({ ...current.values, ...names.toAgent(values) });
        return entry && scale.attemptOf(entry);
      },
      against: (values, others) => {
        const [one, other] = [values, others].map((own) => archive.find({ ...current.values, ...names.toAgent(own) }));
        return one && other && pairedOutcome(one, other, this.#parts);
      },
      spread: (values) => {
        const entry = archive.find({ ...current.values, ...names.toAgent(values) });
        return entry && spreadOf(entry, this.#parts, scale.examples);
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

/** Attempts as they compare with one candidate on the examples that it was scored on. */
class Scale {
  readonly #current: Entry;
  readonly #table: TrialTable;
  /** How many trials of the current candidate there were. */
  readonly #count: number;
  readonly #parts: HistoryParts;
  readonly #valuesOf: (entry: Entry) => Candidate;
  readonly #attempts = new Map<Entry, PastAttempt>();
  readonly #unconstrained: ObjectiveConfig;
  readonly #isConstrained: boolean;
  /** What the current candidate came to: by metric, then by example. */
  #columns: readonly (readonly [metric: string, values: ReadonlyMap<number, number>])[] | undefined;
  #all: Scores | null | undefined;
  readonly #lowest = new Map<string, number>();
  #read = 0;
  readonly examples: readonly number[];
  /** Below it are those that violate a constraint. */
  readonly floor: number;
  /** The lowest number of all that were read, constraints aside; only looked for where there are constraints. */
  lowest: number;

  /** @param floor at most the lowest number, @default not known yet */
  constructor(current: Entry, parts: HistoryParts, valuesOf: (entry: Entry) => Candidate, floor = Number.POSITIVE_INFINITY) {
    const { objective } = parts.archive;
    this.#unconstrained = { ...objective, constraints: {} };
    this.#isConstrained = Object.keys(objective.constraints ?? {}).length > 0;
    this.floor = floor;
    this.lowest = floor;
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
    const read = this.#parts.archive.log.slice(this.#read, length);
    this.#read = length;
    for (const entry of read) this.#attempts.delete(entry);
    if (this.#isConstrained) for (const entry of read) this.attemptOf(entry);
  }

  best(entries: readonly Entry[], count: number): readonly PastAttempt[] {
    if (count === 0) return [];
    const scored = entries
      .filter((entry) => this.#attempts.has(entry) || this.#isWhole(entry))
      .map((entry) => this.attemptOf(entry));
    const able = scored.filter(({ score }) => score !== null).reverse();
    const best = able.sort((a, b) => (b.score as number) - (a.score as number)).slice(0, count);
    if (best.length === count) return best;
    const others = entries.map((entry) => this.attemptOf(entry)).filter(isEstimated);
    return [...best, ...others.reverse().sort((a, b) => b.estimate - a.estimate)].slice(0, count);
  }

  attemptOf(entry: Entry): PastAttempt {
    const attempt = this.#attempts.get(entry) ?? { ...this.#attempt(entry), ...reasoningOf(entry) };
    this.#attempts.set(entry, attempt);
    return attempt;
  }

  #attempt(entry: Entry): PastAttempt {
    const { archive, dataset, isHeldOut } = this.#parts;
    const values = this.#valuesOf(entry);
    const table = archive.table(entry, dataset);
    const feedback = toldErrors(archive, entry, { dataset, examples: this.examples }, isHeldOut);
    if (this.#isWhole(entry)) {
      const on = { dataset, examples: this.examples };
      const { means } = archive.compared(entry === this.#current ? [entry] : [this.#current, entry], on).at(-1) as Compared;
      if (means !== null) {
        const score = this.#placed(this.#numberOf(means), means);
        return { values, score, ...this.#shown(means), feedback: this.#said(feedback, means), examples: this.examples.length };
      }
    }
    const examples = this.examples.filter((example) => isMeasured(table, example));
    const on = { dataset, examples };
    const means = archive.meanWith(entry, examples.length === 0 ? undefined : on, (metric, of) =>
      this.#failureOf(entry, metric, of),
    );
    const known = { values, score: null, feedback: this.#said(feedback, means), examples: examples.length };
    return means === null ? known : { ...known, ...this.#estimate(means, on) };
  }

  /** The current score and the distance to it on the same examples. @param means those on `shared`, where that is not empty */
  #estimate(means: Scores, shared: Sample): Pick<PastAttempt, "estimate" | "scores"> {
    const own = this.#numberOf(means);
    if (shared.examples.length === 0) return { estimate: this.#placed(own, means), ...this.#shown(means) };
    this.#all ??= this.#currentMeans(this.examples);
    const [its, all] = [this.#currentMeans(shared.examples), this.#all];
    if (its === null || all === null) return {};
    const moved = Object.entries(all).flatMap(([metric, value]) => {
      const [mine, theirs] = [ownValue(means, metric), ownValue(its, metric)];
      return mine === undefined || theirs === undefined ? [] : [[metric, value + mine - theirs] as const];
    });
    const estimate = this.#placed(this.#numberOf(all) + own - this.#numberOf(its), means);
    return { estimate, ...this.#shown(Object.fromEntries(moved)) };
  }

  /** What a number was made of, where it is not the guide's score itself. */
  #shown(scores: Scores): Pick<PastAttempt, "scores"> {
    return isByScore(this.#parts.archive.objective) ? {} : { scores };
  }

  /**
   * What failures of an entry count as: no better than those of the current candidate. Of others nothing counts, so that an attempt that is
   * kept remains true.
   */
  #failureOf(entry: Entry, metric: string, of: SearchDataset): number {
    const { archive, dataset } = this.#parts;
    const table = archive.table(entry, of);
    const options = archive.optionsOf(of);
    const own = lowestOf(table, [...table.examples()], metric, options);
    return of === dataset ? worseOf(metric, own, this.#lowestOfCurrent(metric), options) : own;
  }

  /** What a failure of the current candidate counts as. */
  #lowestOfCurrent(metric: string): number {
    const { archive, dataset } = this.#parts;
    const lowest = this.#lowest.get(metric) ?? lowestOf(this.#table, this.examples, metric, archive.optionsOf(dataset));
    this.#lowest.set(metric, lowest);
    return lowest;
  }

  /** The means of the current candidate, from what each example came to: it may have been run very often. */
  #currentMeans(examples: readonly number[]): Scores | null {
    const { archive } = this.#parts;
    this.#columns ??= [...new Set(["score", ...this.#table.metrics])].map((metric) => {
      const lowest = this.#lowestOfCurrent(metric);
      return [metric, new Map(this.examples.map((example) => [example, this.#table.value(metric, example, lowest)]))] as const;
    });
    const means: Scores = Object.fromEntries(
      this.#columns.flatMap(([metric, column]): [string, number][] => {
        const known = mean(examples.map((example) => column.get(example) as number).filter((value) => !Number.isNaN(value)));
        return known === null ? [] : [[metric, known]];
      }),
    );
    const { objective } = archive;
    const isMissing = (metric: string): boolean => !Object.hasOwn(means, metric);
    return objective.missingValue === null && namedMetrics(objective).some(isMissing) ? null : means;
  }

  /** One number for means, constraints aside. */
  #numberOf(means: Scores): number {
    return comparableScores([means], this.#unconstrained)[0] as number;
  }

  /** A number as it is, or below the floor where a constraint is violated. */
  #placed(number: number, means: Scores): number {
    if (!this.#isConstrained) return number;
    this.lowest = Math.min(this.lowest, number);
    const violation = violationOf(means, this.#parts.archive.objective.constraints);
    return violation === 0 ? number : this.floor - violation;
  }

  #said(errors: readonly string[], means: Scores | null): string {
    const violation = means === null ? "" : describeViolation(means, this.#parts.archive.objective.constraints);
    return [...errors, ...(violation === "" ? [] : [violation])].join("\n");
  }

  /** Whether it was run on every example. */
  #isWhole(entry: Entry): boolean {
    const { archive, dataset } = this.#parts;
    return this.examples.length > 0 && archive.table(entry, dataset).isTriedOn(this.examples);
  }
}

function reasoningOf({ reasoning }: Entry): Pick<PastAttempt, "reasoning"> {
  return reasoning === undefined ? {} : { reasoning };
}

function isMeasured(table: TrialTable, example: number): boolean {
  const state = table.state(example);
  return state === "scored" || state === "failed";
}

/** Whether it has an estimate from examples that the current candidate was scored on, too. */
function isEstimated(attempt: PastAttempt): attempt is PastAttempt & { readonly estimate: number } {
  return attempt.score === null && attempt.estimate !== undefined && (attempt.examples ?? 0) > 0;
}

/** Each entry once, in the order of its last occurrence. */
function lastOfEach(entries: readonly Entry[]): Entry[] {
  return [...new Set(entries.toReversed())].reverse();
}
