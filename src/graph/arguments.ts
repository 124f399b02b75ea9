/**
 * From the arguments of a call to nodes and plain values, with the names that the function gives them.
 *
 * @module
 */

import { type Expression, type Options, type Pattern, parseExpressionAt } from "acorn";
import { isPlainObject } from "../data/json.ts";
import { copyProperties, isContainer, visitContainer } from "./containers.ts";
import type { Operation } from "./graph-node.ts";
import { handleAmong, holds } from "./handle.ts";
import { isNode, Node } from "./node.ts";
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
        : T extends readonly (infer E)[]
          ? TraceableList<T, E>
          : { readonly [K in keyof T]: Traceable<T[K]> };

/** Lists are not mapped, so that a type which contains lists of itself, as JSON does, has an end; tuples are. */
type TraceableList<T extends readonly unknown[], E> = number extends T["length"]
  ? readonly Traceable<E>[]
  : { readonly [K in keyof T]: Traceable<T[K]> };

/** The arguments of one call: what the function gets, and what the graph gets. */
export interface ReadArguments {
  readonly values: unknown[];
  readonly inputs: readonly Node[];
  readonly inputNames: readonly string[];
}

/**
 * Splits arguments into plain values for the function and input nodes for the graph.
 *
 * A plain value becomes a constant named after its parameter; a container that holds nodes becomes a node
 * computed from them; the properties of a destructured object argument count as arguments of their own.
 */
export function readArguments(args: readonly unknown[], names: readonly ArgumentName[]): ReadArguments {
  const plain = plainNames(names);
  return plain?.length === args.length ? readPlain(args, plain) : readAny(args, names);
}

/** The usual case. Lists are made as long as they will be: one that grows has room for sixteen more, and a graph has many. */
function readPlain(args: readonly unknown[], inputNames: readonly string[]): ReadArguments {
  const values = new Array<unknown>(args.length);
  const inputs = new Array<Node>(args.length);
  for (let index = 0; index < args.length; index++) {
    const node = toNode(args[index], inputNames[index] as string);
    inputs[index] = node;
    values[index] = node.peek();
  }
  return { values, inputs, inputNames };
}

const plain = new WeakMap<readonly ArgumentName[], readonly string[] | null>();

/** The names of arguments none of which is taken apart or gathered: one list for all calls. */
function plainNames(names: readonly ArgumentName[]): readonly string[] | null {
  let found = plain.get(names);
  if (found === undefined) {
    found = names.every(({ kind }) => kind === "plain") ? Object.freeze(names.map(({ name }) => name)) : null;
    plain.set(names, found);
  }
  return found;
}

function readAny(args: readonly unknown[], names: readonly ArgumentName[]): ReadArguments {
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
    return copyProperties(argument, {}, add);
  });
  // Without the room that a list has which grew.
  return { values, inputs: inputs.slice(), inputNames: inputNames.slice() };
}

/**
 * `argument` itself when it is a node; a node computed from the nodes that it holds; else a constant of that name.
 */
export function toNode(argument: unknown, name: string): Node {
  if (isNode(argument)) return argument;
  if (!holdsNode(argument)) return new Node(argument, { name });
  const found: Found = { nodes: [], paths: [], copies: new Map() };
  const value = extract(argument, "", found);
  const handled = handleAmong(found.nodes);
  const { tracing } = handled === undefined ? currentScope() : handled.own.run(currentScope);
  const inputs = tracing ? { inputs: found.nodes, inputNames: found.paths } : {};
  return new Node(value, { name }, { kind: "message", operation: collectOperation, ...inputs });
}

interface Found {
  readonly nodes: Node[];
  readonly paths: string[];
  readonly copies: Map<object, unknown>;
}

const collectOperation: Operation = { name: "collect", description: "A container filled with the values of its inputs." };

/** Whether `value` is a node or one stands anywhere in it. Looks at each container once, however they refer to one another. */
export function holdsNode(value: unknown): value is object {
  if (isNode(value)) return true;
  return isContainer(value) && holds(value, isNode);
}

/** `value` with the values of nodes in their places. What holds no node stays the very same object. */
function extract(value: unknown, path: string, found: Found): unknown {
  if (isNode(value)) {
    found.nodes.push(value);
    found.paths.push(path);
    return value.peek();
  }
  if (!holdsNode(value)) return value;
  return found.copies.get(value) ?? copyContainer(value, path, found);
}

/** Each copy is remembered before it is filled, so that a container that contains itself has a copy that does too. */
function copyContainer(value: object, path: string, found: Found): unknown {
  const remember = <T>(copy: T): T => {
    found.copies.set(value, copy);
    return copy;
  };
  if (Array.isArray(value)) {
    const copy = remember<unknown[]>(new Array(value.length));
    visitContainer(value, (inner, index) => {
      copy[index as number] = extract(inner, `${path}[${index}]`, found);
    });
    return copy;
  }
  if (value instanceof Map) {
    const copy = remember(new Map<unknown, unknown>());
    visitContainer(value, (inner, key) => copy.set(key, extract(inner, join(path, key), found)));
    return copy;
  }
  if (value instanceof Set) {
    const copy = remember(new Set<unknown>());
    visitContainer(value, (inner, index) => copy.add(extract(inner, `${path}[${index}]`, found)));
    return copy;
  }
  const copy = remember(Object.create(Object.getPrototypeOf(value)) as object);
  return copyProperties(value, copy, (inner, key) => extract(inner, join(path, key), found));
}

function join(path: string, key: unknown): string {
  return path === "" ? String(key) : `${path}.${String(key)}`;
}

/** One declared parameter: a plain name, a destructuring pattern (no name of its own), or a rest parameter. */
export interface ArgumentName {
  readonly name: string;
  readonly kind: "plain" | "pattern" | "rest";
}

const cache = new Map<string, readonly ArgumentName[]>();
const cacheLimit = 2_000;

/** The declared parameters of `fn` in order; empty when its source cannot be read (native functions). */
export function argumentNames(fn: (...args: never[]) => unknown): readonly ArgumentName[] {
  const source = Function.prototype.toString.call(fn);
  const known = cache.get(source);
  if (known !== undefined) return known;
  const names = readNames(source);
  if (cache.size >= cacheLimit) cache.clear();
  cache.set(source, names);
  return names;
}

function readNames(source: string): readonly ArgumentName[] {
  // A method's source, `name(a) {…}`, is only an expression inside an object literal.
  const expression = parse(`(${source})`) ?? methodOf(parse(`({${source}})`));
  const parameters = expression !== undefined && "params" in expression ? expression.params : [];
  return parameters.map(nameOf);
}

function nameOf(pattern: Pattern, index: number): ArgumentName {
  switch (pattern.type) {
    case "Identifier":
      return { name: pattern.name, kind: "plain" };
    case "AssignmentPattern":
      return nameOf(pattern.left, index);
    case "RestElement":
      return { name: nameOf(pattern.argument, index).name, kind: "rest" };
    default:
      return { name: `argument${index}`, kind: "pattern" };
  }
}

/** A function's text is read without what stood around it: its class, its module, its async function. */
const outOfPlace: Options = {
  ecmaVersion: "latest",
  allowAwaitOutsideFunction: true,
  allowSuperOutsideMethod: true,
  allowImportExportEverywhere: true,
  checkPrivateFields: false,
};

function parse(text: string): Expression | undefined {
  try {
    return parseExpressionAt(text, 0, outOfPlace);
  } catch {
    return undefined;
  }
}

function methodOf(expression: Expression | undefined): Expression | undefined {
  if (expression?.type !== "ObjectExpression") return undefined;
  const [property] = expression.properties;
  return property?.type === "Property" ? property.value : undefined;
}
