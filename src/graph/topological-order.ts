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
  const places = new Places();
  /** The nodes under way with what is needed of them, and for each where its share of `known` begins: the places of its inputs so far. */
  const path: Node[] = [];
  const inputsOfPath: (readonly Node[])[] = [];
  const ids: number[] = [];
  const begins = new Numbers();
  const known = new Numbers();
  let depth = 0;
  const enter = (node: Node): void => {
    path[depth] = node;
    inputsOfPath[depth] = node.inputs;
    // Negative for a parameter, which has no inputs.
    ids[depth] = node.kind === "parameter" ? -node.id : node.id;
    begins.set(depth++, known.length);
  };
  const placeOf = (target: Node): number => {
    let place = places.get(target.id);
    if (place !== undefined) return place;
    enter(target);
    while (depth > 0) {
      const at = depth - 1;
      const begin = begins.at(at);
      const nodes = inputsOfPath[at] as readonly Node[];
      const next = known.length - begin;
      if (next < nodes.length) {
        const input = nodes[next] as Node;
        const found = places.get(input.id);
        if (found === undefined) enter(input);
        else known.push(found);
        continue;
      }
      place = order.push(path[at] as Node) - 1;
      inputs.append(known, begin);
      ends.push(inputs.length);
      const id = ids[at] as number;
      if (id < 0) parameters.push(place);
      places.set(Math.abs(id), place);
      known.length = begin;
      depth--;
      if (depth > 0) known.push(place);
    }
    return place as number;
  };
  return { targets: targets.map(placeOf), order, inputs: inputs.toArray(), ends: ends.toArray(), parameters };
}

const pageSize = 256;

/**
 * Places by the ids of nodes, in pages, because the ids of a graph lie close together: several times as fast as a Map of all
 * nodes, and the larger the graph the more so.
 */
class Places {
  /** Each holds the places plus one; 0 where there is none. */
  readonly #pages = new Map<number, Int32Array>();
  #page: Int32Array = new Int32Array(pageSize);
  #number = -1;

  get(id: number): number | undefined {
    this.#turnTo(Math.floor(id / pageSize));
    const entry = this.#page[id % pageSize] as number;
    return entry === 0 ? undefined : entry - 1;
  }

  set(id: number, place: number): void {
    this.#turnTo(Math.floor(id / pageSize));
    this.#page[id % pageSize] = place + 1;
  }

  #turnTo(number: number): void {
    if (number === this.#number) return;
    const known = this.#pages.get(number);
    this.#page = known ?? new Int32Array(pageSize);
    if (known === undefined) this.#pages.set(number, this.#page);
    this.#number = number;
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

  /** Adds what another list has from `begin` on. */
  append(other: Numbers, begin: number): void {
    for (let index = begin; index < other.length; index++) this.push(other.at(index));
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
