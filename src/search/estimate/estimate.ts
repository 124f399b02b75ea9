/**
 * `estimatePlan`: what a planned run will ask of language models and cost, before anything is spent.
 *
 * @module
 */

import type { Clock } from "../../data/clock.ts";
import { textOf } from "../../data/json.ts";
import { exactly, hullOf, type Range } from "../../data/range.ts";
import type { Module } from "../../graph/module.ts";
import { type CallProfile, profileOf } from "../../llm/spend/call-profile.ts";
import { PriceList } from "../../llm/spend/prices.ts";
import { parameterTokens } from "../../optimizers/proposal-profile.ts";
import { chosenDataOf, type PlannedRun } from "../run-search.ts";
import { type DryRolloutOptions, type DryRollouts, dryRollouts } from "./dry-rollouts.ts";
import { plannedWork, type Work } from "./plan-work.ts";
import { type Estimate, type Load, sumEstimate } from "./sum-estimate.ts";

/** How a run is estimated. */
export interface EstimatePlanOptions {
  /** Examples to run for each kind of rollout, from the shortest to the longest. */
  readonly numSamples: number;
  /** Whether agent and guide may make requests of their own. */
  readonly allowRequests: boolean;
  readonly clock: Clock;
}

/**
 * Runs agent and guide on a few examples with placeholders for replies, counts what they would ask, and multiplies it by the
 * work of the whole run.
 *
 * @throws ConfigurationError when a model would be called and none is named
 * @throws the reason of the signal, unchanged
 */
export async function estimatePlan<X, Y, Info>(
  plan: PlannedRun<X, Y, Info>,
  { numSamples, allowRequests, clock }: EstimatePlanOptions,
): Promise<Estimate> {
  const { agent, guide, loader, settings, policy } = plan;
  const { validated, validationGuide, ...chosen } = chosenDataOf(plan);
  const { testSet, validationSet } = chosen;
  const work = plannedWork({ agent, loader, settings, ...chosen }, policy.appetite(), validated);
  const priceList = new PriceList(settings.calls.prices ?? {}, clock.now());

  const growth = work.proposals.max > 0 ? parameterTokens(agent) : 0;
  const notes: string[] = [];
  const loads: Load[] = [];
  let operations = exactly(0);
  const { signal } = settings;
  const common = { agent, numSamples, allowRequests, signal };
  const refused = new Set<string>();
  const batches = { ...common, guide, dataset: loader.dataset };
  const compared = plan.validation?.dataset ?? validationSet ?? loader.dataset;
  const validation = { ...common, guide: validationGuide, dataset: compared };
  const kinds: readonly Kind<X, Y, Info>[] = [
    { name: "training", times: work.forward, run: { ...batches, mode: "feedback" } },
    { name: "evaluation", times: work.test, run: { ...common, guide, dataset: testSet, mode: "score" } },
    { name: "the check for improvement", times: work.improvement, run: { ...batches, mode: "score" } },
    { name: "validation", times: work.validation, run: { ...validation, mode: "score" } },
  ];
  for (const { name, times, run } of kinds) {
    if (times.max === 0) continue;
    const seen = await dryRollouts(run);
    notes.push(...failureNotes(seen, name));
    for (const address of seen.refused) refused.add(address);
    loads.push(...profileOf(seen.samples, growth).map((profile) => ({ profile, times })));
    if (times === work.forward) operations = hullOf(seen.samples.map((sample) => exactly(sample.operations)));
  }
  if (refused.size > 0) notes.push(requestNote(refused));
  const rollout = loads.filter(({ times }) => times === work.forward).map(({ profile }) => profile);
  loads.push(...stepsOf(plan, work, { rollout, operations }, notes));
  return sumEstimate(loads, work, priceList, notes);
}

/** Rollouts of one kind. */
interface Kind<X, Y, Info> {
  readonly name: string;
  readonly times: Range;
  readonly run: DryRolloutOptions<X, Y, Info>;
}

function stepsOf<X, Y, Info>(
  { optimizer, agent, loader, policy }: PlannedRun<X, Y, Info>,
  { proposals, iterations }: Work,
  seen: { readonly rollout: readonly CallProfile[]; readonly operations: Range },
  notes: string[],
): Load[] {
  if (proposals.max === 0) return [];
  const calls = optimizer.expectedCalls?.({
    agent: agent as unknown as Module,
    batchSize: Math.min(loader.batchSize, loader.dataset.length),
    longestInput: Math.max(...loader.dataset.map(({ input }) => textOf(input).length)),
    rollout: seen.rollout.filter(({ role }) => role === "agent"),
    operations: seen.operations,
  });
  if (calls === undefined)
    notes.push(`Calls of ${optimizer.constructor.name} are not counted, because it does not declare them in \`expectedCalls\``);
  const { proposal = [], shared = [] } = calls ?? {};
  // Once for all proposals from the same candidate.
  const parents = { min: iterations.min, max: iterations.max * Math.max(1, policy.appetite().forward) };
  return [
    ...proposal.map((profile) => ({ profile, times: proposals })),
    ...shared.map((profile) => ({ profile, times: parents })),
  ];
}

function requestNote(refused: ReadonlySet<string>): string {
  return (
    `The agent or the guide makes requests of its own, to ${[...refused].join(", ")}. A dry run refuses them, and they are not counted. ` +
    "If they are model calls, wrap the AI SDK model, tracked(model), to have them counted. " +
    "`--allow-requests` (`allowRequests` of estimateRun) lets them through, and you pay for them"
  );
}

/** Those that a placeholder may have ended will get further with a model; the others fail as they will in the run. */
function failureNotes({ samples, failures }: DryRollouts, name: string): string[] {
  const noteOf = (isAnswered: boolean, how: string): string[] => {
    const reasons = failures.filter((failure) => failure.isAnswered === isAnswered).map(({ reason }) => reason);
    if (reasons.length === 0) return [];
    return [`${reasons.length} of ${samples.length} sample rollouts of ${name} ${how} (${[...new Set(reasons)].join("; ")})`];
  };
  return [
    ...noteOf(false, "failed before any model was called, so none of their calls are counted"),
    ...noteOf(true, "ended early, because a placeholder is not a real reply: calls after that point are not counted"),
  ];
}
