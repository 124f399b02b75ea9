/**
 * Slots that a program was seen to fill, for braces that do not look like a slot: `{x}`, `\mathbf{name}`.
 *
 * @module
 */
import type { Node } from "../../graph/node.ts";
import type { Parameter } from "../../graph/parameter.ts";
import { bracedNames, hasSlot } from "../../graph/slots.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";

/**
 * The names between braces of a template that stand in some text of the graph as something else, with the words of the template
 * around. The same graph gives the same slots.
 */
export function filledSlots(parameter: Parameter, graph: TraceGraph): string[] {
  const template = graph.valueOf(parameter);
  if (typeof template !== "string") return [];
  const open = bracedNames(template).filter(({ name }) => !parameter.placeholders.includes(name));
  if (open.length === 0) return [];
  const texts = textsAround(graph, parameter);
  const filled = open.filter(({ start, end, name }) => {
    // The next braces may be filled, too.
    const before = template.slice(Math.max(0, start - mostContext), start).replace(/^[\s\S]*[{}]/, "");
    const after = template.slice(end, end + mostContext).replace(/[{}][\s\S]*$/, "");
    return Math.max(before.length, after.length) >= leastContext && texts.some((text) => isFilled(text, before, after, name));
  });
  return [...new Set(filled.map(({ name }) => name))];
}

/** Says which slots that the program fills a new text has lost, or `undefined` when it has all. */
export function lostSlots(parameter: Parameter, graph: TraceGraph, value: string): string | undefined {
  const lost = filledSlots(parameter, graph).filter((slot) => !hasSlot(value, slot));
  if (lost.length === 0) return undefined;
  return `expected the text to keep ${lost.map((slot) => `{${slot}}`).join(", ")}, which the program fills`;
}

const mostContext = 40;
/** Fewer characters of a template may stand anywhere. */
const leastContext = 6;
const mostTexts = 200;
const longestText = 100_000;

/** Texts of the graph, and what the nodes at its rim were made of; without values of the parameter itself. */
function textsAround(graph: TraceGraph, parameter: Parameter): string[] {
  const nodes = new Set<Node>();
  for (const node of graph.nodes) {
    nodes.add(node);
    for (const input of node.inputs) nodes.add(input);
    if (nodes.size > mostTexts) break;
  }
  nodes.delete(parameter);
  const values = Array.from(nodes, (node) => graph.valueOf(node));
  return values.filter((value) => typeof value === "string" && value.length <= longestText) as string[];
}

/** Whether something else stands where the words around a name say that it should stand. */
function isFilled(text: string, before: string, after: string, name: string): boolean {
  const written = `{${name}}`;
  const start = before.length >= leastContext ? text.indexOf(before) : -1;
  if (start >= 0) {
    const at = start + before.length;
    return !text.startsWith(written, at) && text.indexOf(after, at) >= at;
  }
  if (before.length >= leastContext || after.length < leastContext) return false;
  const end = text.indexOf(after);
  return end >= 0 && !text.slice(0, end).endsWith(written);
}
