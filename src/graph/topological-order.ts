/**
 * The order in which a graph is walked: inputs before their users.
 *
 * @module
 */
import type { Node } from "./node.ts";

/** A graph laid out for sweeps without look-ups: its nodes in order, and its edges as places in that order. */
export interface GraphLayout {
  /** Every node once, inputs before their users. */
  readonly order: readonly Node[];
  /** The places of the inputs of all nodes, node after node. */
  readonly inputs: readonly number[];
  /** Where the inputs of each node end in `inputs`; they begin where those of the node before end. */
  readonly ends: readonly number[];
  /** The places of the targets. */
  readonly targets: readonly number[];
}

/** Every node that the targets depend on, inputs before their users, in the order of the arguments. */
export function topologicalOrder(targets: readonly Node[]): readonly Node[] {
  return layOut(targets).order;
}

/** Walks the graph below the targets without recursion: one look-up for each edge, one entry for each node. */
export function layOut(targets: readonly Node[]): GraphLayout {
  const order: Node[] = [];
  const inputs: number[] = [];
  const ends: number[] = [];
  const places = new Map<Node, number>();
  /** The nodes under way, and for each where its share of `known` begins: the places of its inputs so far. */
  const path: Node[] = [];
  const begins: number[] = [];
  const known: number[] = [];
  /** How much of `known` is in use; cutting the list itself is slow. */
  let used = 0;
  const placeOf = (target: Node): number => {
    let place = places.get(target);
    if (place !== undefined) return place;
    path.push(target);
    begins.push(0);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const begin = begins.at(-1) as number;
      const input = node.inputs[used - begin];
      if (input !== undefined) {
        place = places.get(input);
        if (place === undefined) {
          path.push(input);
          begins.push(used);
        } else {
          known[used++] = place;
        }
        continue;
      }
      place = order.push(node) - 1;
      for (let index = begin; index < used; index++) inputs.push(known[index] as number);
      ends.push(inputs.length);
      places.set(node, place);
      used = begin;
      path.pop();
      begins.pop();
      if (path.length > 0) known[used++] = place;
    }
    return place as number;
  };
  return { targets: targets.map(placeOf), order, inputs, ends };
}
