/**
 * `SeriesFold`: scores over a run, each with what the run had used by then.
 *
 * @module
 */
import type { PriceList } from "../llm/spend/prices.ts";
import type { DatasetName } from "./api.ts";
import type { ScoreSums } from "./mean-interval.ts";
import type { SpendTally } from "./spend-tally.ts";

/** One point of a series. */
export interface SeriesPoint {
  readonly dataset: DatasetName;
  readonly metric: string;
  readonly label: string;
  readonly iteration: number;
  readonly score: number | null;
  /** Over the examples that it is the mean of. */
  sums: ScoreSums | undefined;
  readonly calls: number;
  readonly tokens: number;
  /** `null` where a price is not known. */
  readonly usd: number | null;
  readonly seconds: number;
  /** `null` where it is not known, or not yet. */
  candidate: string | null;
}

/** Collects points. */
export class SeriesFold {
  readonly points: SeriesPoint[] = [];
  readonly #spend: SpendTally;
  readonly #prices: PriceList;
  #activeMs = 0;
  #lastTime: number | undefined;

  constructor(spend: SpendTally, prices: PriceList) {
    this.#spend = spend;
    this.#prices = prices;
  }

  /** Adds a point, as of now. */
  add(about: Omit<SeriesPoint, "calls" | "tokens" | "usd" | "seconds">): SeriesPoint {
    const { calls, tokens } = this.#spend;
    const point = { ...about, calls, tokens, usd: this.#spend.usd(this.#prices), seconds: this.#activeMs / 1_000 };
    this.points.push(point);
    return point;
  }

  /** Time has passed. @param at ISO 8601 */
  pass(at: string): void {
    const time = Date.parse(at);
    if (Number.isNaN(time)) return;
    if (this.#lastTime !== undefined && time > this.#lastTime) this.#activeMs += time - this.#lastTime;
    this.#lastTime = time;
  }

  /** The time until the next event, between two processes, does not count. */
  pause(): void {
    this.#lastTime = undefined;
  }
}
