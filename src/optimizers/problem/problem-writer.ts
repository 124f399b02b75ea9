/**
 * Writes nodes of a trace graph down, with names for everything.
 *
 * @module
 */
import { shorten } from "../../data/json.ts";
import type { ObjectiveConfig } from "../../data/objectives.ts";
import { nameOrPath } from "../../graph/graph-node.ts";
import type { Node } from "../../graph/node.ts";
import type { Parameter } from "../../graph/parameter.ts";
import type { TargetFeedback, TraceGraph } from "../../graph/trace-graph.ts";
import { filledSlots } from "../edit-rules/filled-slots.ts";
import type { PromptBudget } from "../fit/prompt-budget.ts";
import { describeVariable } from "./describe-variable.ts";
import { type Contrast, contrastOf, type PartTaken } from "./outcomes.ts";
import type { Problem, ProblemValue } from "./problem.ts";
import { byOwner, type FurtherRun, type Owned, type OwnedValue, problemExamples, rightLength } from "./problem-examples.ts";
import { typeWord, ValueText } from "./show-value.ts";
import { type ToldValue, toldOnce } from "./told-once.ts";
import { hasOwnName, nameInCode, OperationNames, UniqueNames } from "./unique-names.ts";

/** How much of a graph is shown. */
export interface WriterOptions {
  /** Most characters of a value, a description or a source; variables are never cut. */
  readonly maxValueLength: number;
  /** Most characters of one node's value. @default maxValueLength */
  readonly lengthOf?: ((node: Node) => number) | undefined;
  /** The text of a node's value, where it has been made already. */
  readonly textOf?: ((node: Node) => ValueText) | undefined;
  /** What outputs are compared by. @default by the guide's score, more being better */
  readonly comparedBy?: ObjectiveConfig | undefined;
  /** Most characters of a description or a source. @default maxValueLength, and all of what is said about a value */
  readonly maxSourceLength?: number | undefined;
}

/** What is told besides the nodes. */
export interface ProblemEnd {
  readonly targets: readonly TargetFeedback[];
  /** Further outputs of the same operations as an output that was added. */
  readonly runs?: ReadonlyMap<Node, readonly FurtherRun[]> | undefined;
  readonly omitted?: readonly string[] | undefined;
}

/**
 * Takes the nodes that are shown, in the order of the graph. Inputs that were not added are not named: `…` stands for them.
 *
 * Names are given here, in the order of the graph and never from node numbers, so the same graph gives the same
 * problem however its operations were scheduled. All of `parameters` are variables, under their names there; inputs
 * that look the same are listed once.
 */
export class ProblemWriter {
  readonly #graph: TraceGraph;
  readonly #options: WriterOptions;
  readonly #variables: readonly (readonly [name: string, Parameter])[];
  /** The parameters that an output depends on. */
  readonly #read: ReadonlySet<Node>;
  readonly #contrast: Contrast;
  readonly #names: UniqueNames;
  readonly #nameOf: Map<Node, string>;
  readonly #targets: ReadonlySet<Node>;
  readonly #operations: OperationNames;
  /** An object that many nodes hold is written once. */
  readonly #texts = new Map<unknown, ValueText>();
  readonly #code: Owned<string>[] = [];
  /** By all that is shown of them; more than one where what is shown of long values is the same. */
  readonly #inputs = new Map<string, GivenInput[]>();
  readonly #inputList: GivenInput[] = [];
  readonly #others: OwnedValue[] = [];
  readonly #outputs = new Map<Node, ToldValue>();

  /** @param targets the nodes that are outputs */
  constructor(graph: TraceGraph, parameters: ReadonlyMap<string, Parameter>, targets: Iterable<Node>, options: WriterOptions) {
    this.#graph = graph;
    this.#options = options;
    this.#variables = [...parameters];
    this.#read = new Set(graph.parameters);
    this.#contrast = contrastOf(graph, options.comparedBy);
    this.#names = new UniqueNames(parameters.keys());
    this.#nameOf = new Map(this.#variables.map(([name, parameter]) => [parameter, name]));
    this.#targets = new Set(targets);
    this.#operations = new OperationNames(options.maxSourceLength ?? options.maxValueLength);
  }

  /** The parameters that are shown as variables. */
  get variables(): readonly Parameter[] {
    return this.#variables.map(([, parameter]) => parameter);
  }

  /** The name that a node has in the code; `undefined` for one that was not added. */
  nameOf(node: Node): string | undefined {
    return this.#nameOf.get(node);
  }

  /** Adds the next operation; those of its inputs that are shown have been added before. */
  addOperation(node: Node): ProblemValue {
    // Numbered from the start, because the plain name is that of the operation.
    const name = this.#names.takeNumbered(node.name);
    this.#nameOf.set(node, name);
    const owner = this.#ownerOf(node);
    this.#code.push({ item: lineOf(node, name, this.#operations.nameOf(node), this.#nameOf), owner });
    const told = this.#told(node, name);
    if (this.#targets.has(node)) this.#outputs.set(node, told);
    else this.#others.push({ ...told, owner });
    return told.item;
  }

  /** Adds a value that does not depend on the variables; `undefined` when one that looks the same is listed already. */
  addInput(node: Node): ProblemValue | undefined {
    const value = this.#graph.valueOf(node);
    const shown = this.describe(node, "");
    const text = this.#textOf(node, value);
    const wanted = nameOrPath(node);
    const look = [wanted, shown.type, node.description ?? "", text.length, shown.value].join("\0");
    const alike = this.#inputs.get(look);
    const same = alike?.find((known) => known.value === value || text.isWholeAt(shown.value.length));
    const item = same?.item ?? { ...shown, name: this.#names.take(wanted) };
    this.#nameOf.set(node, item.name);
    const owner = this.#ownerOf(node);
    if (same !== undefined) {
      if (same.owner !== owner) same.owner = undefined;
      return undefined;
    }
    const input: GivenInput = { value, item, owner, isGiven: true };
    this.#inputList.push(input);
    if (alike === undefined) this.#inputs.set(look, [input]);
    else alike.push(input);
    return item;
  }

  /** Adds a line to the code that says what is missing in its place. @param of one of the operations that are missing */
  addGap(line: string, of: Node): void {
    this.#code.push({ item: line, owner: this.#ownerOf(of) });
  }

  /** Of what is shown, outputs alone have examples of their own. */
  #ownerOf(node: Node): Node | undefined {
    const owner = this.#contrast.soleOutput.get(node);
    return owner !== undefined && this.#targets.has(owner) ? owner : undefined;
  }

  /** What is shown of a node's value, under a name. */
  describe(node: Node, name: string): ProblemValue {
    const { maxValueLength, lengthOf, maxSourceLength } = this.#options;
    const value = this.#graph.valueOf(node);
    const most = lengthOf?.(node) ?? maxValueLength;
    const text = this.#textOf(node, value).shown(this.#contrast.behindRight.has(node) ? Math.min(most, rightLength) : most);
    const about =
      maxSourceLength === undefined ? node.description : node.description && shorten(node.description, maxSourceLength);
    return { name, value: text, type: node.kind === "exception" ? "error" : typeWord(value), about };
  }

  /** Some values of another run of operations that were added, under the names that are given; the output is the last. */
  describeRun(values: readonly NamedNode[]): readonly ProblemValue[] {
    return toldOnce(values.map(({ node, name }) => this.#told(node, name)));
  }

  #told(node: Node, name: string): ToldValue {
    const isGiven = node.kind === "constant" || node.kind === "parameter";
    return { item: this.describe(node, name), value: this.#graph.valueOf(node), isGiven };
  }

  problem({ targets, runs = new Map(), omitted = [] }: ProblemEnd): Problem {
    const { parts, outcomes } = this.#contrast;
    const { right, wrong } = outcomes;
    return {
      omitted,
      code: byOwner(this.#code).get(undefined) ?? [],
      operations: this.#operations.list,
      variables: this.#variables.map(([name, parameter]) => {
        const described = describeVariable(name, parameter, this.#graph.valueOf(parameter), filledSlots(parameter, this.#graph));
        const part = parts?.counts.get(parameter);
        const note = this.#read.has(parameter) ? part && partText(part, right.size, wrong.size) : unread;
        return note === undefined ? described : { ...described, notes: [...described.notes, note] };
      }),
      inputs: byOwner(this.#inputList).get(undefined) ?? [],
      others: byOwner(this.#others).get(undefined) ?? [],
      examples: problemExamples({
        ...{ targets, runs, contrast: this.#contrast, variables: new Set(this.variables), nameOf: (node) => this.nameOf(node) },
        ...{ code: this.#code, values: [...this.#inputList, ...this.#others], outputs: this.#outputs },
      }),
    };
  }

  #textOf(node: Node, value: unknown): ValueText {
    const { maxValueLength, textOf } = this.#options;
    if (textOf !== undefined) return textOf(node);
    if (typeof value !== "object" || value === null) return new ValueText(value, maxValueLength);
    const text = this.#texts.get(value) ?? new ValueText(value, maxValueLength);
    this.#texts.set(value, text);
    return text;
  }
}

/** A node, and the name of the one that it stands for. */
export interface NamedNode {
  readonly node: Node;
  readonly name: string;
}

/** A value that the program was given. Several examples have it in common once another one has the same. */
interface GivenInput extends OwnedValue {
  owner: Node | undefined;
}

const unread = "No output shown here depended on it.";

function partText(part: PartTaken, right: number, wrong: number): string {
  return `Had a part in ${part.wrong} of ${wrong} wrong and ${part.right} of ${right} right outputs.`;
}

/** `name = operation(argument=input, …)`; `…` stands for inputs without a name, however many follow one another. */
function lineOf(node: Node, name: string, operation: string, nameOf: ReadonlyMap<Node, string>): string {
  const given: string[] = [];
  const taken = new Set<string>();
  let hidden = 0;
  for (const [index, input] of node.inputs.entries()) {
    const known = nameOf.get(input);
    if (known === undefined) {
      hidden++;
      continue;
    }
    if (hidden > 0) given.push(hiddenInputs(hidden));
    hidden = 0;
    const argument = argumentOf(node, index, known);
    // A name that stands there already would say that the two are one argument.
    const isNamed = argument !== "" && !taken.has(argument);
    taken.add(argument);
    const [own, value] = [nameInCode(argument), nameInCode(known)];
    given.push(isNamed && own !== value ? `${own}=${value}` : value);
  }
  if (hidden > 0) given.push(hiddenInputs(hidden));
  return `${name} = ${operation}(${given.join(", ")})${node.kind === "exception" ? "  // threw an error" : ""}`;
}

/** What an input is to the operation; a parameter that it has read goes by the name that it has in the prompt. */
function argumentOf(node: Node, index: number, known: string): string {
  const input = node.inputs[index] as Node;
  const argument = node.inputNames[index] ?? "";
  return input.kind === "parameter" && hasOwnName(argument, input) ? known : argument;
}

function hiddenInputs(count: number): string {
  return count === 1 ? "…" : `…(${count} values)…`;
}

/** How much of a problem is shown. */
export interface DescribeOptions {
  /** Most characters of an input, intermediate value, output or source; variables are never cut. */
  readonly maxValueLength: number;
  /** What outputs are compared by. @default by the guide's score, more being better */
  readonly comparedBy?: ObjectiveConfig | undefined;
  /** Gives up as soon as it is clear that the text would have more tokens. */
  readonly budget: PromptBudget;
}

/** A line of code and the tags around its value have more tokens than this. */
const leastTokensOfOperation = 15;

/** Writes a trace graph down, in one pass over nodes and edges; `undefined` when that would be longer than the budget. */
export function describeProblem(
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  { maxValueLength, comparedBy, budget }: DescribeOptions,
): Problem | undefined {
  const { nodes, targets } = graph;
  const writer = new ProblemWriter(
    graph,
    parameters,
    targets.map(({ target }) => target),
    { maxValueLength, comparedBy },
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
