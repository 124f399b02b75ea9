/**
 * The contract of records of rollouts: for agents whose work is costly and not all done by language models.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";

/** Keeps the results of rollouts, by logical position, candidate and example. */
export interface RolloutRecords {
  /** What was recorded under a key. */
  find(key: string): JsonValue | undefined;
  /** Keeps the result of a rollout, even across a power failure. */
  record(key: string, position: string, result: JsonValue): Promise<void>;
}

/** How the result of a rollout is written and read; `undefined` is a result that cannot be written, and is not kept. */
export interface RolloutCodec<R> {
  readonly write: (result: R) => JsonValue | undefined;
  readonly read: (written: JsonValue) => R;
}
