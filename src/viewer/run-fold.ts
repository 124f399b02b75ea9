/**
 * `RunFold`: what the journal of a run says, as a fold over its lines. It is small: what is long stays in the journal, and is read again when it is looked at.
 *
 * @module
 */
import { isPlainObject, ownValue, parseJsonObject } from "../data/json.ts";
import type { Scores } from "../data/scores.ts";
import type { PriceList } from "../llm/spend/prices.ts";
import type { DatasetName, WarningLine } from "./api.ts";
import { type CandidateRow, CandidateTable, type ValuesOf } from "./candidate-table.ts";
import { HeldFold } from "./held-fold.ts";
import { type JournalLine, textOfLine, timeOfLine } from "./journal-lines.ts";
import { LineParser } from "./line-parser.ts";
import type { Fields, LineRef } from "./line-store.ts";
import { datasetOf, iterationOf, numberOr, rounded } from "./line-values.ts";
import { SeriesFold } from "./series-fold.ts";
import { SpendTally } from "./spend-tally.ts";
import { TaskFold } from "./task-fold.ts";
import { WaitTally } from "./wait-tally.ts";

/** A candidate that was measured on what the best values are chosen on, where there are several metrics. */
export interface Evaluated {
  readonly candidate: string;
  readonly iteration: number;
  readonly scores: Scores;
  readonly ranges: { readonly [metric: string]: readonly [number, number] };
}

/** Which part of the run a line has changed. */
export type ChangedPart = "scores" | "candidates" | "spend" | "warnings" | "state";

const seriesOf: Readonly<Record<string, DatasetName>> = { "Average test score": "test", "Validation score": "validate" };
/** How many different warnings are kept. */
const mostWarnings = 1_000;

/** Collects what the lines say. */
export class RunFold {
  readonly candidates: CandidateTable;
  readonly spend: SpendTally = new SpendTally();
  readonly waits: WaitTally = new WaitTally();
  readonly warnings: Map<string, WarningLine> = new Map();
  readonly series: SeriesFold;
  readonly evaluated: Evaluated[] = [];
  /** Lines about proposals and prompts, by position. */
  readonly atPosition: Map<string, LineRef[]> = new Map();
  readonly #changed = new Set<ChangedPart>();
  /** How many calls there were when it was last asked what has changed. */
  #callsBefore = 0;
  start: Fields | undefined;
  end: Fields | undefined;
  current: string | null = null;
  iterations = 0;
  readonly tasks: TaskFold = new TaskFold();
  readonly held: HeldFold;
  failedProposals = 0;
  events = 0;
  seq = 0;
  readonly #parser = new LineParser();
  #iteration: number | null = null;
  #proposals: CandidateRow[] = [];
  readonly #evaluatedIds = new Set<string>();
  #isAccepted: boolean | undefined;

  /**
   * @param prices of models
   * @param numSamples rollouts for each example of an evaluation
   * @param valuesOf reads the values of candidates again
   */
  constructor(prices: PriceList, numSamples: number, valuesOf: ValuesOf) {
    this.candidates = new CandidateTable(valuesOf);
    this.held = new HeldFold(this.candidates);
    const { spend, tasks, candidates } = this;
    this.series = new SeriesFold({ spend, prices, tasks, candidates, numSamples });
  }

  /** What has changed since this was last asked. */
  takeChanged(): ChangedPart[] {
    if (this.spend.calls !== this.#callsBefore) this.#changed.add("spend");
    this.#callsBefore = this.spend.calls;
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  /** Takes in a line. */
  add(line: JournalLine): void {
    if (line.type === "mark") {
      this.#mark(parseJsonObject(textOfLine(line)) ?? {});
      return;
    }
    this.events++;
    this.seq = line.seq;
    if (line.type === "model-call") {
      this.spend.add(line);
      return;
    }
    if (line.type === "task-end") {
      this.tasks.add(line);
      return;
    }
    const take = ownValue(this.#takers, line.type);
    if (take === undefined) return;
    const event = this.#parser.parse(line);
    if (event !== undefined) take(event, { offset: line.offset, length: line.end - line.start }, timeOfLine(line));
  }

  /**
   * Takes in the `model-call` lines that follow each other, from their bytes.
   *
   * @param from where the first line begins
   * @param lastSeq events with a higher number are void
   * @returns where the first line begins that is to be given to `add`
   */
  addCalls(bytes: Buffer, from: number, lastSeq: number): number {
    const before = this.spend.calls;
    const end = this.spend.take(bytes, from, lastSeq);
    if (end === from) return end;
    this.events += this.spend.calls - before;
    this.seq = this.spend.lastSeq;
    return end;
  }

  readonly #takers: Readonly<Record<string, (event: Fields, line: LineRef, at: string) => void>> = {
    "run-start": (event, line, at) => {
      this.series.pass(at);
      this.start = event;
      this.candidates.add("start", { parents: [], origin: "start", values: event.parameters }, 0, line);
      this.current = "start";
      this.held.start("start");
      this.#changed.add("state");
    },
    "iteration-start": ({ iteration }, _line, at) => {
      this.series.pass(at);
      this.#iteration = numberOr(iteration, 0);
      this.#proposals = [];
      this.#isAccepted = undefined;
    },
    "iteration-end": ({ iteration, score }, _line, at) => {
      this.series.pass(at);
      const number = numberOr(iteration, 0);
      this.iterations = Math.max(this.iterations, number);
      if (typeof score === "number") {
        const about = { dataset: "train", metric: "score", label: "Score of the batch", iteration: number, score } as const;
        this.series.add({ ...about, candidate: this.held.at(number - 1), task: "forward" });
      }
      const proposed = this.#proposals.filter(({ id }) => !id.endsWith("/set"));
      this.#hold(number, this.held.end(number, proposed.length === 1 ? proposed[0]?.id : undefined, this.#isAccepted));
      this.tasks.forget();
      this.#changed.add("scores");
    },
    "candidate-proposed": (event, line, at) => {
      const id = String(event.candidate);
      const isNew = this.candidates.get(id) === undefined;
      const row = this.candidates.add(id, event, iterationOf(id) ?? this.#iteration ?? 0, line);
      this.#proposals.push(row);
      if (isNew) row.history.push({ iteration: row.iteration, at, text: `Proposed by ${row.origin}` });
      this.#changed.add("candidates");
    },
    "candidate-measured": (event, line) => {
      this.#measured(event, datasetOf(event.dataset), line);
      const [before, begun] = [(this.#iteration ?? 0) - 1, this.held.forward(String(event.position), String(event.candidate))];
      if (begun !== undefined) this.#hold(before, begun);
    },
    "candidate-tested": (event, line) => this.#measured(event, datasetOf(event.dataset), line),
    "candidate-evaluated": (event) => {
      const { candidate, iteration, scores, ranges } = event;
      const row = this.candidates.get(String(candidate));
      if (row === undefined || !isPlainObject(scores)) return;
      row.scores = scores as Scores;
      this.#evaluatedIds.add(row.id);
      const own = { candidate: row.id, iteration: numberOr(iteration, 0), scores: row.scores };
      this.evaluated.push({ ...own, ranges: (isPlainObject(ranges) ? ranges : {}) as Evaluated["ranges"] });
      for (const [metric, score] of Object.entries(row.scores)) {
        this.candidates.metrics.add(metric);
        if (metric === "score") continue;
        this.series.add({ dataset: "validate", metric, label: `Evaluated ${metric}`, ...own, score });
      }
    },
    "candidate-scored": ({ candidate, score, scores }, _line, at) => {
      const row = this.candidates.get(String(candidate));
      if (row === undefined) return;
      row.score = typeof score === "number" ? score : row.score;
      // Those of an evaluation are of whole datasets, these may be of a batch.
      if (isPlainObject(scores) && !this.#evaluatedIds.has(row.id)) row.scores = scores as Scores;
      this.#note(row, at, typeof score === "number" ? `Scored ${rounded(score)}` : "Could not be compared");
    },
    "candidate-dropped": ({ candidate, score, reason, examples, total }, _line, at) => {
      const row = this.candidates.get(String(candidate));
      if (row === undefined) return;
      row.wasDropped = true;
      if (typeof score === "number") row.score = score;
      const why = reason === "racing" ? "it was too unlikely to win" : "it could not win any more";
      this.#note(row, at, `Dropped after ${String(examples)} of ${String(total)} examples, because ${why}`);
    },
    "candidate-selected": ({ candidate, changed }, _line, at) => {
      const row = this.candidates.get(String(candidate));
      if (row === undefined) return;
      this.current = row.id;
      this.held.select(row.id);
      row.wasSelected = true;
      if (changed === true) this.#note(row, at, "Selected");
    },
    "update-accepted": ({ newScore, currentScore }, _line, at) => this.#decided(true, newScore, currentScore, at),
    "update-rejected": ({ newScore, currentScore }, _line, at) => this.#decided(false, newScore, currentScore, at),
    "proposal-rejected": ({ position }, line) => this.#keep(position, line),
    "proposal-failed": ({ position }, line) => {
      this.failedProposals++;
      this.#keep(position, line);
    },
    prompt: ({ position }, line) => this.#keep(position, line),
    reply: ({ position }, line) => this.#keep(position, line),
    log: ({ name, data, step }, _line, at) => {
      const [, path] = /^Parameter: (.*)$/s.exec(String(name)) ?? [];
      if (path !== undefined) this.held.log(numberOr(step, 0), path, data);
      const dataset = ownValue(seriesOf, String(name));
      if (dataset === undefined || typeof step !== "number") return;
      this.series.pass(at);
      const score = typeof data === "number" ? data : null;
      const about = { dataset, metric: "score", label: String(name), iteration: step, score };
      const candidate = this.held.at(step) ?? (this.held.isSaid ? this.current : null);
      this.series.add({ ...about, candidate, task: dataset === "test" ? "test" : "validation" });
      this.#changed.add("scores");
    },
    warning: ({ message }, _line, at) => {
      const text = String(message);
      const known = this.warnings.get(text) ?? { at, count: 0 };
      if (known.count === 0 && this.warnings.size >= mostWarnings) return;
      this.warnings.set(text, { message: text, at: known.at, count: known.count + 1 });
      this.#changed.add("warnings");
    },
    "scores-forgotten": () => {
      this.candidates.forgetScores();
      this.evaluated.length = 0;
      this.#evaluatedIds.clear();
      this.#changed.add("candidates");
    },
    "run-end": (event, _line, at) => {
      this.series.pass(at);
      this.end = event;
      this.#changed.add("state");
    },
  };

  #mark(mark: Fields): void {
    this.waits.add(mark);
    if (mark.mark !== "run-resumed") return;
    this.end = undefined;
    this.series.pause();
    this.#changed.add("state");
  }

  #measured(event: Fields, dataset: DatasetName, line: LineRef): void {
    this.#changed.add("candidates");
    this.candidates.measure(String(event.candidate), dataset, event, line);
  }

  #decided(isAccepted: boolean, newScore: unknown, currentScore: unknown, at: string): void {
    const scores = `${rounded(newScore)} against ${rounded(currentScore)}`;
    this.#isAccepted = isAccepted;
    for (const row of this.#proposals) {
      if (isAccepted) row.wasAccepted = true;
      else row.wasRejected = true;
      this.#note(row, at, `${isAccepted ? "Accepted" : "Rejected"}: ${scores}`);
    }
  }

  #note(row: CandidateRow, at: string, text: string): void {
    row.history.push({ iteration: this.#iteration, at, text });
    this.#changed.add("candidates");
  }

  #keep(position: unknown, line: LineRef): void {
    const name = String(position);
    const known = this.atPosition.get(name);
    if (known === undefined) this.atPosition.set(name, [line]);
    else known.push(line);
  }

  /** The agent holds a candidate after an iteration: the points of that iteration are its own. */
  #hold(iteration: number, candidate: string | null): void {
    if (candidate === null) return;
    this.current = candidate;
    const row = this.candidates.get(candidate);
    if (row !== undefined && !this.held.isSaid) row.wasSelected = true;
    this.series.hold(iteration, candidate);
  }
}
