/**
 * Every search policy holds to the contract.
 *
 * @module
 */
import {
  beamSearch,
  beamSearchWithHistory,
  bestOf,
  bestOfN,
  bootstrapFewShot,
  copro,
  fallback,
  gepa,
  mipro,
  paretoSearch,
  prioritySearch,
  racingSearch,
  sequence,
  sequentialRefinement,
  sequentialSearch,
  sequentialUpdate,
  streamingSearch,
  ucbSearch,
  withFeedbackBatches,
} from "opto/algorithms";
import type { SearchPolicy } from "opto/search";
import { policyConformance } from "opto/testing";
import { describe, it } from "vitest";

const policies: Record<string, () => SearchPolicy> = {
  bestOf: () => bestOf({ numProposals: 3 }),
  "bestOf, racing": () => bestOf({ numProposals: 3, errorProbability: 0.1 }),
  beamSearch: () => beamSearch({ beamWidth: 2, numProposals: 2 }),
  "beamSearch on part of the validation data": () => beamSearch({ beamWidth: 2, numProposals: 2, validationSize: 4 }),
  beamSearchWithHistory: () => beamSearchWithHistory({ beamWidth: 2 }),
  ucbSearch: () => ucbSearch({ maxBuffer: 3, evalSize: 3 }),
  prioritySearch: () => prioritySearch({ numCandidates: 2, numProposals: 2 }),
  "prioritySearch by upper bound": () => prioritySearch({ numCandidates: 2, priority: "ucb", memorySize: 3 }),
  sequentialUpdate,
  sequentialSearch: () => sequentialSearch({ numProposals: 2 }),
  streamingSearch: () => streamingSearch({ numCandidates: 3 }),
  paretoSearch: () => paretoSearch({ numCandidates: 2, scoreOn: "validation" }),
  gepa,
  "gepa with merges": () => gepa({ components: "all", acceptance: "as-good", maxMerges: 3 }),
  "gepa by metrics": () => gepa({ front: "objective", perfectScore: 1 }),
  "gepa by both": () => gepa({ front: "hybrid" }),
  "gepa by metrics and examples": () => gepa({ front: "cartesian", keepBest: false }),
  "mipro of instructions alone": () => mipro({ numCandidates: 2, minibatchSize: 3, fullEvery: 2, extendEvery: 2 }),
  copro: () => copro({ breadth: 3, depth: 2 }),
  racingSearch: () => racingSearch({ blockSize: 3, preflight: 3, mergeEvery: 2 }),
  "racingSearch without its parts": () =>
    racingSearch({ specialist: false, feedback: "batch", screen: "none", mergeEvery: 0, shrinkage: 4 }),
  "racingSearch that is stuck": () => racingSearch({ patience: 1, screen: "as-good", maxLive: 2 }),
  sequence: () => sequence([{ policy: gepa(), iterations: 1 }, { policy: beamSearch({ beamWidth: 2 }) }]),
  fallback: () => fallback([racingSearch({ blockSize: 3 }), bestOf({ numProposals: 2 })], { patience: 1 }),
  "beamSearch on batches with failures": () => withFeedbackBatches(beamSearch({ beamWidth: 2, numProposals: 2 }), { least: 2 }),
  bestOfN: () => bestOfN({ numProposals: 2 }),
  sequentialRefinement,
};

const withDemonstrations: Record<string, () => SearchPolicy> = {
  mipro: () => mipro({ numTrials: 2, minibatchSize: 4, fullEvery: 1 }),
  bootstrapFewShot,
  "bootstrapFewShot, racing": () =>
    bootstrapFewShot({ numCandidates: 3, maxBootstrapped: 2, maxLabeled: 0, errorProbability: 0.1 }),
};

describe.each(Object.entries(withDemonstrations))("%s", (_name, make) => {
  for (const { name, run } of policyConformance(make, { hasDemonstrations: true })) it(name, run);
});

describe.each(Object.entries(policies))("%s", (_name, make) => {
  for (const { name, run } of policyConformance(make)) it(name, run);
});
