/**
 * Memory of past attempts: which values were really tried, what they scored, and what was said of them.
 *
 * @module
 */

import { canonicalJson, describeValue, isJsonValue, isPlainObject, type JsonValue } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { AttemptLog, HistoryView, PastAttempt } from "./optimizer.ts";

/** Which attempts are kept when there are too many: the last, or those with the highest scores, of equals the later. */
export type AttemptPolicy = "latest" | "best";

/** The history where no search gives one: some distinct attempts, as they were reported. One that is tried again moves to the end. */
export class AttemptMemory implements HistoryView {
  readonly size: number;
  readonly policy: AttemptPolicy;
  readonly #attempts = new Map<string, PastAttempt>();

  /**
   * @param size how many attempts are kept; 0 keeps none
   * @param policy an attempt without a score is worse than any other for `"best"`
   */
  constructor(size: number, policy: AttemptPolicy = "latest") {
    this.size = size;
    this.policy = policy;
  }

  /** Oldest first. */
  get attempts(): readonly PastAttempt[] {
    return [...this.#attempts.values()];
  }

  /** As short as the memory is, it is read anew each time. */
  get log(): AttemptLog {
    const { attempts } = this;
    return { scale: {}, length: attempts.length, from: (place) => attempts.slice(place) };
  }

  best(count: number): readonly PastAttempt[] {
    const scored = this.attempts.filter(({ score }) => score !== null).reverse();
    return scored.sort((a, b) => rank(b) - rank(a)).slice(0, count);
  }

  latest(count: number): readonly PastAttempt[] {
    return count === 0 ? [] : this.attempts.slice(-count);
  }

  find(values: Candidate): PastAttempt | undefined {
    return this.#attempts.get(canonicalJson(values));
  }

  /** Adds an attempt; takes the place of an earlier one with the same values. */
  record(attempt: PastAttempt): void {
    const key = canonicalJson(attempt.values);
    this.#attempts.delete(key);
    this.#attempts.set(key, attempt);
    if (this.#attempts.size > this.size) this.#attempts.delete(this.#least());
  }

  /** The one to go. */
  #least(): string {
    const entries = [...this.#attempts];
    const ranked = this.policy === "latest" ? entries : entries.sort(([, a], [, b]) => rank(a) - rank(b));
    return ranked[0]?.[0] as string;
  }

  /** All attempts as plain JSON. */
  state(): JsonValue {
    return this.attempts.map(({ values, score, feedback }) => ({ values, score, feedback }));
  }

  /** Forgets everything in favour of these attempts. */
  replace(attempts: readonly PastAttempt[]): void {
    this.#attempts.clear();
    for (const attempt of attempts) this.record(attempt);
  }
}

/**
 * The attempts that `AttemptMemory.state` wrote.
 *
 * @throws InvalidArgumentError when it is not that
 */
export function readAttempts(state: unknown): readonly PastAttempt[] {
  if (Array.isArray(state) && state.every(isAttempt)) return state;
  throw new InvalidArgumentError(
    `Expected a list of attempts, each with values, score and feedback, got ${describeValue(state)}`,
  );
}

function rank({ score }: PastAttempt): number {
  return score ?? Number.NEGATIVE_INFINITY;
}

function isAttempt(entry: unknown): entry is PastAttempt {
  if (!isPlainObject(entry) || !isJsonValue(entry)) return false;
  const { values, score, feedback } = entry;
  return isPlainObject(values) && (score === null || typeof score === "number") && typeof feedback === "string";
}
