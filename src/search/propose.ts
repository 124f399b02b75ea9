/**
 * Having proposals made: concurrently, each at its position, with their failures told apart.
 *
 * @module
 */
import { shorten } from "../data/json.ts";
import { withoutNumbers } from "../data/without-numbers.ts";
import { InfrastructureError, isInfrastructureError, isSetUpError, NoProposalError, StopError } from "../errors.ts";
import { currentRun, emitEvent, forkEvents, withEvents } from "../graph/scope.ts";
import type { Candidate } from "../graph/with-values.ts";
import { redactKnownKeys } from "../llm/redact-secrets.ts";
import type { WorkPool } from "../trainer/work-pool.ts";
import type { Entry } from "./search.ts";

/** One proposal that is to be made. */
export interface Proposal {
  readonly parents: readonly Entry[];
  /** Returns the values that it changes, by the optimizer's names. */
  readonly make: (label: string, onReasoning: (reasoning: string) => void) => Promise<Candidate>;
}

/** What came of one. */
export interface MadeProposal {
  readonly values: Candidate;
  /** Why, in the words of the optimizer's model, where it said so. */
  readonly reasoning?: string | undefined;
}

/** Most characters of the reasoning that is kept. */
const longestReasoning = 500;

/**
 * Makes proposals. One that fails because of infrastructure changes nothing, with a warning.
 *
 * @param first the number of the first, for its position `proposal/<number>`
 * @throws InfrastructureError when there are proposals and all of them failed
 */
export async function propose(
  proposals: readonly Proposal[],
  { pool, first }: { readonly pool: WorkPool; readonly first: number },
): Promise<MadeProposal[]> {
  const signal = currentRun()?.signal;
  const failures: unknown[] = [];
  const channels = forkEvents(proposals.length) ?? [];
  const one = async ({ make }: Proposal, index: number): Promise<MadeProposal> => {
    let reasoning: string | undefined;
    try {
      const values = await make(`proposal/${first + index}`, (text) => {
        reasoning = shorten(redactKnownKeys(text), longestReasoning);
      });
      return { values, reasoning };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof StopError || !isInfrastructureError(error) || isSetUpError(error)) throw error;
      failures.push(error);
      // The optimizer has said so.
      if (error instanceof NoProposalError) return { values: {} };
      emitEvent({ type: "warning", message: `Proposal ${first + index} could not be made: ${String(error)}` });
      return { values: {} };
    }
  };
  const inOrder = (proposal: Proposal, index: number): Promise<MadeProposal> => {
    return withEvents(channels[index], () => one(proposal, index)).finally(() => channels[index]?.close());
  };
  const made = await pool.map(proposals, inOrder, { signal }).finally(() => {
    for (const channel of channels) channel.close();
  });
  if (failures.length > 0 && failures.length === proposals.length) {
    const [error] = failures;
    if (failures.length === 1 && error instanceof NoProposalError) throw error;
    const remedy = failures.every((failure) => failure instanceof NoProposalError) ? `. ${whatToDo}` : "";
    throw new InfrastructureError(`None of ${proposals.length} proposals could be made. One reason: ${String(error)}${remedy}`, {
      cause: error,
    });
  }
  return made;
}

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
const whatToDo: string =
  "Change what causes this (the optimizer's model, its provider's filter, `maxPromptTokens`, the examples), " +
  "then run the same command again: the run resumes, and the prompts are sent again";
