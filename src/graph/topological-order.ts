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

/** Walks the graph below the targets, and lays it out. */
export function layOut(targets: readonly Node[]): GraphLayout {
  const walk = new GraphWalk();
  const places = targets.map((target) => walk.placeOf(target));
  const { order, parameters, inputs, ends } = walk;
  return { targets: places, order, inputs: inputs.toArray(), ends: ends.toArray(), parameters };
}

/**
 * Without recursion: one look-up for each edge, one entry for each node. A node is looked at once, when it is reached: in a large
 * graph each look is a wait for memory.
 */
class GraphWalk {
  readonly order: Node[] = [];
  readonly parameters: number[] = [];
  readonly inputs: Numbers = new Numbers();
  readonly ends: Numbers = new Numbers();
  /** The nodes as they are reached, their numbers in that row by id, and their places by number. */
  readonly #reached: Node[] = [];
  readonly #numbers = new NumbersById();
  readonly #places = new Numbers();
  /** The numbers of the nodes under way, how many inputs each has, and where its share of `#known` begins: its inputs so far. */
  readonly #path = new Numbers();
  readonly #counts = new Numbers();
  readonly #begins = new Numbers();
  readonly #known = new Numbers();

  /** Where a node is in the order; it and what it depends on get their places, as far as they have none. */
  placeOf(target: Node): number {
    const before = this.#numbers.get(target.id);
    if (before !== undefined) return this.#places.at(before);
    this.#enter(target);
    for (;;) {
      const number = this.#path.last();
      const next = this.#known.length - this.#begins.last();
      if (next === this.#counts.last()) {
        const place = this.#leave(number);
        if (this.#path.length === 0) return place;
        this.#known.push(number);
        continue;
      }
      const input = (this.#reached[number] as Node).inputs[next] as Node;
      const found = this.#numbers.get(input.id);
      if (found === undefined) this.#enter(input);
      else this.#known.push(found);
    }
  }

  #enter(node: Node): void {
    const number = this.#reached.push(node) - 1;
    this.#numbers.set(node.id, number);
    this.#path.push(number);
    this.#counts.push(node.inputs.length);
    this.#begins.push(this.#known.length);
    // It has no inputs, so it is the next to find its place.
    if (node.kind === "parameter") this.parameters.push(this.order.length);
  }

  /** The last node of the path has all its inputs. @returns its place */
  #leave(number: number): number {
    const begin = this.#begins.last();
    const place = this.order.push(this.#reached[number] as Node) - 1;
    this.#places.set(number, place);
    for (let index = begin; index < this.#known.length; index++) this.inputs.push(this.#places.at(this.#known.at(index)));
    this.ends.push(this.inputs.length);
    this.#known.length = begin;
    this.#path.length--;
    this.#counts.length--;
    this.#begins.length--;
    return place;
  }
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
