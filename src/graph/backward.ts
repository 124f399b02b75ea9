/**
 * `backward`: carries feedback from outputs to the parameters they depend on.
 *
 * @module
 */
import { type Feedback, toFeedback } from "../data/feedback.ts";
import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { GraphError, InvalidArgumentError } from "../errors.ts";
import { isNode, type Node } from "./node.ts";
import { isParameter, type Parameter } from "./parameter.ts";
import { layOut } from "./topological-order.ts";
import { type BackwardPass, type TargetFeedback, TraceGraph } from "./trace-graph.ts";

/** The feedback for each parameter. */
export type Gradient = Map<Parameter, TraceGraph>;

/** Options of `backward`. */
export interface BackwardOptions {
  /** Only these parameters. @default every trainable parameter that the targets depend on */
  readonly parameters?: readonly Parameter[] | undefined;
}

/**
 * Returns, for each trainable parameter, the feedback on the targets. Nothing is written on the graph, so any number of passes may run over
 * shared nodes, in any order.
 *
 * Linear in nodes and edges, without recursion. Follows Cheng, Nie, Swaminathan 2024 ("Trace is the next AutoDiff"):
 * a parameter receives the feedback together with the part of the graph that connects it to the output.
 *
 * @param target one node or several
 * @param feedback one for all targets, or a list with one for each; a string is feedback without a score
 * @throws GraphError when a target is not a node
 * @throws InvalidArgumentError when the feedback is missing or the lengths differ
 * @example
 * const gradient = backward(output, "Too long.");
 */
export function backward(
  target: Node | readonly Node[],
  feedback: string | Feedback | readonly (string | Feedback)[],
  options: BackwardOptions = {},
): Gradient {
  checkOptions(options, ["parameters"], "backward");
  const targets = pair(target, feedback);
  const layout = layOut(targets.map((pair) => pair.target));
  const wanted = options.parameters === undefined ? undefined : new Set(options.parameters);
  const parameters = layout.parameters.map((place) => layout.order[place] as Parameter);
  const reached = parameters.filter((node) => node.trainable && (wanted?.has(node) ?? true));
  const pass: BackwardPass = { layout, targets, values: valuesRead(layout.order, parameters) };
  return new Map(reached.map((parameter) => [parameter, new TraceGraph([parameter], pass)]));
}

/**
 * What the parameters held when they were read: the values that the feedback is about, whatever they hold by now. Where they
 * were read at several values, the first in order of the graph; a parameter that was not read is its own target.
 */
function valuesRead(order: readonly Node[], parameters: readonly Parameter[]): Map<Parameter, unknown> {
  const values = new Map<Parameter, unknown>();
  for (const node of order) {
    if (values.size === parameters.length) break;
    if (!node.readsParameters) continue;
    node.inputs.forEach((input, index) => {
      if (isParameter(input) && !values.has(input)) values.set(input, node.inputValue(index));
    });
  }
  for (const parameter of parameters) if (!values.has(parameter)) values.set(parameter, parameter.peek());
  return values;
}

function pair(target: Node | readonly Node[], feedback: string | Feedback | readonly (string | Feedback)[]): TargetFeedback[] {
  const targets: readonly Node[] = isNode(target) ? [target] : (target as readonly Node[]);
  if (!Array.isArray(targets) || targets.length === 0 || !targets.every(isNode)) {
    throw new GraphError(`Expected a node or a list of nodes as the target of backward, got ${describeValue(target)}`);
  }
  const one = Array.isArray(feedback) ? undefined : said(feedback as string | Feedback);
  if (Array.isArray(feedback) && feedback.length !== targets.length) {
    throw new InvalidArgumentError(`Expected one feedback for each of ${targets.length} targets, got ${feedback.length}`);
  }
  return targets.map((node, index) => ({ target: node, feedback: one ?? said((feedback as (string | Feedback)[])[index]) }));
}

function said(feedback: string | Feedback | undefined): Feedback {
  if (typeof feedback === "string") return { score: null, feedback };
  return toFeedback(feedback, "the feedback of backward");
}
