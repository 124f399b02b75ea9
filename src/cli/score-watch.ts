/**
 * A listener that keeps the first and the last test score of a run.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { Logger } from "../loggers/logger.ts";
import { type ScorePoint, testScoreName } from "./run-scores.ts";

/** Keeps the test scores that it is told of. */
export class ScoreWatch implements Logger {
  readonly #points: ScorePoint[] = [];

  /** In order. */
  get points(): readonly ScorePoint[] {
    return this.#points;
  }

  log(name: string, data: JsonValue, step: number): void {
    if (name === testScoreName) this.#points.push({ iteration: step, score: typeof data === "number" ? data : null });
  }
}
