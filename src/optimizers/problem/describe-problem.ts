/**
 * From a trace graph to the problem that a language model is given.
 *
 * @module
 */
import { shorten } from "../../data/json.ts";
import type { Node } from "../../graph/node.ts";
import type { Parameter } from "../../graph/parameter.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";
import { describeFeedback } from "./describe-feedback.ts";
import { describeVariable } from "./describe-variable.ts";
import { OperationNames } from "./operation-names.ts";
import type { Problem, ProblemValue } from "./problem.ts";
import { showValue, typeWord } from "./show-value.ts";
import { nameInCode, UniqueNames } from "./unique-names.ts";

/** How much of a problem is shown. */
export interface DescribeOptions {
  /** Most characters of an input, intermediate value, output or source; variables are never cut. */
  readonly maxValueLength: number;
}

/**
 * Writes a trace graph down, in one pass over nodes and edges.
 *
 * Names are given here, in the order of the graph and never from node numbers, so the same graph gives the same
 * problem however its operations were scheduled. Variables keep the names that `parameters` has for them; inputs
 * that look the same are listed once.
 */
export function describeProblem(
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  { maxValueLength }: DescribeOptions,
): Problem {
  const writer = new ProblemWriter(graph, parameters, maxValueLength);
  for (const node of graph.nodes) writer.add(node);
  return writer.problem();
}

class ProblemWriter {
  readonly #graph: TraceGraph;
  readonly #maxLength: number;
  readonly #variables: readonly (readonly [name: string, Parameter])[];
  readonly #names: UniqueNames;
  readonly #nameOf: Map<Node, string>;
  /** What depends on the variables, and they themselves. */
  readonly #dependent: Set<Node>;
  readonly #targets: ReadonlySet<Node>;
  readonly #operations: OperationNames;
  readonly #texts = new Map<unknown, string>();
  readonly #code: string[] = [];
  /** By all that is shown of them. */
  readonly #inputs = new Map<string, ProblemValue>();
  readonly #others: ProblemValue[] = [];
  readonly #outputs: ProblemValue[] = [];

  constructor(graph: TraceGraph, parameters: ReadonlyMap<string, Parameter>, maxLength: number) {
    const reached = new Set(graph.parameters);
    this.#graph = graph;
    this.#maxLength = maxLength;
    this.#variables = [...parameters].filter(([, parameter]) => reached.has(parameter));
    this.#names = new UniqueNames(parameters.keys());
    this.#nameOf = new Map(this.#variables.map(([name, parameter]) => [parameter, name]));
    this.#dependent = new Set(this.#nameOf.keys());
    this.#targets = new Set(graph.targets.map(({ target }) => target));
    this.#operations = new OperationNames(maxLength);
  }

  /** Adds the next node; its inputs have been added before. */
  add(node: Node): void {
    if (this.#nameOf.has(node)) return;
    const value = this.#graph.valueOf(node);
    const text = this.#textOf(value);
    const type = node.kind === "exception" ? "error" : typeWord(value);
    const shown = { value: shorten(text, this.#maxLength), type, about: node.description };
    if (node.inputs.some((input) => this.#dependent.has(input))) {
      // Numbered from the start, because the plain name is that of the operation.
      const name = this.#names.takeNumbered(node.name);
      this.#dependent.add(node);
      this.#nameOf.set(node, name);
      this.#code.push(lineOf(node, name, this.#operations.nameOf(node), this.#nameOf));
      (this.#targets.has(node) ? this.#outputs : this.#others).push({ name, ...shown });
    } else {
      const look = [node.name, type, node.description ?? "", text].join("\0");
      const input = this.#inputs.get(look) ?? { name: this.#names.take(node.name), ...shown };
      this.#inputs.set(look, input);
      this.#nameOf.set(node, input.name);
    }
  }

  problem(): Problem {
    return {
      code: this.#code,
      operations: this.#operations.list,
      variables: this.#variables.map(([name, parameter]) => describeVariable(name, parameter, this.#graph.valueOf(parameter))),
      inputs: [...this.#inputs.values()],
      others: this.#others,
      outputs: this.#outputs,
      feedback: this.#graph.targets.map((said) => describeFeedback(said, this.#nameOf.get(said.target) as string)),
    };
  }

  /** An object that many nodes hold is written once. */
  #textOf(value: unknown): string {
    if (typeof value !== "object" || value === null) return showValue(value);
    const text = this.#texts.get(value) ?? showValue(value);
    this.#texts.set(value, text);
    return text;
  }
}

/** `name = operation(argument=input, …)` */
function lineOf(node: Node, name: string, operation: string, nameOf: ReadonlyMap<Node, string>): string {
  const given = node.inputs.map((input, index) => {
    const value = nameInCode(nameOf.get(input) as string);
    const argument = node.inputNames[index] ?? "";
    return argument === "" ? value : `${nameInCode(argument)}=${value}`;
  });
  return `${name} = ${operation}(${given.join(", ")})${node.kind === "exception" ? "  // threw an error" : ""}`;
}
