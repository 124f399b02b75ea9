/**
 * Trace graphs: the part of the graph between parameters and the targets that feedback was given to.
 *
 * @module
 */
import type { Feedback } from "../data/feedback.ts";
import type { Node } from "./node.ts";
import { isParameter, type Parameter } from "./parameter.ts";
import { topologicalOrder } from "./topological-order.ts";

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
  readonly #pass: BackwardPass;
  #slice: Slice | undefined;

  constructor(parameters: readonly Parameter[], pass: BackwardPass) {
    this.parameters = parameters;
    this.#pass = pass;
  }

  /** The nodes, each once, inputs before their users. The order depends on the graph alone, not on timing. */
  get nodes(): readonly Node[] {
    return this.#sliced().nodes;
  }

  /** The targets that depend on the parameters, with their feedback, in the order given to `backward`. */
  get targets(): readonly TargetFeedback[] {
    return this.#sliced().targets;
  }

  /** The node's value; for a parameter the value it had when feedback was given. */
  valueOf(node: Node): unknown {
    const { values } = this.#pass;
    return isParameter(node) && values.has(node) ? values.get(node) : node.peek();
  }

  /** One graph for all that these say: the union of parameters, nodes and targets. */
  static merge(graphs: Iterable<TraceGraph>): TraceGraph {
    const all = [...graphs];
    const parameters = new Set(all.flatMap((graph) => graph.parameters));
    const passes = new Set(all.map((graph) => graph.#pass));
    return new TraceGraph([...parameters], unite([...passes]));
  }

  #sliced(): Slice {
    this.#slice ??= slice(this.#pass, new Set(this.parameters));
    return this.#slice;
  }
}

/** One pass over all that the given ones reached; where they disagree on a parameter's value, the first is right. */
function unite(passes: readonly BackwardPass[]): BackwardPass {
  const [first] = passes;
  if (first !== undefined && passes.length === 1) return first;
  const targets = passes.flatMap((pass) => pass.targets);
  const order = topologicalOrder(targets.map(({ target }) => target));
  return { order, targets, values: new Map(passes.toReversed().flatMap(({ values }) => [...values])) };
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
