/**
 * `text`: a template string whose slots may be nodes.
 *
 * @module
 */
import { textOf } from "../data/json.ts";
import { holdsNode, toNode } from "./arguments.ts";
import type { Operation } from "./graph-node.ts";
import { isNode, type Node, record } from "./node.ts";

/**
 * A node for a template string. Values in `${…}` that are nodes, or contain nodes, become inputs of it; other values are part of the template.
 * Strings are inserted as they are, other values as JSON.
 *
 * @example
 * const prompt = text`Answer ${question} in ${language}.`;
 */
export function text(strings: TemplateStringsArray, ...slots: readonly unknown[]): Node<string> {
  const parts = slots.map((slot) => (holdsNode(slot) ? toNode(slot, "slot") : textOf(slot)));
  const names = distinctNames(parts.filter(isNode));
  const template = weave(strings, parts, (input) => `{${names.get(input)}}`);
  const operation: Operation = { name: "text", description: `Fills the template ${JSON.stringify(template)}` };
  const fill = (): string => weave(strings, parts, (input) => textOf(input.peek()));
  return record(operation, [...names.keys()], [...names.values()], fill) as Node<string>;
}

/** Each node once, by its name, numbered when another before it has the same. */
function distinctNames(nodes: readonly Node[]): ReadonlyMap<Node, string> {
  const names = new Map<Node, string>();
  const taken = new Set<string>();
  for (const node of new Set(nodes)) {
    let name = node.name;
    for (let number = 2; taken.has(name); number++) name = `${node.name}_${number}`;
    taken.add(name);
    names.set(node, name);
  }
  return names;
}

function weave(strings: TemplateStringsArray, parts: readonly (string | Node)[], show: (node: Node) => string): string {
  return strings.reduce((sum, string, index) => {
    const part = parts[index - 1] ?? "";
    return sum + (isNode(part) ? show(part) : part) + string;
  });
}
