/**
 * Memory of past attempts: which values were really tried, what they scored, and what was said of them.
 *
 * @module
 */

import { canonicalJson, describeValue, isJsonValue, isPlainObject, type JsonValue } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Candidate } from "../graph/with-values.ts";

/** Values that were tried. */
export interface Attempt {
  /** A value for every variable. */
  readonly values: Candidate;
  readonly score: number | null;
  /** Empty when nothing was said. */
  readonly feedback: string;
}

/** Keeps the last distinct attempts; one that is tried again moves to the end. */
export class AttemptMemory {
  readonly size: number;
  readonly #attempts = new Map<string, Attempt>();

  /** @param size how many attempts are kept; 0 keeps none */
  constructor(size: number) {
    this.size = size;
  }

  /** Oldest first. */
  get attempts(): readonly Attempt[] {
    return [...this.#attempts.values()];
  }

  /** What is known of these very values. */
  find(values: Candidate): Attempt | undefined {
    return this.#attempts.get(canonicalJson(values));
  }

  /** Adds an attempt; takes the place of an earlier one with the same values. */
  record(attempt: Attempt): void {
    const key = canonicalJson(attempt.values);
    this.#attempts.delete(key);
    this.#attempts.set(key, attempt);
    for (const oldest of this.#attempts.keys()) {
      if (this.#attempts.size <= this.size) break;
      this.#attempts.delete(oldest);
    }
  }

  /** All attempts as plain JSON. */
  state(): JsonValue {
    return this.attempts.map(({ values, score, feedback }) => ({ values, score, feedback }));
  }

  /** Forgets everything in favour of these attempts. */
  replace(attempts: readonly Attempt[]): void {
    this.#attempts.clear();
    for (const attempt of attempts) this.record(attempt);
  }
}

/**
 * The attempts that `AttemptMemory.state` wrote.
 *
 * @throws InvalidArgumentError when it is not that
 */
export function readAttempts(state: unknown): readonly Attempt[] {
  if (Array.isArray(state) && state.every(isAttempt)) return state;
  throw new InvalidArgumentError(
    `Expected a list of attempts, each with values, score and feedback, got ${describeValue(state)}`,
  );
}

function isAttempt(entry: unknown): entry is Attempt {
  if (!isPlainObject(entry) || !isJsonValue(entry)) return false;
  const { values, score, feedback } = entry;
  return isPlainObject(values) && (score === null || typeof score === "number") && typeof feedback === "string";
}
