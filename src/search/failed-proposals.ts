/**
 * `FailedProposals`: whether a run should continue when the optimizer's model does not answer.
 *
 * @module
 */
import { InfrastructureError } from "../errors.ts";
import type { NoProposalError } from "../optimizers/no-proposal-error.ts";

/** How many steps without an answer stop a run that has not had any answer. */
const mostAtFirst = 2;
/** How many in a row, all for the same reason, stop a run that has had one. */
const mostInARow = 5;

/** Counts the steps for which the optimizer's model had no usable answer. A single one only costs its step. */
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
