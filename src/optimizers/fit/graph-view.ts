/**
 * A trace graph laid out for deciding what of it is shown: places for nodes, and what depends on the variables.
 *
 * @module
 */
import type { Node } from "../../graph/node.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";

/** What a node is in a prompt. */
export type NodeRole = "variable" | "operation" | "input";

/** The nodes of a graph by place, inputs before their users. One sweep over nodes and edges makes it. */
export class GraphView {
  readonly nodes: readonly Node[];
  readonly roles: readonly NodeRole[];
  /** The places of each node's inputs; of inputs of the program none, because nobody asks what they came from. */
  readonly inputs: readonly (readonly number[])[];
  /** Whether an operation threw, or got what another one threw. */
  readonly fails: readonly boolean[];
  readonly #places: ReadonlyMap<Node, number>;

  /** @param variables the parameters that are shown as variables */
  constructor(graph: TraceGraph, variables: Iterable<Node>) {
    const variable = new Set(variables);
    const places = new Map<Node, number>();
    const roles: NodeRole[] = [];
    const inputs: (readonly number[])[] = [];
    const fails: boolean[] = [];
    for (const node of graph.nodes) {
      const own = variable.has(node) ? none : placesOf(node.inputs, places);
      const depends = own.some((place) => roles[place] !== "input");
      const role = depends ? "operation" : "input";
      roles.push(variable.has(node) ? "variable" : role);
      inputs.push(depends ? own : none);
      fails.push(depends && (node.kind === "exception" || own.some((place) => fails[place])));
      places.set(node, places.size);
    }
    this.nodes = graph.nodes;
    this.roles = roles;
    this.inputs = inputs;
    this.fails = fails;
    this.#places = places;
  }

  placeOf(node: Node): number | undefined {
    return this.#places.get(node);
  }

  nodeAt(place: number): Node {
    return this.nodes[place] as Node;
  }

  roleAt(place: number): NodeRole {
    return this.roles[place] as NodeRole;
  }

  inputsAt(place: number): readonly number[] {
    return this.inputs[place] as readonly number[];
  }

  failsAt(place: number): boolean {
    return this.fails[place] === true;
  }
}

const none: readonly number[] = [];

function placesOf(nodes: readonly Node[], places: ReadonlyMap<Node, number>): readonly number[] {
  return nodes.flatMap((node) => places.get(node) ?? []);
}
