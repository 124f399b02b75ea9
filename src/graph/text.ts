/**
 * `text`: a template string whose slots may be nodes.
 *
 * @module
 */
import { textOf } from "../data/json.ts";
import { isNode, type Node, type Operation, record } from "./node.ts";

/**
 * A node for a template string. Slots that are nodes become inputs; other slots are part of the template.
 * Strings go in as they are, other values as JSON.
 *
 * @example
 * const prompt = text`Answer ${question} in ${language}.`;
 */
export function text(strings: TemplateStringsArray, ...slots: readonly unknown[]): Node<string> {
  const inputs = slots.filter(isNode);
  const inputNames = inputs.map((input, index) => slotName(input, inputs, index));
  const shown = slots.map((slot) => (isNode(slot) ? `{${inputNames[inputs.indexOf(slot)]}}` : textOf(slot)));
  const operation: Operation = { name: "text", description: `Fills the template ${JSON.stringify(weave(strings, shown))}` };
  return record(operation, inputs, inputNames, () =>
    weave(
      strings,
      slots.map((slot) => textOf(isNode(slot) ? slot.peek() : slot)),
    ),
  ) as Node<string>;
}

/** The node's name, numbered when another slot before it has the same. */
function slotName(input: Node, inputs: readonly Node[], index: number): string {
  const before = inputs.slice(0, index).filter(({ name }) => name === input.name).length;
  return before === 0 ? input.name : `${input.name}_${before + 1}`;
}

function weave(strings: TemplateStringsArray, parts: readonly string[]): string {
  return strings.reduce((sum, string, index) => sum + (parts[index - 1] ?? "") + string);
}
