/**
 * Demonstrations in a trace: what the operations that read a parameter were given, and what they made of it.
 *
 * @module
 */
import { isJsonValue, type JsonValue } from "../data/json.ts";
import type { Node } from "../graph/node.ts";
import type { Parameter } from "../graph/parameter.ts";
import { topologicalOrder } from "../graph/topological-order.ts";

/** One operation at work. */
export interface WorkedExample {
  /** What it was given besides parameters: the value of a single argument, else values by the names of the arguments. */
  readonly input: JsonValue;
  readonly output: JsonValue;
}

/**
 * The operations that read a parameter, inputs before their users. An operation that only builds the prompt of a model call shows what the model made of it.
 * Those whose input or output is not JSON are left out.
 */
export function workedExamples(target: Node, parameter: Parameter): readonly WorkedExample[] {
  const all = topologicalOrder([target]);
  const operations = all.filter(({ kind, inputs }) => kind === "message" && inputs.includes(parameter));
  return operations.flatMap((operation): WorkedExample[] => {
    const call = callWith(operation, all);
    const input = inputOf(operation, { call, parameter });
    const output = (call ?? operation).peek();
    return input !== undefined && isJsonValue(input) && isJsonValue(output) ? [{ input, output }] : [];
  });
}

/** What an operation was given: of a model call its prompt, without the model and settings. */
function inputOf(
  operation: Node,
  { call, parameter }: { readonly call: Node | undefined; readonly parameter: Parameter },
): unknown {
  if (isModelCall(operation)) return promptBeside(operation, parameter) ?? argumentsOf(operation);
  return argumentsOf(operation) ?? (call && promptBeside(call, operation));
}

/** The model call in whose prompt the text of an operation is, as it is or in a larger text; `undefined` where there is none. */
function callWith(operation: Node, all: readonly Node[]): Node | undefined {
  if (isModelCall(operation) || operation.inputNames[0] === "input") return undefined;
  const parts = new Set([operation]);
  for (const node of all) {
    const built = node.kind === "message" ? node.inputs.filter((input) => parts.has(input)) : [];
    if (built.length === 0) continue;
    if (isModelCall(node)) return node;
    if (built.some((part) => isPartOf(part.peek(), node.peek()))) parts.add(node);
  }
  return undefined;
}

function isModelCall({ operation }: Node): boolean {
  return operation?.isModelCall === true;
}

function isPartOf(part: unknown, whole: unknown): boolean {
  return typeof part === "string" && typeof whole === "string" && part !== "" && whole.includes(part);
}

/** What a call was given beside a prompt that was built without it, where that is one value. */
function promptBeside({ inputs, inputNames }: Node, built: Node): unknown {
  const beside = inputs.filter((input, at) => input !== built && inputNames[at] === "prompt");
  return beside.length === 1 ? beside[0]?.peek() : undefined;
}

/** A module has one argument, and everything else was read inside; other operations have what they were called with. */
function argumentsOf(operation: Node): unknown {
  const { inputs, inputNames } = operation;
  if (inputNames[0] === "input") return inputs[0]?.peek();
  const named = inputs.flatMap((input, index): (readonly [name: string, input: Node])[] => {
    return input.kind === "parameter" ? [] : [[inputNames[index] ?? input.name, input]];
  });
  if (named.length <= 1) return named[0]?.[1].peek();
  return Object.fromEntries(named.map(([name, input]) => [name, input.peek()]));
}
