/**
 * One operation as a line of code.
 *
 * @module
 */
import type { Node } from "../../graph/node.ts";
import { nameInCode } from "./unique-names.ts";

/** `name = operation(argument=input, …)`; `…` stands for inputs without a name, however many follow one another. */
export function lineOf(node: Node, name: string, operation: string, nameOf: ReadonlyMap<Node, string>): string {
  const given: string[] = [];
  const taken = new Set<string>();
  let hidden = 0;
  for (const [index, input] of node.inputs.entries()) {
    const known = nameOf.get(input);
    if (known === undefined) {
      hidden++;
      continue;
    }
    if (hidden > 0) given.push(hiddenInputs(hidden));
    hidden = 0;
    const argument = argumentOf(node, index, known);
    // A name that stands there already would say that the two are one argument.
    const isNamed = argument !== "" && !taken.has(argument);
    taken.add(argument);
    given.push(isNamed ? `${nameInCode(argument)}=${nameInCode(known)}` : nameInCode(known));
  }
  if (hidden > 0) given.push(hiddenInputs(hidden));
  return `${name} = ${operation}(${given.join(", ")})${node.kind === "exception" ? "  // threw an error" : ""}`;
}

/** What an input is to the operation; a parameter that it has read goes by the name that it has in the prompt. */
function argumentOf(node: Node, index: number, known: string): string {
  const input = node.inputs[index] as Node;
  const argument = node.inputNames[index] ?? "";
  const isOwnName = argument.replace(/_\d+$/, "") === input.name || argument === input.name;
  return input.kind === "parameter" && isOwnName ? known : argument;
}

function hiddenInputs(count: number): string {
  return count === 1 ? "…" : `…(${count} values)…`;
}
