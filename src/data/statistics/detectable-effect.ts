/**
 * What a number of examples can show: the smallest gain that would be noticed, and how many examples a gain needs.
 *
 * @module
 */
import { numberWithin, type OptionTable } from "../option-table.ts";
import { checkTable, checkValue } from "../options.ts";
import { normalQuantile } from "./normal-distribution.ts";

/** Options of `detectableGain` and `examplesToDetect`. */
export interface PowerOptions {
  /** The standard deviation of the differences between the two candidates, by example. */
  readonly standardDeviation: number;
  /** How likely the gain is noticed when it is there, at least 0.5 and below 1. @default 0.8 */
  readonly power?: number | undefined;
  /** Of the interval that has to be above 0, above 0.5 and below 1. @default 0.95 */
  readonly confidence?: number | undefined;
}

const table: OptionTable<PowerOptions> = {
  standardDeviation: numberWithin({ least: 0 }),
  power: numberWithin({ least: 0.5, below: 1 }),
  confidence: numberWithin({ above: 0.5, below: 1 }),
};

/**
 * The smallest gain that a paired comparison of so many examples finds with the given power (Bloom 1995, "Minimum detectable effects"), by the normal
 * approximation; a little too small for fewer than 30 examples.
 *
 * @throws InvalidArgumentError for a wrong option, or less than one example
 * @example
 * detectableGain(50, { standardDeviation: 0.5 }); // 0.198: a gain of less than 20 points is likely to be missed
 */
export function detectableGain(examples: number, options: PowerOptions): number {
  checkTable(options, table, "detectableGain");
  checkValue(examples, numberWithin({ least: 1 }), "the number of examples");
  return (quantiles(options) * options.standardDeviation) / Math.sqrt(examples);
}

/**
 * How many examples a paired comparison needs to find a gain with the given power.
 *
 * @throws InvalidArgumentError for a wrong option, or a gain that is not above 0
 * @example
 * examplesToDetect(0.05, { standardDeviation: 0.5 }); // 785
 */
export function examplesToDetect(gain: number, options: PowerOptions): number {
  checkTable(options, table, "examplesToDetect");
  checkValue(gain, numberWithin({ above: 0 }), "the gain");
  return Math.max(1, Math.ceil(((quantiles(options) * options.standardDeviation) / gain) ** 2 - 1e-9));
}

function quantiles({ power = 0.8, confidence = 0.95 }: PowerOptions): number {
  return normalQuantile((1 + confidence) / 2) + normalQuantile(power);
}
