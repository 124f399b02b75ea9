/**
 * The operations of a trace graph that carry feedback: those whose results depend on its parameters.
 *
 * @module
 */
import type { Node } from "../../graph/node.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";

/** An operation, with the inputs that depend on the parameters. */
export interface DependentOperation {
  readonly node: Node;
  /** Each once, in the order of the arguments; parameters of the graph among them. */
  readonly dependentInputs: readonly Node[];
}

/** The operations between the parameters and the targets, inputs before their users; one sweep over nodes and edges. */
export function dependentOperations(graph: TraceGraph): readonly DependentOperation[] {
  const dependent = new Set<Node>(graph.parameters);
  const operations: DependentOperation[] = [];
  for (const node of graph.nodes) {
    if (dependent.has(node)) continue;
    const dependentInputs = [...new Set(node.inputs.filter((input) => dependent.has(input)))];
    if (dependentInputs.length === 0) continue;
    dependent.add(node);
    operations.push({ node, dependentInputs });
  }
  return operations;
}
