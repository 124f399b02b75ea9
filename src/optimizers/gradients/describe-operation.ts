/**
 * From an operation that was criticised to what a language model is told of it.
 *
 * @module
 */
import { shorten } from "../../data/json.ts";
import { nameOrPath } from "../../graph/graph-node.ts";
import type { Node } from "../../graph/node.ts";
import { isParameter, type Parameter } from "../../graph/parameter.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";
import { describeVariable } from "../problem/describe-variable.ts";
import type { ProblemOperation, ProblemValue } from "../problem/problem.ts";
import { typeWord, ValueText } from "../problem/show-value.ts";
import { hasOwnName, OperationNames, UniqueNames } from "../problem/unique-names.ts";
import type { CriticisedOperation } from "./gradient-pass.ts";
import type { TextGradient } from "./text-gradient.ts";

/** One operation with its values, as text. */
export interface OperationText {
  readonly operation: ProblemOperation;
  readonly inputs: readonly ProblemValue[];
  readonly result: ProblemValue;
  readonly gradients: readonly TextGradient[];
  /** The inputs that are to be criticised. */
  readonly asked: readonly AskedInput[];
}

/** An input that depends on the parameters. */
export interface AskedInput {
  readonly name: string;
  readonly node: Node;
  /** Whether it is a variable itself. */
  readonly isVariable: boolean;
  /** The rules of a variable. */
  readonly notes: readonly string[];
}

/** @param maxLength most characters of a value or of a piece of criticism */
export function describeOperation(
  { node, dependentInputs, gradients }: CriticisedOperation,
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  maxLength: number,
): OperationText {
  const operations = new OperationNames(maxLength);
  operations.nameOf(node);
  const names = new UniqueNames();
  const pathOf = new Map<Node, string>(Array.from(parameters, ([path, parameter]) => [parameter, path]));
  const nameOf = new Map<Node, string>();
  node.inputs.forEach((input, index) => {
    const argument = node.inputNames[index] ?? "";
    const isOwnName = argument === "" || hasOwnName(argument, input);
    if (!nameOf.has(input)) nameOf.set(input, names.take(pathOf.get(input) ?? (isOwnName ? nameOrPath(input) : argument)));
  });
  const textOf = (value: Node, name: string): ProblemValue => {
    const held = graph.valueOf(value);
    const type = value.kind === "exception" ? "error" : typeWord(held);
    return { name, type, about: value.description, value: new ValueText(held, maxLength).shown(maxLength) };
  };
  return {
    operation: operations.list[0] as ProblemOperation,
    inputs: Array.from(nameOf, ([input, name]) => textOf(input, name)),
    result: textOf(node, names.take("result")),
    gradients: gradients.map((gradient) => ({ ...gradient, text: shorten(gradient.text, maxLength) })),
    asked: dependentInputs.map((input) => {
      const path = pathOf.get(input);
      const isVariable = path !== undefined && isParameter(input);
      const notes = isVariable ? describeVariable(path, input, graph.valueOf(input)).notes : [];
      return { name: nameOf.get(input) as string, node: input, isVariable, notes };
    }),
  };
}
