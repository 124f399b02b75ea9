/**
 * Trials as an event of the run: what the archive is made of, in columns.
 *
 * @module
 */
import { withScore } from "../data/scores.ts";
import type { RunEvent } from "../trainer/events.ts";
import type { Rollout } from "../trainer/rollout.ts";
import type { SearchDataset, Trial } from "./search.ts";

/** The event that reports trials of one candidate. */
export type MeasuredEvent = Extract<RunEvent, { readonly type: "candidate-measured" }>;

/** One trial with its place. */
export interface PlacedTrial extends Trial {
  readonly example: number;
  /** Which rollout of the example, from 0. */
  readonly sample: number;
}

/** The event that reports how a candidate did on data that are evaluated. */
export type TestedEvent = Extract<RunEvent, { readonly type: "candidate-tested" }>;

type TrialColumns = Pick<MeasuredEvent, "examples" | "samples" | "scores" | "failed" | "errors">;

/** The event for trials of one candidate on one dataset. */
export function measuredEvent(
  about: { readonly position: string; readonly candidate: string; readonly dataset: SearchDataset },
  trials: readonly PlacedTrial[],
): MeasuredEvent {
  return { type: "candidate-measured", ...about, ...columnsOf(trials) };
}

/** Trials in columns. */
export function columnsOf(trials: readonly PlacedTrial[]): TrialColumns {
  const columns = new Map<string, (number | null)[]>();
  const failed: number[] = [];
  const errors: [at: string, error: string][] = [];
  for (const [at, trial] of trials.entries()) {
    for (const metric in trial.scores) {
      const column = columns.get(metric) ?? new Array<number | null>(trials.length).fill(null);
      column[at] = trial.scores[metric] ?? null;
      columns.set(metric, column);
    }
    if (trial.failed) failed.push(at);
    if (trial.error !== undefined) errors.push([String(at), trial.error]);
  }
  return {
    examples: trials.map(({ example }) => example),
    ...(trials.some(({ sample }) => sample > 0) ? { samples: trials.map(({ sample }) => sample) } : {}),
    scores: Object.fromEntries(columns),
    ...(failed.length === 0 ? {} : { failed }),
    ...(errors.length === 0 ? {} : { errors: Object.fromEntries(errors) }),
  };
}

/** The trials that an event reports. */
export function trialsOf({ examples, samples, scores, failed = [], errors = {} }: TrialColumns): PlacedTrial[] {
  const hasFailed = new Set(failed);
  const columns = Object.entries(scores);
  return examples.map((example, at) => {
    const own: [metric: string, score: number][] = [];
    for (const [metric, column] of columns) {
      const score = column[at];
      if (typeof score === "number") own.push([metric, score]);
    }
    const error = errors[String(at)];
    const trial = {
      example,
      sample: samples?.[at] ?? 0,
      scores: own.length === 0 ? null : Object.fromEntries(own),
      failed: hasFailed.has(at),
    };
    return error === undefined ? trial : { ...trial, error };
  });
}

/** A rollout as a trial. */
export function trialOf(rollout: Rollout<unknown>): Omit<PlacedTrial, "example" | "sample"> {
  const { status, score, error } = rollout;
  const scores = score === null ? null : withScore(score, rollout.scores);
  return { scores, failed: status === "failed", ...(error === undefined ? {} : { error }) };
}
