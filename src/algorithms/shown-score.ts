/**
 * The numbers by which searches compare, as an advice shows them.
 *
 * @module
 */
import { digitsApart, numberText } from "../data/number-text.ts";
import { toldScore } from "../data/objectives.ts";
import type { Archive } from "../search/search.ts";

/** Numbers of one list, with the digits that tell them apart: the guide's own scores where these are compared. @param none what `null` is called */
export function shownScores(
  { objective }: Pick<Archive, "objective">,
  numbers: readonly (number | null | undefined)[],
  none = "not known",
): readonly string[] {
  const digits = digitsApart(numbers.flatMap((number) => number ?? []));
  return numbers.map((number) => (number == null ? none : numberText(toldScore(number, objective), digits)));
}

/** What a difference comes to, whether more or less of the score is better. @param gain more being better */
export function shownGain(gain: number): string {
  if (gain === 0) return "as good";
  return `${gain > 0 ? "better" : "worse"} by ${numberText(Math.abs(gain))}`;
}
