/**
 * The contract of nodes, as far as scopes, handles and labels know them.
 *
 * @module
 */

/** A constant, a trainable value, the result of an operation, or an operation's failure. */
export type NodeKind = "constant" | "parameter" | "message" | "exception";

/** What made a node: the name and description an optimizer reads, and the source of the function where there is one. */
export interface Operation {
  readonly name: string;
  readonly description: string;
  readonly source?: string;
  /** Whether a language model made the value. @default false */
  readonly isModelCall?: boolean;
}

/** A value in the graph. */
export interface GraphNode<T = unknown> {
  readonly id: number;
  readonly name: string;
  readonly description: string | undefined;
  readonly kind: NodeKind;
  readonly inputs: readonly GraphNode[];
  readonly inputNames: readonly string[];
  readonly operation: Operation | undefined;
  /** The value, read without becoming an input of anything. */
  peek(): T;
}

/** The name of parameters that were given none. */
export const unnamed = "parameter";

const paths = new WeakMap<object, string>();

/** Remembers under which path a parameter was found in an agent. */
export function rememberPath(parameter: GraphNode, path: string): void {
  if (parameter.name === unnamed) paths.set(parameter, path);
}

/** The name of a node; of a parameter that was given none its path, where that is known. */
export function nameOrPath(node: GraphNode): string {
  return node.name === unnamed ? (paths.get(node) ?? unnamed) : node.name;
}

/** `parameter triage.prompt`; of one whose place is not known only `parameter`. */
export function labelOf(parameter: GraphNode): string {
  const name = nameOrPath(parameter);
  return name === unnamed ? "parameter" : `parameter ${name}`;
}
