/**
 * `noProposal`: tells a proposal that came to nothing from a failure that is about something else.
 *
 * @module
 */
import { NoProposalError } from "../errors.ts";
import { currentRun } from "../graph/scope.ts";
import { unusableAnswer } from "../llm/discard-answers.ts";

/** A failed proposal. @throws the error itself, when it is about something else, and the reason of an abort */
export function noProposal(error: unknown, signal: AbortSignal | undefined): NoProposalError {
  signal?.throwIfAborted();
  currentRun()?.signal?.throwIfAborted();
  if (error instanceof NoProposalError) return error;
  const reason = unusableAnswer(error);
  if (reason === undefined) throw error;
  return new NoProposalError(reason, { cause: error });
}
