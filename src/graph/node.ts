/**
 * Nodes: immutable values that remember the operation and the inputs they came from.
 *
 * @module
 */
import { describeValue, textOf } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { isPromiseLike } from "../data/shared-work.ts";
import { InvalidArgumentError, isInfrastructureError } from "../errors.ts";
import { elementAt, isIterable, typeName, unpack } from "./containers.ts";
import { ExecutionError, exceptionText, executionErrorIn } from "./execution-error.ts";
import type { GraphNode, NodeKind, Operation } from "./graph-node.ts";
import { handleAmong, originalOf } from "./handle.ts";
import { currentScope, type Frame, noteRead, type OpenOperation, runInScope } from "./scope.ts";

/** Name and description of a node. */
export interface NodeOptions {
  /** Base name shown to an optimizer; the names of one prompt are made unique when it is built. @default the type of the value */
  readonly name?: string | undefined;
  /** What the value means, as text for the optimizer. */
  readonly description?: string | undefined;
}

/** `T`, or what a node holds when `T` is one: no node's value is a node. */
export type Held<T> = T extends Node<infer V> ? V : T;

/** The type of the elements that iterating over a `T` gives; a text has none. */
export type ElementOf<T> = T extends string ? never : T extends Iterable<infer E> ? Held<E> : unknown;

/** What an operation returns for a function with result `R`: a node, or a promise of one. */
export type ResultNode<R> = [R] extends [never]
  ? Node<never>
  : [R] extends [PromiseLike<infer V>]
    ? Promise<Node<Held<V>>>
    : Node<Held<R>>;

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
function nextNodeId(): number {
  return ++created;
}

/**
 * A value in the graph. It points at its inputs and at nothing else, so a graph that is no longer referenced is garbage-collected.
 *
 * Reading `value` inside an operation (a `bundle`, `forward` of a module) makes the node an input of that operation;
 * `peek()` reads without being recorded.
 */
export class Node<T = unknown> implements GraphNode<T> {
  static {
    Object.defineProperty(Node.prototype, Symbol.for("nodejs.util.inspect.custom"), { value: inspect });
  }

  /** Order of creation in this process; only for telling nodes apart, never shown to a model. */
  readonly id: number;
  readonly name: string;
  readonly description: string | undefined;
  readonly kind: NodeKind;
  /** The nodes that the value was computed from: the arguments in order (a node passed twice is listed twice), then what was read. */
  readonly inputs: readonly Node[];
  /** What each input is to the operation: the argument's name, or the node's own name when it was read. */
  readonly inputNames: readonly string[];
  readonly operation: Operation | undefined;
  readonly #value: T;
  readonly #parameterValues: readonly unknown[] | undefined;

  constructor(value: T, options: NodeOptions = {}, origin: NodeOrigin = {}) {
    const { name, description } = options;
    checkText("name", name);
    checkText("description", description);
    this.id = origin.id ?? nextNodeId();
    this.name = name === undefined || name === "" ? typeName(value) : name;
    this.description = description;
    this.kind = origin.kind ?? "constant";
    const inputs = origin.inputs ?? none;
    this.#parameterValues = valuesOfParameters(inputs);
    this.inputs = this.#parameterValues === undefined ? inputs : originals(inputs);
    this.inputNames = origin.inputNames ?? none;
    this.operation = origin.operation;
    this.#value = value;
  }

  /** The value that an input had when this node was computed, by its place; a parameter may have another one since. */
  inputValue(index: number): unknown {
    const input = this.inputs[index];
    return input?.kind === "parameter" ? this.#parameterValues?.[index] : input?.peek();
  }

  /** Whether a parameter is among the inputs. */
  get readsParameters(): boolean {
    return this.#parameterValues !== undefined;
  }

  /** The value; reading it inside an operation makes this node an input of that operation. */
  get value(): T {
    noteRead(currentScope().frame, this);
    return this.peek();
  }

  /** The value, read without becoming an input of anything. */
  peek(): T {
    return this.#value;
  }

  /**
   * A node for `fn(value)`.
   *
   * @param description what `fn` does, as text for the optimizer
   */
  map<R>(fn: (value: T) => R, description = "Computes a value from its input."): ResultNode<R> {
    return record({ name: "map", description, source: String(fn) }, [this], valueName, () => fn(this.peek())) as ResultNode<R>;
  }

  /** A node for the element, property or map entry under `key`, which may be a node itself. */
  get<K extends keyof T & (string | number)>(key: K | Node<K>): Node<Held<T[K]>>;
  get(key: string | number | Node<string> | Node<number>): Node<unknown>;
  get(key: unknown): Node {
    const keyNode = asNode(key, "key") as Node<string | number>;
    return record(getOperation, [this, keyNode], getNames, () => elementAt(this.peek(), keyNode.peek())) as Node;
  }

  /**
   * Iterates over the elements, each a node that depends on this one: `const [first, second] = pair`.
   * A node is iterable when its value is, but for a text, whose characters are seldom what was meant: `operators.toList`
   * gives those. Iterating over a missing value fails as an operation does.
   */
  get [Symbol.iterator](): () => Generator<Node<ElementOf<T>>> {
    if (isIterable(this.peek() ?? [])) return elementNodes<ElementOf<T>>;
    noteRead(currentScope().frame, this);
    return undefined as never;
  }

  /** The value as text, for template strings: a string as it is, other values as JSON. Counts as a read. */
  toString(): string {
    return textOf(this.value);
  }

  /** The value, so that `a > b` compares values and not texts; counts as a read. */
  valueOf(): T {
    return this.value;
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
 * Makes a constant node of `value`. If `value` is a node already, it is returned as it is.
 *
 * @typeParam T the type of the value
 * @throws InvalidArgumentError when a name or description is given for what already is a node
 * @example
 * const question = node("What is 2 + 3?", { name: "question" });
 */
export function node<T extends (...args: never[]) => unknown>(value: T, options?: NodeOptions): Node<T>;
/** The same for a value of any other type, or a node. */
export function node<T>(value: T | Node<T>, options?: NodeOptions): Node<T>;
export function node<T>(value: T | Node<T>, options: NodeOptions = {}): Node<T> {
  checkOptions(options, ["name", "description"], "node");
  if (!isNode(value)) return new Node(value as T, options);
  if (options.name !== undefined || options.description !== undefined) {
    throw new InvalidArgumentError(
      `The node ${value.name} keeps its own name and description; only a plain value can be given new ones`,
    );
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
 * Runs `run` as one operation and returns the node of its result: the given inputs, then every node that was read meanwhile.
 * For a promise of a result it returns a promise of the node.
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
  const id = nextNodeId();
  const handled = handleAmong(inputs);
  if (handled === undefined) return recordHere(id, operation, inputs, inputNames, run, options);
  return handled.own.read(handled.original as Node, () => recordHere(id, operation, inputs, inputNames, run, options));
}

function recordHere(
  id: number,
  operation: Operation,
  inputs: readonly Node[],
  inputNames: readonly string[],
  run: () => unknown,
  options: RecordOptions,
): Node | Promise<Node> {
  const { tracing, bindings, context, layer } = currentScope();
  const frame: Frame = { inputs, reads: undefined, remarks: undefined, isTraced: tracing, isOver: false };
  const call: Call = { id, operation, inputs, inputNames, frame, catches: options.catch ?? true };
  let result: unknown;
  let isPending: boolean;
  try {
    result = runInScope({ frame, tracing, bindings, context, layer }, run);
    isPending = isPromiseLike(result);
  } catch (error) {
    throw failed(call, error);
  }
  if (!isPending) return finished(call, result);
  const open = context?.work?.open;
  open?.add(call);
  return Promise.resolve(result).then(
    (value) => {
      open?.delete(call);
      return finished(call, value);
    },
    (error: unknown) => {
      open?.delete(call);
      throw failed(call, error);
    },
  );
}

/**
 * The error of operations that are abandoned before they have ended: the exception of the outermost, which depends on all that
 * any of them has read. `undefined` when none is open.
 */
export function abandonedOperation(open: ReadonlySet<OpenOperation>, error: unknown): unknown {
  const [outermost, ...inner] = [...(open as ReadonlySet<Call>)].sort((a, b) => a.id - b.id);
  if (outermost === undefined) return undefined;
  for (const { inputs, frame } of inner) for (const read of [...inputs, ...(frame?.reads ?? [])]) noteRead(outermost.frame, read);
  return failed(outermost, error);
}

/** What `console.log` shows of a node; not a read. */
function inspect(this: Node): string {
  return `${this.constructor.name}(${this.name} = ${describeValue(this.peek())})`;
}

const getOperation: Operation = { name: "get", description: "Takes the element, property or entry under a key." };
const getNames = Object.freeze(["value", "key"]);
const valueName = Object.freeze(["value"]);
const unpackOperation: Operation = { name: "unpack", description: "Lists the elements of a value." };

/** One run of an operation. */
interface Call {
  readonly id: number;
  readonly operation: Operation;
  readonly inputs: readonly Node[];
  readonly inputNames: readonly string[];
  readonly frame: Frame;
  readonly catches: boolean;
}

function finished(call: Call, result: unknown): Node {
  const { name } = call.operation;
  if (!isNode(result)) return outcome(call, "message", result, name);
  noteRead(call.frame, originalOf(result));
  // What is known of the result of an inner operation is known of this one, too.
  return outcome(call, "message", result.peek(), name, result.kind === "message" ? result.description : undefined);
}

/** The error to throw instead of `error`. */
function failed(call: Call, error: unknown): unknown {
  if (!call.catches || isInfrastructureError(error) || isAbort(error)) {
    call.frame.isOver = true;
    return error;
  }
  const inner = executionErrorIn(error);
  if (inner !== undefined) noteRead(call.frame, inner.exceptionNode);
  const { name } = call.operation;
  const node = outcome(call, "exception", exceptionText(error), `exception_${name}`, `The operation ${name} raised this error.`);
  return new ExecutionError(node, error);
}

/** Whether `error` is the reason for which the run was aborted, whatever it is. */
function isAbort(error: unknown): boolean {
  const signal = currentScope().context?.signal;
  return signal?.aborted === true && error === signal.reason;
}

/** The node of a call: its inputs are the arguments, then the nodes that were read, in the order in which they came to be. */
function outcome<T>(call: Call, kind: NodeKind, value: T, name: string, description?: string): Node<T> {
  const { id, operation, frame } = call;
  let { inputs, inputNames } = call;
  frame.isOver = true;
  if (!frame.isTraced) {
    inputs = none;
    inputNames = none;
  } else if (frame.reads !== undefined) {
    for (const input of inputs) frame.reads.delete(originalOf(input));
    const reads = ([...frame.reads] as Node[]).sort((a, b) => a.id - b.id);
    inputs = [...inputs, ...reads];
    inputNames = [...inputNames, ...reads.map((read) => read.name)];
    // What the operation has opened (a socket, a timer) may keep its scope alive, but not the graph.
    frame.reads = undefined;
  }
  const about = frame.remarks === undefined ? description : [description, frame.remarks].filter(Boolean).join(" ");
  return new Node(value, { name, description: about }, { id, kind, inputs, inputNames, operation });
}

/** What the parameters among the inputs hold here and now, in the places of the inputs; nothing when there is none. */
function valuesOfParameters(inputs: readonly Node[]): readonly unknown[] | undefined {
  let values: unknown[] | undefined;
  for (let index = 0; index < inputs.length; index++) {
    const input = inputs[index] as Node;
    if (input.kind !== "parameter") continue;
    values ??= new Array(inputs.length);
    values[index] = input.peek();
  }
  return values;
}

/** The inputs with the parameters that handles among them stand for. */
function originals(inputs: readonly Node[]): readonly Node[] {
  return inputs.some((input) => originalOf(input) !== input) ? inputs.map(originalOf) : inputs;
}

function* elementNodes<E>(this: Node): Generator<Node<E>> {
  const elements = (
    Array.isArray(this.peek()) ? this : record(unpackOperation, [this], valueName, () => unpack(this.peek()))
  ) as Node<unknown[]>;
  const { length } = elements.peek();
  for (let index = 0; index < length; index++) yield elements.get(index) as Node<E>;
}

function checkText(what: string, value: unknown): void {
  if (value !== undefined && typeof value !== "string") {
    throw new InvalidArgumentError(`Expected a node's ${what} to be a string, got ${describeValue(value)}`);
  }
}
