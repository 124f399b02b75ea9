/**
 * What two runs of the same operations do not have in common.
 *
 * @module
 */
import type { GraphView } from "./graph-view.ts";
import type { NodeTexts } from "./node-texts.ts";
import type { Run } from "./runs.ts";

/** A value in the code, and the one that another run had in its place. */
export interface Difference {
  readonly place: number;
  readonly other: number;
}

/** The values of `run` that differ from those of `leader`, which has the same shape, of what is shown of the leader. */
export function differences(
  leader: Run,
  run: Run,
  shown: ReadonlySet<number>,
  view: GraphView,
  texts: NodeTexts,
): readonly Difference[] {
  const found = new Map<number, number>();
  const compare = (place: number, other: number): void => {
    if (shown.has(place) && !found.has(place) && !texts.same(place, other)) found.set(place, other);
  };
  for (const [index, place] of leader.own.entries()) {
    if (!shown.has(place)) continue;
    const other = run.own[index] as number;
    const inputs = view.inputsAt(other);
    for (const [at, input] of view.inputsAt(place).entries()) {
      if (view.roleAt(input) === "input") compare(input, inputs[at] as number);
    }
    compare(place, other);
  }
  return [...found].map(([place, other]) => ({ place, other }));
}
