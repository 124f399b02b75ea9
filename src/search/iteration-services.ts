/**
 * What an iteration of a search lends to the hooks of its algorithm.
 *
 * @module
 */
import { minimizesScore } from "../data/objectives.ts";
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
  /** The best score that the guide can give, as far as that is known. */
  readonly topScore: number | undefined;
  readonly numEvalSamples: number;
}

interface IterationParts {
  readonly archive: SearchArchive;
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
    get topScore() {
      return topScore(archive, step.iteration, scoreRange);
    },
  };
}

/** The iteration that the code is part of that is running now; `undefined` outside any. */
export function currentIteration(): IterationServices | undefined {
  return (currentRun()?.services as Partial<SearchServices> | undefined)?.iteration;
}

/**
 * The score at which nothing is left to improve. A guide that declares no range is taken to score up to 1, or where less is better down to 0,
 * once an answer has had that score, another one a worse score, and none a better one. That is a guess, so after some iterations without
 * a new candidate it does not hold for one iteration.
 *
 * @returns `undefined` where it is not known
 */
function topScore(
  archive: SearchArchive,
  iteration: number,
  scoreRange: readonly [lowest: number, highest: number] | undefined,
): number | undefined {
  const lowerIsBetter = minimizesScore(archive.objective);
  if (scoreRange !== undefined) return scoreRange[lowerIsBetter ? 0 : 1];
  const best = archive.bestScore("train");
  const worst = archive.optionsOf("train").worst?.get("score");
  const isGuess = best === (lowerIsBetter ? 0 : 1) && worst !== undefined && worst !== best;
  return isGuess && (iteration - lastProposed(archive)) % mostSkipped !== 0 ? best : undefined;
}

/** Iterations without a new candidate, of which the last is asked about. */
const mostSkipped = 5;

/** The iteration of the latest candidate; 0 for the start. */
function lastProposed({ entries }: SearchArchive): number {
  return Number(/(?:^|\/)iteration\/(\d+)\//.exec(entries.at(-1)?.id ?? "")?.[1] ?? 0);
}
