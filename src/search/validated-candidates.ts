/**
 * Which candidates a search has validated, and their scores, which the best values of the run are chosen by. `score-candidates` runs them.
 *
 * @module
 */
import { type DirectedScale, meanOfScored } from "../data/comparison.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Guide } from "../guides/guide.ts";
import type { KnownScore } from "../trainer/evaluate.ts";
import { type SearchArchive, startId } from "./archive.ts";
import { metricsOf } from "./evaluation-table.ts";
import type { Judged } from "./run-progress.ts";
import type { Scoring } from "./score-candidates.ts";
import type { Entry } from "./search.ts";

/** Which data a search validates on. */
export interface ValidatedData {
  readonly dataset: Dataset<unknown, unknown>;
  readonly scale: DirectedScale;
  /** Whether the validation data also stand for a test dataset, so that nothing else is evaluated. */
  readonly isTest: boolean;
}

/** The same with what is known of some candidates. */
export interface Validated extends ValidatedData {
  /** The candidates that are known on all of the data, as measured in some iteration. */
  readonly judged: (iteration: number) => readonly Judged[];
}

/** Which candidates the best values are chosen from: those that the agent held and, under a `pareto` objective, all that were validated. */
export class ValidatedCandidates {
  readonly #data: ValidatedData;
  readonly #archive: SearchArchive;
  readonly #taken = new Set<string>();

  constructor(data: ValidatedData, archive: SearchArchive) {
    this.#data = data;
    this.#archive = archive;
  }

  /** Notes that a candidate was judged by an earlier process. */
  restore(id: string): void {
    this.#taken.add(id);
  }

  /** Candidates will be measured again. */
  forget(): void {
    this.#taken.clear();
  }

  /** What is known now: what is measured later does not change it. @param current what the agent holds */
  now(current: Entry): Validated {
    const archive = this.#archive;
    const isFront = archive.objective.mode === "pareto";
    const held = [archive.get(startId), current];
    const entries = isFront ? archive.entries.filter((entry) => held.includes(entry) || !this.#taken.has(entry.id)) : held;
    const known = [...new Set(entries)].flatMap((entry) => this.#measured(entry));
    for (const { candidate } of known) this.#taken.add(candidate);
    return { ...this.#data, judged: (iteration) => known.map((one) => ({ ...one, iteration })) };
  }

  /** Nothing where it was not run on all of the data. */
  #measured(entry: Entry): Omit<Judged, "iteration">[] {
    const archive = this.#archive;
    const { scale, dataset } = this.#data;
    const table = archive.table(entry, "validate");
    if (table.count === 0) return [];
    const on = { dataset: "validate" as const, examples: dataset.map((_, example) => example) };
    const cells = archive.cells(entry, on);
    if (cells === undefined) return [];
    const own = meanOfScored(cells, scale);
    const known = metricsOf(table, on.examples, own, archive.optionsOf("validate"));
    // Where nothing is declared a failure counts as the worst score of the run, not of this candidate alone.
    const mean = scale.lowerIsBetter === true ? (known.scores?.score ?? own) : own;
    const measurement = { mean, cells, scale, ...known };
    const isKnown = this.#taken.has(entry.id);
    return [{ candidate: entry.id, parameters: entry.values, measurement, isKnown }];
  }
}

/** Scores of one candidate, example by example; `null` where there is none. */
export interface KnownScores<X, Y, Info> {
  readonly dataset: Dataset<X, Info>;
  readonly guide: Guide<X, Y, Info>;
  readonly scores: readonly (KnownScore | null)[];
}

/** What is known of a candidate on the validation data, as it is now. */
export function knownScores<X, Y, Info>(
  archive: SearchArchive,
  entry: Entry,
  { dataset, guide }: Scoring<X, Y, Info>,
): KnownScores<X, Y, Info> {
  const table = archive.table(entry, "validate");
  const scores = dataset.map((_, example) => {
    if (table.stateOf(example, 0) !== "scored") return null;
    const { score, ...further } = table.meansOf(example);
    return score === undefined ? null : { score, scores: further, failed: false };
  });
  return { dataset, guide, scores };
}
