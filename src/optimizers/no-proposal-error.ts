/**
 * `NoProposalError`: an optimizer asked its model, and nothing can be made of the answer.
 *
 * @module
 */

import { type OptoErrorOptions, UnusableAnswerError } from "../errors.ts";
import { currentRun } from "../graph/scope.ts";
import { unusableAnswer } from "../llm/discard-answers.ts";

/** A proposal that failed because the model refused the prompt or its reply could not be read. Another prompt may be answered. */
export class NoProposalError extends UnusableAnswerError {
  /** In a few words; may hold what the provider wrote. */
  readonly reason: string;

  constructor(reason: string, options?: OptoErrorOptions) {
    super(`The optimizer got no usable answer from its model: ${reason}`, options);
    this.reason = reason;
  }
}

/** A failed proposal. @throws the error itself, when it is about something else, and the reason of an abort */
export function noProposal(error: unknown, signal: AbortSignal | undefined): NoProposalError {
  signal?.throwIfAborted();
  currentRun()?.signal?.throwIfAborted();
  if (error instanceof NoProposalError) return error;
  const reason = unusableAnswer(error);
  if (reason === undefined) throw error;
  return new NoProposalError(reason, { cause: error });
}
