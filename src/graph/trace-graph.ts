/**
 * Trace graphs: the part of the graph between parameters and the targets that feedback was given to.
 *
 * @module
 */
import type { Feedback } from "../data/feedback.ts";
import type { Node } from "./node.ts";
import { isParameter, type Parameter } from "./parameter.ts";

/** A target with what was said of it. */
export interface TargetFeedback {
  readonly target: Node;
  readonly feedback: Feedback;
}

/** One backward pass: all nodes it reached, inputs before their users. Shared by the trace graphs it gave. */
export interface BackwardPass {
  readonly order: readonly Node[];
  readonly targets: readonly TargetFeedback[];
  /** The values the parameters had when the pass was made; later changes do not rewrite it. */
  readonly values: ReadonlyMap<Parameter, unknown>;
}

/**
 * What parameters should hear: the nodes on the way from them to the targets, the immediate inputs of those nodes,
 * and what was said of each target. The nodes are listed when first asked for.
 */
export class TraceGraph {
  readonly parameters: readonly Parameter[];
  readonly #passes: readonly BackwardPass[];
  #slices: readonly Slice[] | undefined;

  constructor(parameters: readonly Parameter[], passes: readonly BackwardPass[]) {
    this.parameters = parameters;
    this.#passes = passes;
  }

  /** The nodes, each once, inputs before their users. The order depends on the graph alone, not on timing. */
  get nodes(): readonly Node[] {
    return [...new Set(this.#sliced().flatMap(({ nodes }) => nodes))];
  }

  /** The targets that depend on the parameters, with their feedback, in the order given to `backward`. */
  get targets(): readonly TargetFeedback[] {
    return this.#sliced().flatMap(({ targets }) => targets);
  }

  /** The node's value; for a parameter the value it had when feedback was given. */
  valueOf(node: Node): unknown {
    if (!isParameter(node)) return node.peek();
    const pass = this.#passes.find(({ values }) => values.has(node));
    return pass === undefined ? node.peek() : pass.values.get(node);
  }

  /** One graph for all that these say: the union of parameters, nodes and targets. */
  static merge(graphs: Iterable<TraceGraph>): TraceGraph {
    const parameters = new Set<Parameter>();
    const passes = new Set<BackwardPass>();
    for (const graph of graphs) {
      for (const parameter of graph.parameters) parameters.add(parameter);
      for (const pass of graph.#passes) passes.add(pass);
    }
    return new TraceGraph([...parameters], [...passes]);
  }

  #sliced(): readonly Slice[] {
    this.#slices ??= this.#passes.map((pass) => slice(pass, new Set(this.parameters)));
    return this.#slices;
  }
}

interface Slice {
  readonly nodes: readonly Node[];
  readonly targets: readonly TargetFeedback[];
}

/** Keeps what depends on the parameters, and the immediate inputs of that: one sweep over nodes and edges. */
function slice(pass: BackwardPass, parameters: ReadonlySet<Node>): Slice {
  const dependent = new Set<Node>();
  const kept = new Set<Node>();
  for (const node of pass.order) {
    if (parameters.has(node) || node.inputs.some((input) => dependent.has(input))) {
      dependent.add(node);
      kept.add(node);
      for (const input of node.inputs) kept.add(input);
    }
  }
  return {
    nodes: pass.order.filter((node) => kept.has(node)),
    targets: pass.targets.filter(({ target }) => dependent.has(target)),
  };
}
