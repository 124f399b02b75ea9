/**
 * The operations of a run in the order in which they deserve room.
 *
 * @module
 */
import type { GraphView } from "./graph-view.ts";

/** The operations behind one output. */
export interface Ranking {
  /** The output, what failed on the way to it, and what these two got: always shown. */
  readonly essential: readonly number[];
  /** All others: two from the end, where the output comes from, then one from the beginning, where the variables go in. */
  readonly others: readonly number[];
}

/**
 * Ranks the operations that the output depends on and that are not in `taken` yet, and adds them to it. Where a program failed deep
 * inside, the operation that failed at first is essential and not only the last that passed the error on.
 *
 * @param maxInputs how many inputs of one operation are essential
 */
export function rankOperations(view: GraphView, output: number, taken: Set<number>, maxInputs: number): Ranking {
  const places = sliceOf(view, output, taken);
  const essential = new Set([output]);
  const failed = places.findLast(
    (place) => view.nodeAt(place).kind === "exception" && !view.inputsAt(place).some((input) => view.failsAt(input)),
  );
  if (failed !== undefined) essential.add(failed);
  for (const place of failed === undefined ? [output] : [failed, output]) {
    const made = view.inputsAt(place).filter((input) => view.roleAt(input) === "operation");
    for (const input of made.slice(0, maxInputs)) essential.add(input);
  }
  return { essential: [...essential], others: inwards(places.filter((place) => !essential.has(place))) };
}

/** In the order of the graph. */
function sliceOf(view: GraphView, output: number, taken: Set<number>): readonly number[] {
  const places: number[] = [];
  const open = taken.has(output) ? [] : [output];
  taken.add(output);
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    places.push(place);
    for (const input of view.inputsAt(place)) {
      if (view.roleAt(input) !== "operation" || taken.has(input)) continue;
      taken.add(input);
      open.push(input);
    }
  }
  return places.sort((a, b) => a - b);
}

function inwards(places: readonly number[]): readonly number[] {
  const ordered: number[] = [];
  let [begin, end] = [0, places.length];
  while (begin < end) {
    const fromEnd = ordered.length % 3 !== 2;
    ordered.push(places[fromEnd ? --end : begin++] as number);
  }
  return ordered;
}
