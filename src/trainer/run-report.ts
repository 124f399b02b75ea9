/**
 * `RunReport`: what a run has gained, as its result, its journal, and its console say it.
 *
 * @module
 */

/** The best values of a run against those it started with. */
export interface RunReport {
  /** In words: `"+6.2 points (95% interval 1.9 to 10.4) on 200 held-out examples"`, or that there is no evidence of improvement, and why. */
  readonly text: string;
  /** The mean difference over the examples, more than 0 where the best values are better; `null` where they were not measured. */
  readonly gain: number | null;
  /** The 95% interval of the gain; `null` where too little was measured. */
  readonly interval: readonly [low: number, high: number] | null;
  /** How likely a gain of this size, for better or worse, is by chance: the paired permutation test. */
  readonly pValue: number | null;
  /** On how many examples both were measured. */
  readonly examples: number;
  /** Which data these are. `"split"`: the part of the train dataset that `train()` has set aside. `"none"`: nothing was evaluated. */
  readonly dataset: "test" | "validation" | "split" | "train" | "none";
  /** Whether a decision of the run rests on these data, so that the gain is likely to be overstated. */
  readonly isChosenOn: boolean;
  /** Whether the gain is above 0 on data that no decision rests on. */
  readonly confirmed: boolean;
}
