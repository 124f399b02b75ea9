/**
 * From a trace graph to the problem that a language model is given, with nothing left out.
 *
 * @module
 */
import type { Node } from "../../graph/node.ts";
import type { Parameter } from "../../graph/parameter.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";
import type { Problem } from "./problem.ts";
import { ProblemWriter } from "./problem-writer.ts";

/** How much of a problem is shown. */
export interface DescribeOptions {
  /** Most characters of an input, intermediate value, output or source; variables are never cut. */
  readonly maxValueLength: number;
}

/** Writes a trace graph down, in one pass over nodes and edges. */
export function describeProblem(
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  options: DescribeOptions,
): Problem {
  const { nodes, targets } = graph;
  const writer = new ProblemWriter(
    graph,
    parameters,
    targets.map(({ target }) => target),
    options,
  );
  /** What depends on the variables, and they themselves. */
  const dependent = new Set<Node>(writer.variables);
  for (const node of nodes) {
    if (dependent.has(node)) continue;
    if (node.inputs.some((input) => dependent.has(input))) {
      dependent.add(node);
      writer.addOperation(node);
    } else {
      writer.addInput(node);
    }
  }
  return writer.problem({ targets });
}
