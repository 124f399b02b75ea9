/**
 * `FailedProposals`: whether a run has any use of going on when the optimizer's model does not answer.
 *
 * @module
 */
import { InfrastructureError } from "../errors.ts";
import type { NoProposalError } from "../optimizers/no-proposal-error.ts";

/** Steps without an answer after which a run stops when there has not been any answer at all. */
const mostAtFirst = 2;
/** The same for steps in a row, all for the same reason, after there has been one. */
const mostInARow = 5;

/** Counts the steps for which the optimizer's model had no usable answer. One now and then costs its step only. */
export class FailedProposals {
  #hasSucceeded = false;
  #count = 0;
  #reason = "";

  /** A step was answered. */
  succeeded(): void {
    this.#hasSucceeded = true;
    this.#count = 0;
  }

  /** @throws InfrastructureError when the next step would most likely fail in the same way */
  failed(error: NoProposalError): void {
    const reason = withoutNumbers(error.reason);
    if (reason !== this.#reason) this.#count = 0;
    this.#reason = reason;
    this.#count++;
    if (this.#count < (this.#hasSucceeded ? mostInARow : mostAtFirst)) return;
    throw new InfrastructureError(
      `In ${this.#count} steps in a row the optimizer got no usable answer from its model: ${error.reason}. ${whatToDo}`,
      { cause: error },
    );
  }
}

/** How a run gets past prompts that are refused. */
export const whatToDo: string =
  "Change what causes this (the optimizer's model, its provider's filter, `maxPromptTokens`, the examples), " +
  "then run the same command again: the run resumes, and the prompts are sent again";

/** Lengths and ids of requests differ from one refusal to the next. */
function withoutNumbers(reason: string): string {
  return reason.replace(/\b[\w-]*\d[\w-]*\b/g, "#");
}
