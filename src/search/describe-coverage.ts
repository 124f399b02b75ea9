/**
 * `describeCoverage`: how much could be scored, as text.
 *
 * @module
 */
import { type CellCounts, leastCoverage } from "../data/comparison.ts";

/** "only 1 of 6 examples could be scored (5 unscored, even after another attempt); a decision needs 80%". */
export function describeCoverage({ scored, failed, unscored, total }: CellCounts): string {
  const known = scored + failed;
  const counts = `${known} of ${total} ${total === 1 ? "example" : "examples"}`;
  return `only ${counts} could be scored (${unscored} unscored, even after another attempt); a decision needs ${leastCoverage * 100}%`;
}
