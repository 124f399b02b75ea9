/**
 * `estimateRun`: what a training run will ask of language models and cost, before anything is spent.
 *
 * @module
 */

import { type Clock, systemClock } from "../../data/clock.ts";
import type { DataLoader } from "../../data/data-loader.ts";
import { type Dataset, toDataset } from "../../data/dataset.ts";
import { textOf } from "../../data/json.ts";
import { checkOptions } from "../../data/options.ts";
import { exactly, hullOf, type Range } from "../../data/range.ts";
import type { Module } from "../../graph/module.ts";
import { type GuideLike, toGuide } from "../../guides/guide.ts";
import { type CallProfile, profileOf } from "../../llm/call-profile.ts";
import { PriceList } from "../../llm/prices.ts";
import type { Optimizer } from "../../optimizers/optimizer.ts";
import { parameterTokens } from "../../optimizers/proposal-profile.ts";
import type { TrainDataset } from "../../trainer/trainer.ts";
import type { ValidationOptions } from "../run-search.ts";
import { type MinibatchTrainOptions, readTrainOptions, toLoader, trainOptionNames, wholeNumber } from "../train-options.ts";
import { type DryRolloutOptions, type DryRollouts, dryRollouts } from "./dry-rollouts.ts";
import { planWork, type Work, type WorkSettings } from "./plan-work.ts";
import { type Estimate, type Load, sumEstimate } from "./sum-estimate.ts";

/** What is estimated: the parts of a run, and every option of the algorithm's own `train`. */
export interface EstimateOptions<X, Y, Info>
  extends Omit<MinibatchTrainOptions<X, Info>, "validateDataset">,
    ValidationOptions<X, Y, Info> {
  /** Of a search that proposes several candidates for each batch. @default 4 */
  readonly numProposals?: number | undefined;
  /** Whether such a search drops candidates by probability. */
  readonly racing?: object | null | undefined;
  readonly agent: Module<X, Y>;
  readonly guide: GuideLike<X, Y, Info>;
  readonly trainDataset: TrainDataset<X, Info>;
  /** The optimizer of the run. */
  readonly optimizer: Optimizer;
  /** @default "MinibatchAlgorithm"; "BasicSearchAlgorithm" when an option of its own is given */
  readonly algorithm?: WorkSettings["algorithm"] | undefined;
  /** Examples to run for each kind of rollout, from the shortest to the longest. @default 3 */
  readonly numSamples?: number | undefined;
  /** @default that of the machine */
  readonly clock?: Clock | undefined;
}

/**
 * Runs agent and guide on a few examples with placeholders for replies, counts what they would ask, and multiplies it by the
 * work of the whole run. No provider is called; anything else that the agent does, it does.
 *
 * The ends of each range are the cheapest and the dearest that samples, replies of usual lengths and proposals allow:
 * a rule of thumb, not a promise. Each optimizer knows its own calls (`expectedCalls`).
 *
 * @throws InvalidArgumentError for an unknown option or a bad value
 * @throws ConfigurationError when a model would be called and none is named
 * @throws the reason of the signal, unchanged
 */
export async function estimateRun<X, Y, Info>(options: EstimateOptions<X, Y, Info>): Promise<Estimate> {
  checkOptions(options, [...estimateOptionNames, ...trainOptionNames], "estimateRun");
  const { agent, guide: guideLike, trainDataset, optimizer, algorithm, numSamples = 3, ...others } = options;
  const { validateDataset, validateGuide, numProposals, racing, clock = systemClock, ...rest } = others;
  wholeNumber("numSamples", numSamples, 1);
  const settings = readTrainOptions(rest, "estimateRun", 1);
  const priceList = new PriceList(settings.prices ?? {}, clock.now());
  const mayStopEarly = [settings.targetScore, settings.patience, settings.deadline, settings.budget].some(
    (limit) => limit !== undefined,
  );
  const loader = toLoader(trainDataset, settings);
  const isSearch = [validateDataset, validateGuide, numProposals, racing].some((option) => option !== undefined);
  const guide = toGuide(guideLike);
  const testSet = settings.testDataset === null ? loader.dataset : toDataset(settings.testDataset, "testDataset");
  const validationSet = validateDataset ? toDataset(validateDataset, "validateDataset") : loader.dataset;
  const kind = algorithm ?? (isSearch ? "BasicSearchAlgorithm" : "MinibatchAlgorithm");
  const work = planWork({
    algorithm: kind,
    numExamples: loader.dataset.length,
    batchSize: loader.batchSize,
    dropLast: loader.dropLast,
    numEpochs: settings.numEpochs,
    maxIterations: settings.maxIterations,
    mayStopEarly,
    deterministic: agent.deterministic,
    evalFrequency: settings.evalFrequency,
    ...evaluated(kind, testSet, validateDataset ? validationSet : undefined),
    numEvalSamples: settings.numEvalSamples,
    ensureImprovement: settings.ensureImprovement,
    numProposals,
  });

  const growth = work.proposals.max > 0 ? parameterTokens(agent) : 0;
  const notes: string[] = [];
  const loads: Load[] = [];
  let operations = exactly(0);
  const { signal } = settings;
  const common = { agent, numSamples, signal };
  const batches = { ...common, guide, dataset: loader.dataset };
  const validation = { ...common, guide: validateGuide ? toGuide(validateGuide) : guide, dataset: validationSet };
  const kinds: readonly Kind<X, Y, Info>[] = [
    { name: "training", times: work.forward, run: { ...batches, mode: "feedback" } },
    { name: "evaluation", times: work.test, run: { ...common, guide, dataset: testSet, mode: "score" } },
    { name: "the check for improvement", times: work.improvement, run: { ...batches, mode: "score" } },
    { name: "validation", times: work.validation, run: { ...validation, mode: "score" } },
  ];
  for (const { name, times, run } of kinds) {
    if (times.max === 0) continue;
    const seen = await dryRollouts(run);
    if (seen.failed > 0) notes.push(failureNote(seen, name));
    loads.push(...profileOf(seen.samples, growth).map((profile) => ({ profile, times })));
    if (times === work.forward) operations = hullOf(seen.samples.map((sample) => exactly(sample.operations)));
  }
  const rollout = loads.filter(({ times }) => times === work.forward).map(({ profile }) => profile);
  loads.push(...stepsOf(optimizer, agent, loader, work, { rollout, operations }, notes));
  return sumEstimate(loads, work, priceList, notes);
}

/** How many examples are evaluated on, where the validation dataset may stand for the test dataset. */
export function evaluated(
  algorithm: WorkSettings["algorithm"],
  test: Dataset<unknown, unknown>,
  validation: Dataset<unknown, unknown> | undefined,
): Pick<WorkSettings, "numTestExamples" | "numValidationExamples"> {
  const isShared = validation === test;
  if (algorithm === "BasicSearchAlgorithm") {
    return { numTestExamples: isShared ? 0 : test.length, numValidationExamples: validation?.length };
  }
  return { numTestExamples: test.length, numValidationExamples: isShared ? 0 : validation?.length };
}

const estimateOptionNames: readonly (keyof EstimateOptions<unknown, unknown, unknown>)[] = [
  "agent",
  "guide",
  "trainDataset",
  "optimizer",
  "algorithm",
  "validateDataset",
  "validateGuide",
  "numProposals",
  "racing",
  "numSamples",
  "clock",
];

/** Rollouts of one kind. */
interface Kind<X, Y, Info> {
  readonly name: string;
  readonly times: Range;
  readonly run: DryRolloutOptions<X, Y, Info>;
}

function stepsOf<X, Info>(
  optimizer: Optimizer,
  agent: Module<never, unknown>,
  loader: DataLoader<X, Info>,
  { proposals, iterations }: Work,
  seen: { readonly rollout: readonly CallProfile[]; readonly operations: Range },
  notes: string[],
): Load[] {
  if (proposals.max === 0) return [];
  const calls = optimizer.expectedCalls?.({
    agent: agent as Module,
    batchSize: Math.min(loader.batchSize, loader.dataset.length),
    longestInput: Math.max(...loader.dataset.map(({ input }) => textOf(input).length)),
    rollout: seen.rollout.filter(({ role }) => role === "agent"),
    operations: seen.operations,
  });
  if (calls === undefined) notes.push(`Calls of ${optimizer.constructor.name} are not counted: nothing is known of them`);
  const { proposal = [], shared = [] } = calls ?? {};
  return [
    ...proposal.map((profile) => ({ profile, times: proposals })),
    ...shared.map((profile) => ({ profile, times: iterations })),
  ];
}

function failureNote({ failed, samples, failures }: DryRollouts, name: string): string {
  const reason = failures.join("; ");
  return (
    `${failed} of ${samples.length} sample rollouts of ${name} ended early, because a placeholder is not a real reply: ` +
    `what comes after is not counted (${reason})`
  );
}
