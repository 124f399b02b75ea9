/**
 * What is known of a candidate from data that no decision of an algorithm rests on.
 *
 * @module
 */

/** Scores of one candidate. */
export interface HeldOutScores {
  /** By example of the test data; `null` where it could not be scored. */
  readonly test: readonly (number | null)[];
  /** Which rows these are: the first 8 digits of a hash of their ids. */
  readonly rows: readonly string[];
  /** The mean on the validation data, measured again. */
  readonly validation: number | null;
}
