/**
 * Graphs as JSON and back: to store, send, show and compare them.
 *
 * @module
 */
import { describeValue, isJsonValue, type JsonValue, textOf } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import { isNode, Node, type NodeKind, type Operation } from "./node.ts";
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

/** The graph that `targets` depend on, as plain JSON. */
export function graphToJson(targets: Node | readonly Node[]): GraphJson {
  const list: readonly Node[] = isNode(targets) ? [targets] : (targets as readonly Node[]);
  const order = topologicalOrder(list);
  const position = new Map(order.map((node, index) => [node, index]));
  const operations = [...new Set(order.flatMap(({ operation }) => (operation === undefined ? [] : [operation])))];
  const operationAt = new Map(operations.map((operation, index) => [operation, index]));
  return {
    format: "opto-graph",
    version: 1,
    operations: operations.map((operation) => ({ ...operation })),
    nodes: order.map((node) => nodeToJson(node, position, operationAt)),
    targets: list.map((node) => position.get(node) as number),
  };
}

/**
 * The targets of a graph made by `graphToJson`, with new nodes. Values that were not JSON come back as their text.
 *
 * @throws InvalidArgumentError when `json` is not such a graph
 */
export function graphFromJson(json: GraphJson): Node[] {
  if (json?.format !== "opto-graph" || json.version !== 1 || !Array.isArray(json.nodes) || !Array.isArray(json.operations)) {
    throw new InvalidArgumentError(`Expected a graph in the format "opto-graph", version 1, got ${describeValue(json)}`);
  }
  const operations = json.operations.map((operation) => Object.freeze({ ...operation }));
  const nodes: Node[] = [];
  for (const [index, entry] of json.nodes.entries()) {
    const inputs = (entry.inputs ?? []).map((at: number) => earlier(nodes, at, `node ${index}`));
    const operation = entry.operation === undefined ? undefined : operations[entry.operation];
    if (entry.operation !== undefined && operation === undefined) {
      throw new InvalidArgumentError(
        `Expected node ${index} to name one of ${operations.length} operations, got ${entry.operation}`,
      );
    }
    nodes.push(nodeFromJson(entry, inputs, operation));
  }
  return json.targets.map((at) => earlier(nodes, at, "a target"));
}

function nodeToJson(node: Node, position: ReadonlyMap<Node, number>, operationAt: ReadonlyMap<Operation, number>): NodeJson {
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
  };
}

function nodeFromJson(entry: NodeJson, inputs: readonly Node[], operation: Operation | undefined): Node {
  const { kind, name, description, inputNames = [], constraint, trainable } = entry;
  const value = "value" in entry ? entry.value : entry.text;
  if (kind === "parameter") return new Parameter<unknown>(value, { name, description, constraint, trainable });
  return new Node<unknown>(value, { name, description }, { kind, inputs, inputNames, operation });
}

function earlier(nodes: readonly Node[], at: number, what: string): Node {
  const node = Number.isInteger(at) ? nodes[at] : undefined;
  if (node === undefined) throw new InvalidArgumentError(`Expected the inputs of ${what} to stand before it, got position ${at}`);
  return node;
}
