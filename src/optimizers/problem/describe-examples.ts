/**
 * A few of the outputs of a program, with the values that it was given and the feedback: a task without the way it is done.
 *
 * @module
 */
import { shorten } from "../../data/json.ts";
import { nameOrPath } from "../../graph/graph-node.ts";
import type { Node } from "../../graph/node.ts";
import type { Parameter } from "../../graph/parameter.ts";
import { batchOf, type TargetFeedback, type TraceGraph } from "../../graph/trace-graph.ts";
import { dependentOperations } from "../gradients/dependent-operations.ts";
import { describeFeedback } from "./describe-variable.ts";
import type { ProblemFeedback, ProblemValue } from "./problem.ts";
import { typeWord, ValueText } from "./show-value.ts";
import { UniqueNames } from "./unique-names.ts";

/** An output of the program with some of the values that it was made from, and the feedback on it. */
export interface OutputExample {
  readonly inputs: readonly ProblemValue[];
  readonly output: ProblemValue;
  readonly feedback: readonly ProblemFeedback[];
}

/** Most values that one output is shown with. */
const mostInputs = 3;

/**
 * The first outputs of a graph with their inputs and the feedback on them; a batch is taken apart. What all of them were given alike, such
 * as the name of a model, is shown with the first only.
 *
 * @param count the most outputs
 * @param maxLength most characters of each value, and of each piece of feedback
 */
export function describeExamples(
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  count: number,
  maxLength: number,
): readonly OutputExample[] {
  const outputNames = new UniqueNames(parameters.keys());
  const remarks = remarksOn(graph);
  const dependent = new Set<Node>([...graph.parameters, ...dependentOperations(graph).map(({ node }) => node)]);
  const describe = (node: Node, name: string): ProblemValue => {
    const value = graph.valueOf(node);
    const type = node.kind === "exception" ? "error" : typeWord(value);
    return { name, type, about: node.description, value: new ValueText(value, maxLength).shown(maxLength) };
  };
  const given = [...feedbackByOutput(graph)].slice(0, count).map(([target, feedback]) => {
    const names = new UniqueNames(parameters.keys());
    const inputs = givenFor(graph, target, dependent).map((node) => describe(node, names.take(nameOrPath(node))));
    return { target, feedback, inputs: distinct(inputs) };
  });
  const isCommon = (input: ProblemValue): boolean => given.every(({ inputs }) => inputs.some((one) => isAlike(one, input)));
  return given.map(({ target, feedback, inputs }, place) => {
    const output = describe(target, outputNames.takeNumbered(target.name));
    return {
      inputs: mostTelling(inputs, isCommon, place === 0),
      output: { ...output, about: output.about ?? remarks },
      feedback: feedback.map((one) => {
        const told = describeFeedback(one, output.name);
        return { ...told, text: shorten(told.text, maxLength) };
      }),
    };
  });
}

/** In their order: those of this output before those of all, which only the first shows. */
function mostTelling(
  inputs: readonly ProblemValue[],
  isCommon: (input: ProblemValue) => boolean,
  isFirst: boolean,
): readonly ProblemValue[] {
  const common = isFirst ? inputs.filter(isCommon) : [];
  const told = new Set([...inputs.filter((input) => !isCommon(input)), ...common].slice(0, mostInputs));
  return inputs.filter((input) => told.has(input));
}

function feedbackByOutput({ targets }: TraceGraph): ReadonlyMap<Node, readonly TargetFeedback[]> {
  const all = new Map<Node, TargetFeedback[]>();
  for (const one of targets.flatMap((target) => batchSections(target) ?? [target])) {
    all.set(one.target, [...(all.get(one.target) ?? []), one]);
  }
  return all;
}

/** The values behind an output that depend on no parameter, in order of the graph. */
function givenFor({ nodes }: TraceGraph, target: Node, dependent: ReadonlySet<Node>): readonly Node[] {
  const behind = new Set<Node>();
  const open = [...target.inputs];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (behind.has(node)) continue;
    behind.add(node);
    for (const input of node.inputs) open.push(input);
  }
  return nodes.filter((node) => behind.has(node) && !dependent.has(node));
}

/** Without values that another one shows already, such as an input that is passed on as the prompt of a call. */
function distinct(values: readonly ProblemValue[]): readonly ProblemValue[] {
  return [...new Map(values.toReversed().map((one) => [one.value, one])).values()].toReversed();
}

function isAlike(a: ProblemValue, b: ProblemValue): boolean {
  return a.name === b.name && a.value === b.value;
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
