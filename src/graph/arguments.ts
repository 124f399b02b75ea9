/**
 * From the arguments of a call to nodes and plain values: finds nodes inside arrays, plain objects, Maps and Sets.
 *
 * @module
 */
import { isPlainObject } from "../data/json.ts";
import type { ArgumentName } from "./argument-names.ts";
import { isNode, Node, type Operation } from "./node.ts";
import { currentScope } from "./scope.ts";

/** A value of type `T`, a node of one, or a container of `T`'s shape with nodes anywhere inside. */
export type Traceable<T> = T | Node<T> | TraceableInside<T>;

/** A container of `T`'s shape with nodes anywhere inside. */
export type TraceableInside<T> = T extends string | number | boolean | bigint | symbol | null | undefined | Date | Node
  ? never
  : T extends (...args: never[]) => unknown
    ? never
    : T extends ReadonlyMap<infer K, infer V>
      ? ReadonlyMap<K, Traceable<V>>
      : T extends ReadonlySet<infer V>
        ? ReadonlySet<Traceable<V>>
        : { readonly [K in keyof T]: Traceable<T[K]> };

/** The arguments of one call: what the function gets, and what the graph gets. */
export interface ReadArguments {
  readonly values: unknown[];
  readonly inputs: Node[];
  readonly inputNames: string[];
}

/**
 * Splits arguments into plain values for the function and input nodes for the graph.
 *
 * A plain value becomes a constant named after its parameter; a container that holds nodes becomes a node
 * computed from them; the properties of a destructured object argument count as arguments of their own.
 */
export function readArguments(args: readonly unknown[], names: readonly ArgumentName[]): ReadArguments {
  const inputs: Node[] = [];
  const inputNames: string[] = [];
  const add = (argument: unknown, name: string): unknown => {
    const node = toNode(argument, name);
    inputs.push(node);
    inputNames.push(name);
    return node.peek();
  };
  const rest = names.at(-1)?.kind === "rest" ? names.length - 1 : -1;
  const values = args.map((argument, index) => {
    if (rest >= 0 && index >= rest) return add(argument, `${names[rest]?.name}_${index - rest}`);
    const { name, kind } = names[index] ?? { name: `argument${index}`, kind: "plain" };
    if (kind !== "pattern" || !isPlainObject(argument)) return add(argument, name);
    return Object.fromEntries(Object.entries(argument).map(([key, inner]) => [key, add(inner, key)]));
  });
  return { values, inputs, inputNames };
}

function toNode(argument: unknown, name: string): Node {
  if (isNode(argument)) return argument;
  const found: Found = { nodes: [], paths: [], ancestors: new Set() };
  const value = extract(argument, "", found);
  if (found.nodes.length === 0) return new Node(argument, { name });
  if (!currentScope().tracing) return new Node(value, { name }, { kind: "message", operation: collectOperation });
  return new Node(
    value,
    { name },
    { kind: "message", operation: collectOperation, inputs: found.nodes, inputNames: found.paths },
  );
}

interface Found {
  readonly nodes: Node[];
  readonly paths: string[];
  readonly ancestors: Set<object>;
}

const collectOperation: Operation = { name: "collect", description: "A container filled with the values of its inputs." };

/** `value` with the values of nodes in their places; the very same object when there is no node inside. */
function extract(value: unknown, path: string, found: Found): unknown {
  if (isNode(value)) {
    found.nodes.push(value);
    found.paths.push(path);
    return value.peek();
  }
  if (typeof value !== "object" || value === null || found.ancestors.has(value)) return value;
  found.ancestors.add(value);
  const before = found.nodes.length;
  const copy = copyContainer(value, path, found);
  found.ancestors.delete(value);
  return found.nodes.length === before ? value : copy;
}

function copyContainer(value: object, path: string, found: Found): unknown {
  if (Array.isArray(value)) return value.map((inner, index) => extract(inner, `${path}[${index}]`, found));
  if (value instanceof Map) {
    return new Map(Array.from(value, ([key, inner]) => [key, extract(inner, join(path, String(key)), found)]));
  }
  if (value instanceof Set) {
    return new Set(Array.from(value, (inner, index) => extract(inner, `${path}[${index}]`, found)));
  }
  if (isPlainObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, extract(inner, join(path, key), found)]));
  }
  return value;
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
