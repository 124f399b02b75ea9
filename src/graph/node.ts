/**
 * Nodes: immutable values that remember the operation and the inputs they came from.
 *
 * @module
 */
import { InvalidArgumentError, isInfrastructureError } from "../errors.ts";
import { describeValue } from "../data/json.ts";
import { ExecutionError, exceptionText } from "./execution-error.ts";
import { currentScope, type Frame, runInScope } from "./scope.ts";

/** A constant, a trainable value, the result of an operation, or an operation's failure. */
export type NodeKind = "constant" | "parameter" | "message" | "exception";

/** What made a node: the name and description an optimizer reads, and the source of the function where there is one. */
export interface Operation {
  readonly name: string;
  readonly description: string;
  readonly source?: string;
}

/** Name and description of a node. */
export interface NodeOptions {
  /** Base name shown to an optimizer; the names of one prompt are made unique when it is built. @default the type of the value */
  readonly name?: string | undefined;
  /** What the value means, in words for the optimizer. */
  readonly description?: string | undefined;
}

/** The type of the elements that iterating over a `T` gives. */
export type ElementOf<T> = T extends Iterable<infer E> ? E : unknown;

/** How a node came to be; only the graph folder builds these. */
export interface NodeOrigin {
  readonly id?: number;
  readonly kind?: NodeKind;
  readonly inputs?: readonly Node[];
  readonly inputNames?: readonly string[];
  readonly operation?: Operation | undefined;
}

const none: readonly never[] = Object.freeze([]);
let created = 0;

/** The number of the next node. An operation takes its number when it starts, so that the order of concurrent ones is theirs, not the clock's. */
export function nextNodeId(): number {
  return ++created;
}

/**
 * A value in the graph. It points at its inputs and at nothing else, so a graph that nobody holds is garbage.
 *
 * Reading `value` inside an operation (a `bundle`, `forward` of a module) makes the node an input of that operation;
 * `peek()` reads without being noticed.
 */
export class Node<T = unknown> {
  static {
    Object.defineProperty(Node.prototype, Symbol.for("nodejs.util.inspect.custom"), { value: inspect });
  }

  /** Order of creation in this process; only for telling nodes apart, never shown to a model. */
  readonly id: number;
  readonly name: string;
  readonly description: string | undefined;
  readonly kind: NodeKind;
  /** The nodes that the value was computed from: the arguments in order (a node given twice stands twice), then what was read. */
  readonly inputs: readonly Node[];
  /** What each input is to the operation: the argument's name, or the node's own name when it was read. */
  readonly inputNames: readonly string[];
  readonly operation: Operation | undefined;
  readonly #value: T;

  constructor(value: T, options: NodeOptions = {}, origin: NodeOrigin = {}) {
    const { name, description } = options;
    if (description !== undefined && typeof description !== "string") {
      throw new InvalidArgumentError(`Expected a node's description to be a string, got ${describeValue(description)}`);
    }
    this.id = origin.id ?? nextNodeId();
    this.name = name === undefined || name === "" ? typeName(value) : name;
    this.description = description;
    this.kind = origin.kind ?? "constant";
    this.inputs = origin.inputs ?? none;
    this.inputNames = origin.inputNames ?? none;
    this.operation = origin.operation;
    this.#value = value;
  }

  /** The value; reading it inside an operation makes this node an input of that operation. */
  get value(): T {
    currentScope().frame?.reads.add(this);
    return this.peek();
  }

  /** The value, read without becoming an input of anything. */
  peek(): T {
    return this.#value;
  }

  /**
   * A node for `fn(value)`.
   *
   * @param description what `fn` does, in words for the optimizer
   */
  map<R>(fn: (value: T) => R, description = "Computes a value from its input."): Node<R> {
    return record({ name: "map", description, source: String(fn) }, [this], ["value"], () => fn(this.peek())) as Node<R>;
  }

  /** A node for the element, property or map entry under `key`, which may be a node itself. */
  get<K extends keyof T & (string | number)>(key: K | Node<K>): Node<T[K]>;
  get(key: string | number | Node<string> | Node<number>): Node<unknown>;
  get(key: unknown): Node {
    const keyNode = asNode(key, "key") as Node<string | number>;
    return record(getOperation, [this, keyNode], getNames, () => elementAt(this.peek(), keyNode.peek())) as Node;
  }

  /** Iterates over the elements, each a node that depends on this one: `const [first, second] = pair`. */
  *[Symbol.iterator](): Generator<Node<ElementOf<T>>> {
    const elements = record(unpackOperation, [this], ["value"], () => Array.from(this.peek() as Iterable<unknown>)) as Node<unknown[]>;
    const { length } = elements.peek();
    const isIndexable = Array.isArray(this.peek()) || typeof this.peek() === "string";
    for (let index = 0; index < length; index++) {
      yield (isIndexable ? this : (elements as Node)).get(index) as Node<ElementOf<T>>;
    }
  }

  /** The value as text, for template strings; counts as a read. */
  toString(): string {
    return String(this.value);
  }

  /** The value, for `JSON.stringify`; counts as a read. */
  toJSON(): T {
    return this.value;
  }
}

/** True for nodes of every kind. */
export function isNode(value: unknown): value is Node {
  return value instanceof Node;
}

/**
 * A constant node around `value`; a node is returned as it is.
 *
 * @throws InvalidArgumentError when a name or description is given for what already is a node
 * @example
 * const question = node("What is 2 + 3?", { name: "question" });
 */
export function node<T>(value: T | Node<T>, options: NodeOptions = {}): Node<T> {
  if (!isNode(value)) return new Node(value as T, options);
  if (options.name !== undefined || options.description !== undefined) {
    throw new InvalidArgumentError(`Expected a plain value to name or describe, got the node ${value.name}, which keeps its own`);
  }
  return value as Node<T>;
}

/** `value` itself when it is a node, else a constant with that name. */
export function asNode(value: unknown, name: string): Node {
  return isNode(value) ? value : new Node(value, { name });
}

/** How an operation is recorded. */
export interface RecordOptions {
  /** Turn what the function throws into an exception node. @default true */
  readonly catch?: boolean;
}

/**
 * Runs `run` as one operation and gives the node of its result: the given inputs, then every node that was read meanwhile.
 * A promise of a result gives a promise of the node.
 *
 * @throws ExecutionError when `run` throws and it is the program's fault; infrastructure errors pass unchanged
 */
export function record(
  operation: Operation,
  inputs: readonly Node[],
  inputNames: readonly string[],
  run: () => unknown,
  options: RecordOptions = {},
): Node | Promise<Node> {
  const scope = currentScope();
  const frame: Frame | undefined = scope.tracing ? { reads: new Set() } : undefined;
  const id = nextNodeId();

  const call: Call = { id, operation, inputs, inputNames, frame, catches: options.catch ?? true };
  const { tracing, bindings, context } = scope;
  let result: unknown;
  try {
    result = runInScope({ frame, tracing, bindings, context }, run);
  } catch (error) {
    throw failed(call, error);
  }
  if (!isPromiseLike(result)) return finished(call, result);
  return Promise.resolve(result).then(
    (value) => finished(call, value),
    (error: unknown) => {
      throw failed(call, error);
    },
  );
}

/** True for promises and everything else that can be awaited. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === "object" || typeof value === "function") &&
    value !== null &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/** What `console.log` shows of a node; not a read. */
function inspect(this: Node): string {
  return `${this.constructor.name}(${this.name} = ${describeValue(this.peek())})`;
}

const getOperation: Operation = { name: "get", description: "Takes the element, property or entry under a key." };
const getNames = Object.freeze(["value", "key"]);
const unpackOperation: Operation = { name: "unpack", description: "Lists the elements of a value." };

/** One run of an operation. */
interface Call {
  readonly id: number;
  readonly operation: Operation;
  readonly inputs: readonly Node[];
  readonly inputNames: readonly string[];
  readonly frame: Frame | undefined;
  readonly catches: boolean;
}

function finished(call: Call, result: unknown): Node {
  const { name } = call.operation;
  if (!isNode(result)) return outcome(call, "message", result, name);
  call.frame?.reads.add(result);
  return outcome(call, "message", result.peek(), name);
}

/** The error to throw instead of `error`. */
function failed(call: Call, error: unknown): unknown {
  if (!call.catches || isInfrastructureError(error)) return error;
  if (error instanceof ExecutionError) call.frame?.reads.add(error.exceptionNode);
  const { name } = call.operation;
  const node = outcome(call, "exception", exceptionText(error), `exception_${name}`, `The operation ${name} raised this error.`);
  return new ExecutionError(node, error);
}

/** The node of a call: its inputs are the arguments, then the nodes that were read, in the order in which they came to be. */
function outcome<T>(call: Call, kind: NodeKind, value: T, name: string, description?: string): Node<T> {
  const { id, operation, frame } = call;
  let { inputs, inputNames } = call;
  if (frame === undefined) {
    inputs = none;
    inputNames = none;
  } else if (frame.reads.size > 0) {
    for (const input of inputs) frame.reads.delete(input);
    const reads = [...frame.reads].sort((a, b) => a.id - b.id);
    inputs = [...inputs, ...reads];
    inputNames = [...inputNames, ...reads.map((read) => read.name)];
  }
  return new Node(value, { name, description }, { id, kind, inputs, inputNames, operation });
}

function elementAt(value: unknown, key: string | number): unknown {
  if (value instanceof Map) return value.get(key);
  return (value as Record<string | number, unknown>)[key];
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value !== "object") return typeof value;
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name !== "Object" && name !== "" ? name : "object";
}
