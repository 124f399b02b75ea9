/**
 * Graphs as JSON and back: to store, send, show and compare them.
 *
 * @module
 */
import { describeValue, isJsonValue, type JsonValue, textOf } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { NodeKind, Operation } from "./graph-node.ts";
import { isNode, Node, type NodeOrigin } from "./node.ts";
import { isParameter, Parameter } from "./parameter.ts";
import { topologicalOrder } from "./topological-order.ts";

/** One node: its inputs are positions in the list of nodes, always earlier ones. */
export interface NodeJson {
  readonly kind: NodeKind;
  readonly name: string;
  readonly description?: string;
  /** The value, where it is JSON; else `text` says what it looked like. */
  readonly value?: JsonValue;
  readonly text?: string;
  readonly inputs?: readonly number[];
  readonly inputNames?: readonly string[];
  /** Position in the list of operations. */
  readonly operation?: number;
  readonly constraint?: string;
  readonly trainable?: boolean;
  /** Of a parameter that was named: the name under which it is found again. */
  readonly path?: string;
}

/** Parameters that a graph shares with the program, by name. */
export interface GraphJsonOptions {
  readonly parameters?: ReadonlyMap<string, Parameter> | undefined;
}

/** A graph as plain JSON. */
export interface GraphJson {
  readonly format: "opto-graph";
  readonly version: 1;
  readonly operations: readonly Operation[];
  readonly nodes: readonly NodeJson[];
  /** Positions of the nodes that the graph was taken from. */
  readonly targets: readonly number[];
}

/** The graph that `targets` depend on, as plain JSON. With `parameters`, these are written by name. */
export function graphToJson(targets: Node | readonly Node[], options: GraphJsonOptions = {}): GraphJson {
  const paths = new Map([...(options.parameters ?? [])].map(([path, parameter]) => [parameter as Node, path]));
  const list: readonly Node[] = isNode(targets) ? [targets] : (targets as readonly Node[]);
  const order = topologicalOrder(list);
  const position = new Map(order.map((node, index) => [node, index]));
  const operations = [...new Set(order.flatMap(({ operation }) => (operation === undefined ? [] : [operation])))];
  const operationAt = new Map(operations.map((operation, index) => [operation, index]));
  return {
    format: "opto-graph",
    version: 1,
    operations: operations.map((operation) => ({ ...operation })),
    nodes: order.map((node) => nodeToJson(node, position, operationAt, paths.get(node))),
    targets: list.map((node) => position.get(node) as number),
  };
}

/**
 * The targets of a graph made by `graphToJson`, with new nodes. Values that were not JSON come back as their text. With
 * `parameters`, those of the same names take the place of the parameters that were written by name.
 *
 * @throws InvalidArgumentError when `json` is not such a graph
 */
export function graphFromJson(json: GraphJson, options: GraphJsonOptions = {}): Node[] {
  if (json?.format !== "opto-graph" || json.version !== 1 || ![json.nodes, json.operations, json.targets].every(Array.isArray)) {
    throw new InvalidArgumentError(`Expected a graph in the format "opto-graph", version 1, got ${describeValue(json)}`);
  }
  const operations = json.operations.map((operation) => Object.freeze({ ...operation }));
  const nodes: Node[] = [];
  for (const [index, entry] of json.nodes.entries()) {
    const { inputs = [], inputNames = [], operation } = checkedEntry(entry, index);
    const shared = entry.path === undefined ? undefined : options.parameters?.get(entry.path);
    nodes.push(
      shared ??
        nodeFromJson(entry, {
          inputs: inputs.map((position) => at(nodes, position, `an input of node ${index}`)),
          inputNames,
          operation: operation === undefined ? undefined : at(operations, operation, `the operation of node ${index}`),
        }),
    );
  }
  return json.targets.map((position) => at(nodes, position, "a target"));
}

function nodeToJson(
  node: Node,
  position: ReadonlyMap<Node, number>,
  operationAt: ReadonlyMap<Operation, number>,
  path: string | undefined,
): NodeJson {
  const value = node.peek();
  return {
    kind: node.kind,
    name: node.name,
    ...(node.description === undefined ? {} : { description: node.description }),
    ...(isJsonValue(value) ? { value } : { text: textOf(value) }),
    ...(node.inputs.length === 0
      ? {}
      : { inputs: node.inputs.map((input) => position.get(input) as number), inputNames: node.inputNames }),
    ...(node.operation === undefined ? {} : { operation: operationAt.get(node.operation) as number }),
    ...(isParameter(node) && node.constraint !== undefined ? { constraint: node.constraint } : {}),
    ...(isParameter(node) && !node.trainable ? { trainable: false } : {}),
    ...(path === undefined ? {} : { path }),
  };
}

const kinds: ReadonlySet<unknown> = new Set<NodeKind>(["constant", "parameter", "message", "exception"]);

function checkedEntry(entry: NodeJson, index: number): NodeJson {
  if (kinds.has(entry?.kind) && Array.isArray(entry.inputs ?? []) && Array.isArray(entry.inputNames ?? [])) return entry;
  throw new InvalidArgumentError(`Expected node ${index} to have a known kind and lists of inputs, got ${describeValue(entry)}`);
}

function nodeFromJson(entry: NodeJson, origin: NodeOrigin): Node {
  const { kind, name, description, constraint, trainable } = entry;
  const value = "value" in entry ? entry.value : entry.text;
  if (kind === "parameter") return new Parameter<unknown>(value, { name, description, constraint, trainable });
  return new Node<unknown>(value, { name, description }, { kind, ...origin });
}

/** Inputs stand before their users, so a position is one of what is there already. */
function at<T>(list: readonly T[], position: number, what: string): T {
  const found = Number.isInteger(position) ? list[position] : undefined;
  if (found !== undefined) return found;
  throw new InvalidArgumentError(
    `Expected ${what} to be a position from 0 to ${list.length - 1}, got ${describeValue(position)}`,
  );
}
