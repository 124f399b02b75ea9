/**
 * A trace graph laid out for deciding what of it is shown: places for nodes, and what depends on the variables.
 *
 * @module
 */
import type { Node } from "../../graph/node.ts";
import { NumbersById } from "../../graph/topological-order.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";

/** What a node is in a prompt. */
export type NodeRole = "variable" | "operation" | "input";

/** The nodes of a graph by place, inputs before their users. One sweep over nodes and edges makes it. */
export class GraphView {
  readonly nodes: readonly Node[];
  readonly #roles: readonly NodeRole[];
  readonly #inputs: readonly (readonly number[])[];
  readonly #fails: Uint8Array;
  readonly #places: NumbersById;

  /** @param variables the parameters that are shown as variables */
  constructor(graph: TraceGraph, variables: Iterable<Node>) {
    const { nodes } = graph;
    const variable = new Set(variables);
    const places = new NumbersById();
    const roles: NodeRole[] = [];
    const inputs: (readonly number[])[] = [];
    const fails = new Uint8Array(nodes.length);
    for (let place = 0; place < nodes.length; place++) {
      const node = nodes[place] as Node;
      places.set(node.id, place);
      const isVariable = node.kind === "parameter" && variable.has(node);
      const own = isVariable || node.inputs.length === 0 ? none : placesOf(node.inputs, places);
      let depends = false;
      let failing = node.kind === "exception";
      for (const input of own) {
        depends ||= roles[input] !== "input";
        failing ||= fails[input] === 1;
      }
      roles.push(roleOf(isVariable, depends));
      inputs.push(depends ? own : none);
      fails[place] = Number(depends && failing);
    }
    this.nodes = nodes;
    this.#roles = roles;
    this.#inputs = inputs;
    this.#fails = fails;
    this.#places = places;
  }

  placeOf(node: Node): number | undefined {
    return this.#places.get(node.id);
  }

  nodeAt(place: number): Node {
    return this.nodes[place] as Node;
  }

  roleAt(place: number): NodeRole {
    return this.#roles[place] as NodeRole;
  }

  /** The places of a node's inputs; of inputs of the program none, because nobody asks what they came from. */
  inputsAt(place: number): readonly number[] {
    return this.#inputs[place] as readonly number[];
  }

  /** Whether an operation threw, or got what another one threw. */
  failsAt(place: number): boolean {
    return this.#fails[place] === 1;
  }
}

const none: readonly number[] = [];

function roleOf(isVariable: boolean, depends: boolean): NodeRole {
  if (isVariable) return "variable";
  return depends ? "operation" : "input";
}

/** All inputs of an operation have places; those of a value that is shown as an input need not. */
function placesOf(nodes: readonly Node[], places: NumbersById): readonly number[] {
  const found: number[] = [];
  for (const node of nodes) {
    const place = places.get(node.id);
    if (place !== undefined) found.push(place);
  }
  return found;
}
