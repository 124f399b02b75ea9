/**
 * The searches that are compared in toy worlds, each with its usual batch size.
 *
 * @module
 */
import { beamSearch, bestOf, gepa, prioritySearch, racingSearch, ucbSearch } from "opto/algorithms";
import type { SearchPolicy } from "opto/search";

/** One search. */
export interface Arm {
  readonly policy: () => SearchPolicy;
  readonly batchSize: number;
}

/** The search that the others are compared with. */
export const reference = "gepa";

export const arms: Readonly<Record<string, Arm>> = {
  gepa: { policy: () => gepa(), batchSize: 3 },
  "gepa, as gepa 0.1.4": { policy: () => gepa({ keepBest: false }), batchSize: 3 },
  bestOf: { policy: () => bestOf(), batchSize: 8 },
  beamSearch: { policy: () => beamSearch({ beamWidth: 3, numProposals: 2, validationSize: 20 }), batchSize: 4 },
  ucbSearch: { policy: () => ucbSearch(), batchSize: 4 },
  prioritySearch: { policy: () => prioritySearch({ numCandidates: 5 }), batchSize: 2 },
  racingSearch: { policy: () => racingSearch(), batchSize: 8 },
  "racingSearch, no merge": { policy: () => racingSearch({ mergeEvery: 0 }), batchSize: 8 },
  "racingSearch, strict screen": { policy: () => racingSearch({ screen: "better" }), batchSize: 8 },
  "racingSearch, no screen": { policy: () => racingSearch({ screen: "none" }), batchSize: 8 },
  "racingSearch, no specialist": { policy: () => racingSearch({ specialist: false }), batchSize: 8 },
  "racingSearch, plain batches": { policy: () => racingSearch({ feedback: "batch" }), batchSize: 4 },
  "racingSearch, shrinkage 8": { policy: () => racingSearch({ shrinkage: 8 }), batchSize: 8 },
};
