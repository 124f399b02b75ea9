/**
 * `pairedGain`: by how much one candidate is better than another, on the examples that both were scored on.
 *
 * @module
 */
import type { Archive, Entry } from "../search/search.ts";
import { scoreRows } from "./two-way-estimates.ts";

/** A mean difference, above 0 where the first is better by the objective, and of how many examples it is. */
export interface PairedGain {
  readonly gain: number;
  readonly examples: number;
}

/** `undefined` where no example was scored with both. */
export function pairedGain(archive: Archive, child: Entry, parent: Entry): PairedGain | undefined {
  const differences = (["train", "validate"] as const).flatMap((dataset) => {
    const rows = scoreRows(archive, [child, parent], { dataset, examples: archive.measured(dataset) });
    const earlier = rows.get(parent);
    return [...(rows.get(child) ?? [])].flatMap(([example, score]) => {
      const other = earlier?.get(example);
      return other === undefined ? [] : [score - other];
    });
  });
  if (differences.length === 0) return undefined;
  return { gain: differences.reduce((sum, one) => sum + one, 0) / differences.length, examples: differences.length };
}
