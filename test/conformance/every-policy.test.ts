/**
 * Every search policy holds to the contract.
 *
 * @module
 */
import {
  acePlaybook,
  beamSearch,
  beamSearchWithHistory,
  bestOf,
  bestOfN,
  bootstrapFewShot,
  copro,
  fallback,
  feedbackDescent,
  gepa,
  mapElites,
  mipro,
  paretoSearch,
  polca,
  prioritySearch,
  proTeGi,
  racingSearch,
  sequence,
  sequentialRefinement,
  sequentialSearch,
  sequentialUpdate,
  simba,
  skillPatches,
  streamingSearch,
  ucbSearch,
  withFeedbackBatches,
  withProposers,
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
    racingSearch({ specialist: false, feedbackSize: 9, screen: "none", mergeEvery: 0, batchScores: false }),
  "racingSearch of few candidates": () => racingSearch({ feedbackSize: 1, numProposals: 2, screen: "as-good", maxLive: 2 }),
  sequence: () => sequence([{ policy: gepa(), iterations: 1 }, { policy: beamSearch({ beamWidth: 2 }) }]),
  fallback: () => fallback([racingSearch({ blockSize: 3 }), bestOf({ numProposals: 2 })], { patience: 1 }),
  "beamSearch on batches with failures": () => withFeedbackBatches(beamSearch({ beamWidth: 2, numProposals: 2 }), { least: 2 }),
  bestOfN: () => bestOfN({ numProposals: 2 }),
  sequentialRefinement,
  "simba of rules alone": () => simba({ numPrograms: 2, numCandidates: 3, maxDemos: 0 }),
  proTeGi: () => proTeGi({ beamWidth: 2, numEdits: 1, numParaphrases: 1, budget: 12, blockSize: 3 }),
  "proTeGi by halving": () => proTeGi({ beamWidth: 2, numEdits: 2, maxSuccessors: 2, budget: 16, selection: "halving" }),
  "proTeGi with equal shares": () => proTeGi({ beamWidth: 1, numEdits: 2, numParaphrases: 0, budget: 6, selection: "uniform" }),
  feedbackDescent: () => feedbackDescent({ numProposals: 2 }),
  polca: () => polca({ numCandidates: 2, numProposals: 2 }),
  mapElites: () => mapElites({ numProposals: 2, stages: [2, 3], migrateEvery: 2 }),
  "mapElites on one island": () => mapElites({ numIslands: 1, numProposals: 3, novelty: 0, stages: [] }),
  skillPatches: () => skillPatches({ numPatches: 2 }),
  "priority search with several proposers": () => withProposers(prioritySearch({ numCandidates: 2, numProposals: 2 })),
};

const withDemonstrations: Record<string, () => SearchPolicy> = {
  simba: () => simba({ numPrograms: 2, numCandidates: 3, maxDemos: 2 }),
  mipro: () => mipro({ numTrials: 2, minibatchSize: 4, fullEvery: 1 }),
  bootstrapFewShot,
  acePlaybook,
  "racingSearch with lists": () => racingSearch({ blockSize: 3, preflight: 3, numLists: 2 }),
  "racingSearch of lists alone": () => racingSearch({ numLists: 3, numProposals: 0, mergeEvery: 0, maxLabeled: 2 }),
  "bootstrapFewShot, racing": () =>
    bootstrapFewShot({ numCandidates: 3, maxBootstrapped: 2, maxLabeled: 0, errorProbability: 0.1 }),
};

describe.each(Object.entries(withDemonstrations))("%s", (_name, make) => {
  for (const { name, run } of policyConformance(make, { hasDemonstrations: true })) it(name, run);
});

describe.each(Object.entries(policies))("%s", (_name, make) => {
  for (const { name, run } of policyConformance(make)) it(name, run);
});
