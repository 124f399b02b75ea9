/**
 * `FrontFold`: the front of a run with several objectives, and how much it covered after each evaluation.
 *
 * @module
 */
import { type ObjectiveConfig, objective as toObjective } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import { frontMetrics } from "../data/selection.ts";
import type { Candidate } from "../graph/with-values.ts";
import { BestCandidates, frontVolume, referenceOf } from "../search/best-candidates.ts";
import type { Evaluated } from "./run-fold.ts";

/** Follows the evaluations of a run. */
export class FrontFold {
  readonly #objective: ObjectiveConfig;
  readonly #best: BestCandidates;
  readonly #valuesOf: (candidate: string) => Candidate;
  readonly points: { iteration: number; volume: number }[] = [];
  #reference: Scores | undefined;
  #count = 0;

  /** @param given as the run says it; `null` where candidates are compared by the guide's score alone */
  constructor(given: ObjectiveConfig | null, valuesOf: (candidate: string) => Candidate) {
    this.#objective = given === null ? toObjective() : toObjective(given);
    this.#best = new BestCandidates(this.#objective);
    this.#valuesOf = valuesOf;
  }

  /** Under a `pareto` objective the candidates that no other one beats. */
  get front(): readonly string[] {
    return this.#objective.mode === "pareto" ? this.#best.front.map(({ candidate }) => candidate) : [];
  }

  get best(): string | undefined {
    return this.#best.best?.candidate;
  }

  /** Takes in those that are new. @returns whether these are the same evaluations as before, and perhaps more */
  follow(evaluated: readonly Evaluated[]): boolean {
    if (evaluated.length < this.#count) return false;
    for (const { candidate, iteration, scores, ranges } of evaluated.slice(this.#count)) {
      this.#count++;
      this.#best.add({ candidate, iteration, scores, parameters: this.#valuesOf(candidate) });
      if (this.#objective.mode !== "pareto") continue;
      this.#reference ??= referenceOf(frontMetrics([scores], this.#objective), ranges, this.#objective);
      const front = this.#best.front.map((one) => one.scores);
      if (this.points.at(-1)?.iteration === iteration) this.points.pop();
      this.points.push({ iteration, volume: frontVolume(front, this.#reference, this.#objective) });
    }
    return true;
  }
}
