/**
 * From a trace graph to the problem that a language model is given, with nothing left out.
 *
 * @module
 */
import type { Node } from "../../graph/node.ts";
import type { Parameter } from "../../graph/parameter.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";
import type { PromptBudget } from "../fit/prompt-budget.ts";
import type { Problem } from "./problem.ts";
import { ProblemWriter } from "./problem-writer.ts";

/** How much of a problem is shown. */
export interface DescribeOptions {
  /** Most characters of an input, intermediate value, output or source; variables are never cut. */
  readonly maxValueLength: number;
  /** Gives up as soon as it is clear that the text would have more tokens. */
  readonly budget: PromptBudget;
}

/** A line of code and the tags around its value have more tokens than this. */
const leastTokensOfOperation = 15;

/** Writes a trace graph down, in one pass over nodes and edges; `undefined` when that would be longer than the budget. */
export function describeProblem(
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  { maxValueLength, budget }: DescribeOptions,
): Problem | undefined {
  const { nodes, targets } = graph;
  const writer = new ProblemWriter(
    graph,
    parameters,
    targets.map(({ target }) => target),
    { maxValueLength },
  );
  let tokens = 0;
  /** What depends on the variables, and they themselves. */
  const dependent = new Set<Node>(writer.variables);
  for (const node of nodes) {
    if (dependent.has(node)) continue;
    if (node.inputs.some((input) => dependent.has(input))) {
      dependent.add(node);
      tokens += budget.count(writer.addOperation(node).value) + leastTokensOfOperation;
    } else {
      tokens += budget.count(writer.addInput(node)?.value ?? "");
    }
    if (tokens > budget.maxTokens) return undefined;
  }
  return writer.problem({ targets });
}
