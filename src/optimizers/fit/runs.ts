/**
 * The runs in a trace graph: the operations that lead to one output alone, and which of them are the same.
 *
 * @module
 */
import type { Operation } from "../../graph/node.ts";
import type { GraphView } from "./graph-view.ts";
import type { Sample } from "./samples.ts";

/** The operations of one sample. */
export interface Run {
  readonly sample: Sample;
  /** Places of the operations that no other sample depends on, in the order of the graph. */
  readonly own: readonly number[];
  /** The same for runs that did the same operations on the same shared values: only their own values differ. */
  readonly shape: string;
}

/** A run for each sample. Linear in nodes and edges, whatever the samples share. */
export function runsOf(view: GraphView, samples: readonly Sample[]): readonly Run[] {
  const owners = ownersOf(view, samples);
  const own: number[][] = samples.map(() => []);
  /** Where a place stands among those of its run. */
  const within = new Int32Array(owners.length);
  for (let place = 0; place < owners.length; place++) {
    const places = own[owners[place] as number];
    if (places !== undefined && view.roleAt(place) === "operation") within[place] = places.push(place) - 1;
  }
  const kinds = new OperationKinds();
  return samples.map((sample, index) => {
    const places = own[index] as number[];
    const indexOf = (place: number): number | undefined => {
      return owners[place] === index && view.roleAt(place) === "operation" ? within[place] : undefined;
    };
    return { sample, own: places, shape: shapeOf(view, sample.place, places, indexOf, kinds) };
  });
}

/** Of each place the only sample that depends on it. */
function ownersOf(view: GraphView, samples: readonly Sample[]): Int32Array {
  const owners = new Int32Array(view.nodes.length).fill(nobody);
  for (const [index, { place }] of samples.entries()) owners[place] = index;
  for (let place = owners.length - 1; place >= 0; place--) {
    const owner = owners[place] as number;
    if (owner === nobody) continue;
    for (const input of view.inputsAt(place)) {
      const known = owners[input] as number;
      if (known === nobody) owners[input] = owner;
      else if (known !== owner) owners[input] = shared;
    }
  }
  return owners;
}

const nobody = -1;
const shared = -2;

/** Numbers for operations: the same for those that read the same in a prompt. */
class OperationKinds {
  readonly #known = new Map<Operation, number>();
  readonly #alike = new Map<string, number>();

  numberOf(operation: Operation): number {
    const known = this.#known.get(operation);
    if (known !== undefined) return known;
    const look = [operation.name, operation.description, operation.source ?? ""].join("\0");
    const number = this.#alike.get(look) ?? this.#alike.size;
    this.#alike.set(look, number);
    this.#known.set(operation, number);
    return number;
  }
}

const unnamed: Operation = { name: "", description: "" };

function shapeOf(
  view: GraphView,
  output: number,
  places: readonly number[],
  indexOf: (place: number) => number | undefined,
  kinds: OperationKinds,
): string {
  // An output that others depend on, too, is like no other.
  let shape = `${indexOf(output) ?? `:${output}`}`;
  for (const place of places) {
    const { kind, name, inputNames, operation = unnamed } = view.nodeAt(place);
    const inputs = view.inputsAt(place);
    shape += `\n${kinds.numberOf(operation)} ${kind} ${name}`;
    for (let at = 0; at < inputs.length; at++) {
      const input = inputs[at] as number;
      const inner = indexOf(input);
      shape += ` ${inputNames[at] ?? ""}`;
      if (inner !== undefined) shape += `=${inner}`;
      else shape += view.roleAt(input) === "input" ? "?" : `:${input}`;
    }
  }
  return shape;
}
