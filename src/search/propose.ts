/**
 * Having proposals made: concurrently, each at its position, with their failures told apart.
 *
 * @module
 */
import { InfrastructureError, isInfrastructureError, isSetUpError, StopError } from "../errors.ts";
import { currentRun, emitEvent, forkEvents, withEvents } from "../graph/scope.ts";
import type { Candidate } from "../graph/with-values.ts";
import { NoProposalError } from "../optimizers/no-proposal-error.ts";
import type { WorkPool } from "../trainer/work-pool.ts";
import { whatToDo } from "./failed-proposals.ts";
import type { Entry } from "./search.ts";

/** One proposal that is to be made. */
export interface Proposal {
  readonly parents: readonly Entry[];
  /** Returns the values that it changes, by the optimizer's names. */
  readonly make: (label: string) => Promise<Candidate>;
}

/**
 * Makes proposals. One that fails because of infrastructure changes nothing, with a warning.
 *
 * @param first the number of the first, for its position `proposal/<number>`
 * @throws InfrastructureError when there are proposals and all of them failed
 */
export async function propose(
  proposals: readonly Proposal[],
  { pool, first }: { readonly pool: WorkPool; readonly first: number },
): Promise<Candidate[]> {
  const signal = currentRun()?.signal;
  const failures: unknown[] = [];
  const channels = forkEvents(proposals.length) ?? [];
  const one = async ({ make }: Proposal, index: number): Promise<Candidate> => {
    try {
      return await make(`proposal/${first + index}`);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof StopError || !isInfrastructureError(error) || isSetUpError(error)) throw error;
      failures.push(error);
      // The optimizer has said so.
      if (error instanceof NoProposalError) return {};
      emitEvent({ type: "warning", message: `Proposal ${first + index} could not be made: ${String(error)}` });
      return {};
    }
  };
  const inOrder = (proposal: Proposal, index: number): Promise<Candidate> => {
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
