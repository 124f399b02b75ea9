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
  let hidden = 0;
  for (const [index, input] of node.inputs.entries()) {
    const known = nameOf.get(input);
    if (known === undefined) {
      hidden++;
      continue;
    }
    if (hidden > 0) given.push(hiddenInputs(hidden));
    hidden = 0;
    const argument = node.inputNames[index] ?? "";
    given.push(argument === "" ? nameInCode(known) : `${nameInCode(argument)}=${nameInCode(known)}`);
  }
  if (hidden > 0) given.push(hiddenInputs(hidden));
  return `${name} = ${operation}(${given.join(", ")})${node.kind === "exception" ? "  // threw an error" : ""}`;
}

function hiddenInputs(count: number): string {
  return count === 1 ? "…" : `…(${count} values)…`;
}
