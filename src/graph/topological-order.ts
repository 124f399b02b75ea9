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
  const places = new Places();
  /** The nodes under way, and for each where its share of `known` begins: the places of its inputs so far. */
  const path: Node[] = [];
  const begins: number[] = [];
  const known: number[] = [];
  /** How much of `known` is in use; cutting the list itself is slow. */
  let used = 0;
  const placeOf = (target: Node): number => {
    let place = places.get(target.id);
    if (place !== undefined) return place;
    path.push(target);
    begins.push(0);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const begin = begins.at(-1) as number;
      const input = node.inputs[used - begin];
      if (input !== undefined) {
        place = places.get(input.id);
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
      places.set(node.id, place);
      used = begin;
      path.pop();
      begins.pop();
      if (path.length > 0) known[used++] = place;
    }
    return place as number;
  };
  return { targets: targets.map(placeOf), order, inputs, ends };
}

const pageSize = 64;

/**
 * Places by the ids of nodes, in pages, because the ids of a graph lie close together: several times as fast as a Map of all
 * nodes, and the larger the graph the more so.
 */
export class Places {
  readonly #pages = new Map<number, number[]>();
  #page: number[] = [];
  #number = -1;

  get(id: number): number | undefined {
    this.#turnTo(Math.floor(id / pageSize));
    const place = this.#page[id % pageSize] as number;
    return place === -1 ? undefined : place;
  }

  set(id: number, place: number): void {
    this.#turnTo(Math.floor(id / pageSize));
    this.#page[id % pageSize] = place;
  }

  #turnTo(number: number): void {
    if (number === this.#number) return;
    const known = this.#pages.get(number);
    this.#page = known ?? new Array<number>(pageSize).fill(-1);
    if (known === undefined) this.#pages.set(number, this.#page);
    this.#number = number;
  }
}
