/**
 * The contract of what optimizers read besides a batch: earlier attempts with comparable scores, and what else was measured.
 *
 * @module
 */
import type { Scores } from "../data/scores.ts";
import type { Candidate } from "../graph/with-values.ts";

/** What was tried before, as an optimizer may read it. All scores are over the same examples, so that they can be compared. */
export interface HistoryView {
  /** How many examples the scores are over; `undefined` for scores that were only reported, by `observe`. */
  readonly examples?: number | undefined;
  /**
   * The attempts with the highest scores, best first; of equal ones the later first. If fewer than `count` have a score, those with the
   * highest estimates follow. Attempts with neither are left out.
   *
   * @param count the most attempts to return
   */
  best(count: number): readonly PastAttempt[];
  /** The latest attempts, oldest first. @param count the most attempts to return */
  latest(count: number): readonly PastAttempt[];
  /** The attempt with exactly these values. */
  find(values: Candidate): PastAttempt | undefined;
  /** Values against others, example by example; `undefined` where no example was scored with both. @default unknown */
  against?(values: Candidate, others: Candidate): PairedOutcome | undefined;
  /** On how many examples of the history values had which score of the guide, the best first; `undefined` where there are many scores. @default unknown */
  spread?(values: Candidate): readonly (readonly [score: number, examples: number])[] | undefined;
  /** Every attempt, for optimizers that keep a model of the scores and read only what is new. */
  readonly log: AttemptLog;
}

/** How values did on the examples that they and others were scored on. */
export interface PairedOutcome {
  readonly examples: number;
  /** On how many of them they were better by the objective of the search. */
  readonly better: number;
  readonly worse: number;
}

/** What was measured of the values to improve besides the graph, on training data alone. */
export interface Evidence {
  /** Examples that are not in the graph, and on which these values did worse than they might, the worst first. */
  readonly failures: readonly KnownFailure[];
  /** Examples that came out differently in several runs with the same values. */
  readonly unstable: readonly UnstableExample[];
}

/** An example on which values did badly, without what they made of it. */
export interface KnownFailure {
  readonly input: unknown;
  /** What the dataset says of it, such as the right answer. */
  readonly info: unknown;
  /** The guide's score; `null` where the agent failed, or something else than the score counts. */
  readonly score: number | null;
  /** Whether the agent failed. */
  readonly failed: boolean;
}

/** Two runs on the same example. */
export interface UnstableExample {
  readonly input: unknown;
  readonly better: { readonly answer: unknown; readonly score: number | null };
  readonly worse: { readonly answer: unknown; readonly score: number | null };
}

/** Attempts in the order in which their results arrived; an attempt with further results is in it again. */
export interface AttemptLog {
  /** The same object as long as everything that was read from the log remains valid. */
  readonly scale: object;
  readonly length: number;
  /** The attempts from a place in the log to its end, each once, with everything known about them now. */
  from(place: number): readonly PastAttempt[];
}

/** Values that were tried, by the names of the optimizer. */
export interface PastAttempt {
  readonly values: Candidate;
  /** Over all examples of the history, more being better by the objective of the search; `null` when it was not scored on them. */
  readonly score: number | null;
  /**
   * The mean of every metric as the guide returned them, which `score` or `estimate` was made of; missing where that is the guide's score
   * itself. @default unknown
   */
  readonly scores?: Scores | undefined;
  /** Feedback on it, such as errors that it caused; empty if there is none. */
  readonly feedback: string;
  /** The number of examples of the history that it was scored on. @default unknown */
  readonly examples?: number | undefined;
  /**
   * Only without a score: the score it would have if it kept its distance to the current candidate on the examples that both were
   * scored on; if there are no such examples, its mean on others. @default unknown
   */
  readonly estimate?: number | undefined;
  /** Why it was proposed, in the words of the model. @default unknown */
  readonly reasoning?: string | undefined;
}
