/**
 * How much could be scored, and what follows from it, as text.
 *
 * @module
 */
import { type CellCounts, leastCoverage } from "../data/comparison.ts";
import type { Compared } from "./compare.ts";

/** "only 1 of 6 examples could be scored (5 unscored, even after another attempt); a decision needs 80%". */
export function describeCoverage({ scored, failed, unscored, total }: CellCounts): string {
  const known = scored + failed;
  const counts = `${known} of ${total} ${total === 1 ? "example" : "examples"}`;
  return `only ${counts} could be scored (${unscored} unscored, even after another attempt); a decision needs ${leastCoverage * 100}%`;
}

/**
 * That too little of a candidate was scored to compare it, and what follows; `undefined` where enough was.
 *
 * @param isFirst whether it is the one that the others have to beat
 */
export function describeShortfall(id: string, { isEligible, means, counts }: Compared, isFirst: boolean): string | undefined {
  if (isEligible || counts.unscored === 0) return undefined;
  const coverage = describeCoverage(counts);
  if (!isFirst) return `Candidate ${id} cannot be selected: ${coverage}`;
  if (means === null) return `The current values are kept, because nothing can be compared with them: ${coverage}`;
  return `The current values: ${coverage}. All other candidates were scored on every example, so the unscored ones count as failed`;
}
