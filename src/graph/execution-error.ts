/**
 * The error that carries an exception node: the program failed, and the graph knows where.
 *
 * @module
 */

import { CodeError, markLine } from "../code/code-error.ts";
import { textOf } from "../data/json.ts";
import { errorText, OptoError } from "../errors.ts";
import type { Node } from "./node.ts";

const errors = new WeakMap<object, ExecutionError>();

/** The error that an exception node was made for; `undefined` for a node that was read from a file. */
export function errorOfNode(exceptionNode: Node): ExecutionError | undefined {
  return errors.get(exceptionNode);
}

/**
 * An exception inside an operation. `exceptionNode` has the inputs of the operation, so it can be the target of `backward` like any output;
 * `cause` is what was thrown.
 */
export class ExecutionError extends OptoError {
  readonly exceptionNode: Node<string>;

  constructor(exceptionNode: Node<string>, cause: unknown) {
    super("execution", `${exceptionNode.operation?.name ?? "operation"}: ${exceptionNode.peek()}${hintFor(cause)}`, { cause });
    this.exceptionNode = exceptionNode;
    errors.set(exceptionNode, this);
  }

  /**
   * What the failure has to say to an optimizer: the error, and the operations it passed through, innermost first; of code in
   * the sandbox also its source, with the line that failed marked.
   */
  createFeedback(): string {
    const passed: string[] = [];
    const sources: string[] = [];
    let error: unknown = this;
    for (; error instanceof ExecutionError || error instanceof CodeError; error = error.cause) {
      if (error instanceof CodeError) sources.unshift(...markedSource(error));
      else passed.unshift(error.exceptionNode.operation?.name ?? "operation");
    }
    const trail = passed.length > 1 ? `, called by ${passed.slice(1).join(", called by ")}` : "";
    return [`${this.exceptionNode.peek()}\nRaised in ${passed[0]}${trail}.`, ...sources].join("\n\n");
  }
}

/** The failed operation that `error` comes from, also when the program wrapped it in an error of its own. */
export function executionErrorIn(error: unknown): ExecutionError | undefined {
  const seen = new Set<unknown>();
  try {
    for (let current = error; current instanceof Error && !seen.has(current); current = current.cause) {
      if (current instanceof ExecutionError) return current;
      seen.add(current);
    }
  } catch {
    // A cause that cannot be read.
  }
  return undefined;
}

/** What Node says when a frozen value is changed does not tell why it is frozen. */
function hintFor(cause: unknown): string {
  if (!(cause instanceof TypeError) || !/read only property|is not extensible|Cannot delete property/.test(cause.message))
    return "";
  return ". The value of a parameter is frozen: change a copy of it, structuredClone(parameter.value), or assign a new one with set";
}

function markedSource(error: CodeError): string[] {
  const { source, line } = error;
  return source === undefined ? [] : [markLine(source, line, `<-- ${exceptionText(error)}`)];
}

/** An error as one line, the same on every machine: `(TypeError) x is not a function`. Never throws, whatever was thrown. */
export function exceptionText(error: unknown): string {
  try {
    if (error instanceof ExecutionError) return error.exceptionNode.peek();
    if (error instanceof Error) return `(${error.name || "Error"}) ${error.message}`.trimEnd();
    return `(${typeof error}) ${textOf(error)}`;
  } catch {
    return `(${typeof error}) ${errorText(error)}`;
  }
}
