/**
 * The contract of records of calls: what a run has paid for, kept from process to process.
 *
 * @module
 */
import type { ModelReply, ModelRequest } from "./model-request.ts";
import type { CallEntry } from "./usage.ts";

/** One call, as records know it. */
export interface IdentifiedCall extends CallEntry {
  /** SHA-256 of the logical position, the whole request, and how often this very request was made at this position before. */
  readonly key: string;
  /** Logical position of the call. */
  readonly position: string;
}

/** Keeps the answers of providers. `opto/runs` has the one that writes a file. */
export interface CallRecords {
  /** Names a call that is about to be made. The same call gets the same key in every process, whatever the timing. */
  identify(position: string, request: ModelRequest, entry: CallEntry): IdentifiedCall;
  /**
   * The answer that was recorded for a call.
   *
   * @throws ConfigurationError when there is none and only recorded answers may be used
   */
  find(call: IdentifiedCall): Promise<ModelReply | undefined>;
  /** Notes that a request goes out, just before it does. */
  sent(call: IdentifiedCall): void;
  /**
   * Keeps an answer, also over a loss of power.
   *
   * @throws StopError when it cannot be written
   */
  answered(call: IdentifiedCall, reply: ModelReply): Promise<void>;
  /** The same for an answer that an identical call has paid for. */
  joined(call: IdentifiedCall, reply: ModelReply): Promise<void>;
  /** Nothing could be made of the answers to these calls: a later process asks again, and they stay counted. */
  discard(calls: readonly IdentifiedCall[]): void;
}

/** Where in a run a position is, as use is counted: the number of the iteration, and which candidate is tried or proposed. */
export function placeOf(position: string): Pick<CallEntry, "iteration" | "candidate"> {
  const [, iteration] = /(?:^|\/)iteration\/(\d+)(?:\/|$)/.exec(position) ?? [];
  const [, candidate] = /\/((?:candidate|proposal)\/\d+)(?:\/|$)/.exec(position) ?? [];
  if (iteration === undefined) return { iteration: null, candidate: null };
  return {
    iteration: Number(iteration),
    candidate: candidate === undefined ? null : `iteration/${iteration}/${candidate}`,
  };
}
