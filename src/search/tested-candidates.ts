/**
 * `TestedCandidates`: how the start and the best candidates did on data that are evaluated, example by example, as a fold over the events of the run.
 *
 * The archive has what a search measures, and must not have these: no decision may depend on them. Only the first evaluation of the start on
 * validation data may be in both, because a search would measure that again (`start-trials`).
 *
 * @module
 */
import type { Evaluation } from "../trainer/evaluation.ts";
import { trialsIn } from "./evaluation-table.ts";
import { columnsOf, type TestedEvent, trialsOf } from "./measured-event.ts";
import { TrialTable } from "./trial-table.ts";

/** Which data candidates are evaluated on. */
export type TestedDataset = TestedEvent["dataset"];

/** Collects them. */
export class TestedCandidates {
  readonly #tables: Readonly<Record<TestedDataset, Map<string, TrialTable>>> = { validate: new Map(), test: new Map() };

  has(candidate: string, dataset: TestedDataset): boolean {
    return this.#tables[dataset].has(candidate);
  }

  /** What a candidate came to; `undefined` where that is not known. */
  table(candidate: string, dataset: TestedDataset): TrialTable | undefined {
    return this.#tables[dataset].get(candidate);
  }

  /** Takes in an event. What was evaluated first counts: a candidate that is evaluated until it looks good would look good. */
  add(event: TestedEvent): void {
    const { candidate, dataset } = event;
    if (this.has(candidate, dataset)) return;
    const table = new TrialTable();
    for (const { example, sample, ...trial } of trialsOf(event)) table.add(example, trial, sample);
    this.#tables[dataset].set(candidate, table);
  }

  /** Forgets all: scores by other code do not compare. */
  clear(): void {
    for (const tables of Object.values(this.#tables)) tables.clear();
  }
}

/** The event for an evaluation of a candidate. */
export function testedEvent(
  about: Pick<TestedEvent, "iteration" | "candidate" | "dataset">,
  evaluation: Pick<Evaluation, "cells" | "metrics">,
  numSamples: number,
): TestedEvent {
  const trials = trialsIn(evaluation).map((trial, at) => {
    return { ...trial, example: Math.floor(at / numSamples), sample: at % numSamples };
  });
  return { type: "candidate-tested", ...about, ...columnsOf(trials) };
}
