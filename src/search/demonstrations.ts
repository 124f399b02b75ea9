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
 * The operations that read a parameter, inputs before their users. Those whose input or output is not JSON are left out.
 */
export function workedExamples(target: Node, parameter: Parameter): readonly WorkedExample[] {
  const operations = topologicalOrder([target]).filter(({ kind, inputs }) => kind === "message" && inputs.includes(parameter));
  return operations.flatMap((operation): WorkedExample[] => {
    const input = argumentsOf(operation);
    const output = operation.peek();
    return input !== undefined && isJsonValue(input) && isJsonValue(output) ? [{ input, output }] : [];
  });
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
