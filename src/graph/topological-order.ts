/**
 * The order in which a graph is walked: inputs before their users.
 *
 * @module
 */
import type { Node } from "./node.ts";

/** A graph laid out for sweeps that touch no node: its nodes in order, and its edges as places in that order. */
export interface GraphLayout {
  /** Every node once, inputs before their users. */
  readonly order: readonly Node[];
  /** The places of the inputs of all nodes, node after node. */
  readonly inputs: Int32Array;
  /** Where the inputs of each node end in `inputs`; they begin where those of the node before end. */
  readonly ends: Int32Array;
  /** The places of the targets. */
  readonly targets: readonly number[];
  /** The places of the parameters, in order. */
  readonly parameters: readonly number[];
}

/** Every node that the targets depend on, inputs before their users, in the order of the arguments. */
export function topologicalOrder(targets: readonly Node[]): readonly Node[] {
  return layOut(targets).order;
}

/**
 * Walks the graph below the targets without recursion: one look-up for each edge, one entry for each node. A node is looked at
 * once, when it is reached: in a large graph each look is a wait for memory.
 */
export function layOut(targets: readonly Node[]): GraphLayout {
  const order: Node[] = [];
  const parameters: number[] = [];
  const inputs = new Numbers();
  const ends = new Numbers();
  /** The nodes as they are reached, their numbers in that row by id, and their places by number. */
  const reached: Node[] = [];
  const numbers = new NumbersById();
  const places = new Numbers();
  /** The numbers of the nodes under way, how many inputs each has, and where its share of `known` begins: its inputs so far. */
  const path = new Numbers();
  const counts = new Numbers();
  const begins = new Numbers();
  const known = new Numbers();
  const enter = (node: Node): void => {
    const number = reached.push(node) - 1;
    numbers.set(node.id, number);
    path.push(number);
    counts.push(node.inputs.length);
    begins.push(known.length);
    // It has no inputs, so it is the next to find its place.
    if (node.kind === "parameter") parameters.push(order.length);
  };
  const placeOf = (target: Node): number => {
    const before = numbers.get(target.id);
    if (before !== undefined) return places.at(before);
    enter(target);
    for (;;) {
      const number = path.last();
      const begin = begins.last();
      const next = known.length - begin;
      if (next < counts.last()) {
        const input = (reached[number] as Node).inputs[next] as Node;
        const found = numbers.get(input.id);
        if (found === undefined) enter(input);
        else known.push(found);
        continue;
      }
      const place = order.push(reached[number] as Node) - 1;
      places.set(number, place);
      for (let index = begin; index < known.length; index++) inputs.push(places.at(known.at(index)));
      ends.push(inputs.length);
      known.length = begin;
      path.length--;
      counts.length--;
      begins.length--;
      if (path.length === 0) return place;
      known.push(number);
    }
  };
  return { targets: targets.map(placeOf), order, inputs: inputs.toArray(), ends: ends.toArray(), parameters };
}

const pageSize = 256;

/**
 * Numbers by the ids of nodes, in pages, because the ids of a graph lie close together: several times as fast as a Map of all
 * nodes, and the larger the graph the more so.
 */
export class NumbersById {
  /** Each holds the numbers plus one; 0 where there is none. */
  readonly #pages = new Map<number, Int32Array>();
  #page: Int32Array = new Int32Array(pageSize);
  #at = -1;

  get(id: number): number | undefined {
    this.#turnTo(Math.floor(id / pageSize));
    const entry = this.#page[id % pageSize] as number;
    return entry === 0 ? undefined : entry - 1;
  }

  set(id: number, number: number): void {
    this.#turnTo(Math.floor(id / pageSize));
    this.#page[id % pageSize] = number + 1;
  }

  #turnTo(page: number): void {
    if (page === this.#at) return;
    const known = this.#pages.get(page);
    this.#page = known ?? new Int32Array(pageSize);
    if (known === undefined) this.#pages.set(page, this.#page);
    this.#at = page;
  }
}

/** A list of whole numbers that grows: four bytes each, out of sight of the garbage collector. */
class Numbers {
  length = 0;
  #values: Int32Array = new Int32Array(64);

  at(index: number): number {
    return this.#values[index] as number;
  }

  set(index: number, value: number): void {
    if (index >= this.#values.length) this.#grow(index + 1);
    this.#values[index] = value;
  }

  push(value: number): void {
    this.set(this.length++, value);
  }

  last(): number {
    return this.#values[this.length - 1] as number;
  }

  toArray(): Int32Array {
    return this.#values.subarray(0, this.length);
  }

  #grow(least: number): void {
    const values = new Int32Array(Math.max(least, 2 * this.#values.length));
    values.set(this.#values);
    this.#values = values;
  }
}
