/**
 * The searches that are compared in toy worlds, each with its usual batch size.
 *
 * @module
 */
import {
  beamSearch,
  beamSearchWithHistory,
  bestOf,
  bestOfN,
  copro,
  feedbackDescent,
  gepa,
  MinibatchAlgorithm,
  mapElites,
  mipro,
  paretoSearch,
  polca,
  prioritySearch,
  proTeGi,
  racingSearch,
  sequentialRefinement,
  sequentialSearch,
  sequentialUpdate,
  simba,
  skillPatches,
  streamingSearch,
  ucbSearch,
} from "opto/algorithms";
import type { SearchPolicy } from "opto/search";

/** One search: a policy, or an algorithm that measures nothing by itself and is evaluated now and then, as `train()` does it. */
export type Arm = { readonly batchSize: number } & (
  | { readonly policy: () => SearchPolicy }
  | { readonly algorithm: typeof MinibatchAlgorithm; readonly evalFrequency: number }
);

/** The search that the others are compared with. */
export const reference = "gepa";

export const arms: Readonly<Record<string, Arm>> = {
  gepa: { policy: () => gepa(), batchSize: 3 },
  "gepa, as gepa 0.1.4": { policy: () => gepa({ keepBest: false }), batchSize: 3 },
  MinibatchAlgorithm: { algorithm: MinibatchAlgorithm, batchSize: 4, evalFrequency: 1 },
  "MinibatchAlgorithm, evaluated every fifth": { algorithm: MinibatchAlgorithm, batchSize: 4, evalFrequency: 5 },
  bestOf: { policy: () => bestOf(), batchSize: 8 },
  bestOfN: { policy: () => bestOfN(), batchSize: 8 },
  sequentialRefinement: { policy: () => sequentialRefinement(), batchSize: 4 },
  beamSearch: { policy: () => beamSearch({ beamWidth: 3, numProposals: 2, validationSize: 20 }), batchSize: 4 },
  beamSearchWithHistory: { policy: () => beamSearchWithHistory({ validationSize: 20 }), batchSize: 4 },
  ucbSearch: { policy: () => ucbSearch(), batchSize: 4 },
  prioritySearch: { policy: () => prioritySearch({ numCandidates: 5 }), batchSize: 2 },
  racingSearch: { policy: () => racingSearch(), batchSize: 8 },
  "racingSearch, no merge": { policy: () => racingSearch({ mergeEvery: 0 }), batchSize: 8 },
  "racingSearch, merge every third": { policy: () => racingSearch({ mergeEvery: 3 }), batchSize: 8 },
  "racingSearch, no screen": { policy: () => racingSearch({ screen: "none" }), batchSize: 8 },
  "racingSearch, no specialist": { policy: () => racingSearch({ specialist: false }), batchSize: 8 },
  "racingSearch, whole batches": { policy: () => racingSearch({ feedbackSize: 4 }), batchSize: 4 },
  "racingSearch, no batch scores": { policy: () => racingSearch({ batchScores: false }), batchSize: 8 },
  "racingSearch, no preflight": { policy: () => racingSearch({ preflight: 0 }), batchSize: 8 },
  paretoSearch: { policy: () => paretoSearch({ numCandidates: 5 }), batchSize: 2 },
  streamingSearch: { policy: () => streamingSearch(), batchSize: 2 },
  sequentialUpdate: { policy: () => sequentialUpdate(), batchSize: 8 },
  sequentialSearch: { policy: () => sequentialSearch(), batchSize: 8 },
  copro: { policy: () => copro(), batchSize: 8 },
  mipro: { policy: () => mipro({ extendEvery: 1 }), batchSize: 8 },
  polca: { policy: () => polca({ epsilon: 0 }), batchSize: 2 },
  proTeGi: { policy: () => proTeGi({ beamWidth: 3, numEdits: 3, numParaphrases: 0, budget: 100 }), batchSize: 4 },
  simba: { policy: () => simba({ numPrograms: 3, numCandidates: 4 }), batchSize: 8 },
  feedbackDescent: { policy: () => feedbackDescent(), batchSize: 4 },
  mapElites: { policy: () => mapElites({ novelty: 0 }), batchSize: 3 },
  skillPatches: { policy: () => skillPatches({ numPatches: 1 }), batchSize: 4 },
};
