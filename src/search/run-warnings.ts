/**
 * Warnings of a run that is set up oddly: its datasets share examples, or its budget does not see the calls of the agent.
 *
 * @module
 */

import type { Dataset } from "../data/dataset.ts";
import { counted } from "../data/number-text.ts";
import { describeShared, type SharedExample, sharedExamples } from "../data/shared-examples.ts";
import { emitEvent } from "../graph/scope.ts";
import type { Budget } from "../llm/spend/budget.ts";
import type { IterationTally } from "../trainer/run-services.ts";

/** The datasets of a run. */
export interface RunData {
  readonly train: Dataset<unknown, unknown>;
  readonly validate: Dataset<unknown, unknown> | undefined;
  readonly test: Dataset<unknown, unknown>;
}

/** More examples than this are not compared: the process would be busy with it for too long. */
const mostExamples = 20_000;

/**
 * Warns of examples that the train, validation, and test dataset of the current run share. A dataset that is used for two purposes as a whole is
 * meant to be, and is not mentioned.
 */
export function warnOfSharedData(data: RunData): void {
  const message = sharedDataWarning(data);
  if (message !== undefined) emitEvent({ type: "warning", message });
}

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

function sharedDataWarning({ train, validate = train, test }: RunData): string | undefined {
  const distinct = new Map<Dataset<unknown, unknown>, string>([[train, "train"]]);
  for (const [name, dataset] of Object.entries({ validate, test })) if (!distinct.has(dataset)) distinct.set(dataset, name);
  if (distinct.size < 2) return undefined;
  if ([...distinct.keys()].reduce((sum, { length }) => sum + length, 0) > mostExamples) return undefined;
  const datasets = Object.fromEntries([...distinct].map(([dataset, name]) => [name, dataset]));
  const shared = sharedExamples(datasets);
  const counts = new Map<string, number>();
  for (const one of shared) counts.set(pairOf(one), (counts.get(pairOf(one)) ?? 0) + 1);
  const isWhole = (one: SharedExample): boolean => {
    const sizes = [one.first, one.second].map(({ dataset }) => datasets[dataset]?.length);
    return sizes[0] === sizes[1] && counts.get(pairOf(one)) === sizes[1];
  };
  return describeShared(shared.filter((one) => !isWhole(one)));
}

function pairOf({ first, second }: SharedExample): string {
  return `${first.dataset} ${second.dataset}`;
}
