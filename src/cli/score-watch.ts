/**
 * A listener that keeps the test scores of a run, and whether it has begun.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { Logger } from "../trainer/logger.ts";
import { type ScorePoint, testScoreName } from "./run-scores.ts";

/** Keeps the test scores that it is told of. */
export class ScoreWatch implements Logger {
  readonly #points: ScorePoint[] = [];
  #hasBegun = false;

  /** In order. */
  get points(): readonly ScorePoint[] {
    return this.#points;
  }

  /** Whether there was any event: what goes wrong before has done nothing. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  onEvent(): void {
    this.#hasBegun = true;
  }

  log(name: string, data: JsonValue, step: number): void {
    if (name === testScoreName) this.#points.push({ iteration: step, score: typeof data === "number" ? data : null });
  }
}
