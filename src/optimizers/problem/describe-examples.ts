/**
 * A few of the values that a program was given, what it made of them, and what was said: a task without the way it is done.
 *
 * @module
 */
import { shorten } from "../../data/json.ts";
import type { Node } from "../../graph/node.ts";
import type { Parameter } from "../../graph/parameter.ts";
import { batchOf, type TargetFeedback, type TraceGraph } from "../../graph/trace-graph.ts";
import { dependentOperations } from "../gradients/dependent-operations.ts";
import { describeFeedback } from "./describe-variable.ts";
import type { ProblemFeedback, ProblemValue } from "./problem.ts";
import { typeWord, ValueText } from "./show-value.ts";
import { UniqueNames } from "./unique-names.ts";

/** The examples of a prompt. */
export interface Examples {
  readonly inputs: readonly ProblemValue[];
  readonly outputs: readonly ProblemValue[];
  readonly feedback: readonly ProblemFeedback[];
}

/**
 * The first inputs, outputs and pieces of feedback of a graph.
 *
 * @param count the most of each
 * @param maxLength most characters of each
 */
export function describeExamples(
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  count: number,
  maxLength: number,
): Examples {
  const names = new UniqueNames(parameters.keys());
  const describe = (node: Node, name: string): ProblemValue => {
    const value = graph.valueOf(node);
    const type = node.kind === "exception" ? "error" : typeWord(value);
    return { name, type, about: node.description, value: new ValueText(value, maxLength).shown(maxLength) };
  };
  const said = graph.targets.slice(0, count);
  const dependent = new Set<Node>([...graph.parameters, ...dependentOperations(graph).map(({ node }) => node)]);
  // What every run is given alike, such as the name of a model, is told once.
  const looks = new Set<string>();
  const given = graph.nodes.filter((node) => {
    if (looks.size === count || dependent.has(node)) return false;
    const look = [node.name, describe(node, "").value].join("\0");
    return !looks.has(look) && looks.add(look) !== undefined;
  });
  const outputNames = new Map<Node, string>();
  const remarks = remarksOn(graph);
  for (const { target } of said) if (!outputNames.has(target)) outputNames.set(target, names.takeNumbered(target.name));
  return {
    inputs: given.map((node) => describe(node, names.take(node.name))),
    outputs: Array.from(outputNames, ([node, name]) => {
      const output = describe(node, name);
      return { ...output, about: output.about ?? remarks };
    }),
    feedback: said.map((one) => {
      const told = describeFeedback(one, outputNames.get(one.target) as string);
      return { ...told, text: shorten(told.text, maxLength) };
    }),
  };
}

/** What is known of the values that the outputs were made from, which are not shown themselves. */
function remarksOn({ nodes }: TraceGraph): string | undefined {
  const known = new Set(nodes.flatMap(({ kind, description }) => (kind === "message" && description ? [description] : [])));
  return known.size === 0 ? undefined : `What the outputs were computed from: ${[...known].join(" ")}`;
}

/**
 * The examples of a batch with what was said of each; `undefined` when the target is none, or its feedback does not go
 * through all examples in order, each under its `ID [i]:`. A score of the batch is that of no single example.
 */
export function batchSections({ target, feedback }: TargetFeedback): readonly TargetFeedback[] | undefined {
  if (target.operation?.name !== "batchify" || target.inputs.length === 0) return undefined;
  if (feedback.scores !== undefined) return undefined;
  const noted = batchOf(target);
  if (noted?.length === target.inputs.length)
    return noted.map((one, index) => ({ target: target.inputs[index] as Node, feedback: one }));
  const texts = sectionsOf(feedback.feedback, target.inputs.length);
  return texts?.map((text, index) => ({
    target: target.inputs[index] as Node,
    feedback: { score: null, feedback: text },
  }));
}

function sectionsOf(text: string, count: number): readonly string[] | undefined {
  const sections: string[] = [];
  let start = 0;
  for (let index = 0; index < count; index++) {
    const head = `ID [${index}]: `;
    if (!text.startsWith(head, start)) return undefined;
    const end = index === count - 1 ? text.length : text.indexOf(`\nID [${index + 1}]: `, start);
    if (end === -1) return undefined;
    sections.push(text.slice(start + head.length, end).trimEnd());
    start = end + 1;
  }
  return sections;
}
