/**
 * What an iteration of a search lends to the hooks of its algorithm.
 *
 * @module
 */
import { currentRun } from "../graph/scope.ts";
import type { RunServices } from "../trainer/run-services.ts";
import type { SearchArchive } from "./archive.ts";
import type { Step } from "./search.ts";

/** One iteration, as hooks see it. */
export interface IterationServices {
  readonly step: Step;
  readonly minScore: number | null;
  /** The lowest and the highest score that the guide can give, when it says. */
  readonly scoreRange: readonly [lowest: number, highest: number] | undefined;
  /** The worst score of a training rollout so far; `undefined` before the first. */
  readonly worstScore: number | undefined;
  readonly numEvalSamples: number;
}

interface IterationParts {
  readonly archive: Pick<SearchArchive, "optionsOf">;
  readonly scoring: { readonly train: Partial<Pick<IterationServices, "scoreRange">> };
  readonly settings: Pick<IterationServices, "minScore" | "numEvalSamples">;
}

/** What a search lends: the services of its run, and the iteration. */
export interface SearchServices extends RunServices {
  readonly iteration?: IterationServices | undefined;
}

/** What the hooks of an algorithm find in their scope during this iteration. */
export function iterationServices(
  step: Step,
  { archive, scoring, settings: { minScore, numEvalSamples } }: IterationParts,
): IterationServices {
  const { scoreRange } = scoring.train;
  return {
    step,
    minScore,
    scoreRange,
    numEvalSamples,
    get worstScore() {
      return archive.optionsOf("train").worst?.get("score");
    },
  };
}

/** The iteration that the code is part of that is running now; `undefined` outside any. */
export function currentIteration(): IterationServices | undefined {
  return (currentRun()?.services as Partial<SearchServices> | undefined)?.iteration;
}
