/**
 * A warning of a budget that does not see the calls of the agent.
 *
 * @module
 */
import { counted } from "../data/number-text.ts";
import { emitEvent } from "../graph/scope.ts";
import type { Budget } from "../llm/spend/budget.ts";
import type { IterationTally } from "../trainer/run-services.ts";

/** Warns where calls are budgeted and rollouts have made none that is counted. */
export function warnOfUncountedCalls({ performed, agentCalls }: IterationTally, budget: Budget | undefined): void {
  const { usd, calls, tokens } = budget ?? {};
  const isOfCalls = [usd, calls, tokens].some((cap) => cap !== undefined);
  if (!isOfCalls || performed === 0 || agentCalls > 0) return;
  emitEvent({
    type: "warning",
    message:
      `The agent made no model call that counts towards \`budget\` in ${counted(performed, "rollout")}. ` +
      "If it calls a model with a client of its own, these calls have no limit: wrap its AI SDK model, tracked(model), or call `generate`",
  });
}
