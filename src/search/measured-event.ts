/**
 * Trials as an event of the run: what the archive is made of, in columns.
 *
 * @module
 */
import type { Scores } from "../data/scores.ts";
import type { RunEvent } from "../trainer/events.ts";
import type { SearchDataset, Trial } from "./search.ts";

/** The event that reports trials of one candidate. */
export type MeasuredEvent = Extract<RunEvent, { readonly type: "candidate-measured" }>;

/** One trial with its place. */
export interface PlacedTrial extends Trial {
  readonly example: number;
  /** Which rollout of the example, from 0. */
  readonly sample: number;
}

/** The event for trials of one candidate on one dataset. */
export function measuredEvent(
  about: { readonly position: string; readonly candidate: string; readonly dataset: SearchDataset },
  trials: readonly PlacedTrial[],
): MeasuredEvent {
  const metrics = [...new Set(trials.flatMap(({ scores }) => Object.keys(scores ?? {})))];
  const samples = trials.map(({ sample }) => sample);
  const failed = trials.flatMap((trial, at) => (trial.failed ? [at] : []));
  const errors = trials.flatMap(({ error }, at) => (error === undefined ? [] : [[String(at), error]]));
  return {
    type: "candidate-measured",
    ...about,
    examples: trials.map(({ example }) => example),
    ...(samples.some((sample) => sample > 0) ? { samples } : {}),
    scores: Object.fromEntries(metrics.map((metric) => [metric, trials.map(({ scores }) => scores?.[metric] ?? null)])),
    ...(failed.length === 0 ? {} : { failed }),
    ...(errors.length === 0 ? {} : { errors: Object.fromEntries(errors) }),
  };
}

/** The trials that an event reports. */
export function trialsOf({ examples, samples, scores, failed = [], errors = {} }: MeasuredEvent): PlacedTrial[] {
  const hasFailed = new Set(failed);
  return examples.map((example, at) => {
    const own = Object.entries(scores).flatMap(([metric, column]) => {
      const score = column[at];
      return typeof score === "number" ? [[metric, score] as const] : [];
    });
    const error = errors[String(at)];
    return {
      example,
      sample: samples?.[at] ?? 0,
      scores: own.length === 0 ? null : (Object.fromEntries(own) as Scores),
      failed: hasFailed.has(at),
      ...(error === undefined ? {} : { error }),
    };
  });
}
