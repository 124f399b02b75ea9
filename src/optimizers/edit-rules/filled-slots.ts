/**
 * Slots that a program was seen to fill, for marks that do not look like a slot: `{x}`, `\mathbf{name}`, `${name}`, `%(name)s`.
 *
 * @module
 */
import type { Node } from "../../graph/node.ts";
import type { Parameter } from "../../graph/parameter.ts";
import { hasSlot, type SlotMark, slotMarks } from "../../graph/slots.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";

/**
 * The marks of a template, as they are written, that stand in some text of the graph as something else, with the words of the template
 * around. Without those that the parameter keeps anyway. The same graph gives the same slots.
 */
export function filledSlots(parameter: Parameter, graph: TraceGraph): string[] {
  const template = graph.valueOf(parameter);
  if (typeof template !== "string") return [];
  const kept = new Set(parameter.placeholders.map((slot) => `{${slot}}`));
  const marks = slotMarks(template).slice(0, mostMarks);
  if (marks.every(({ written }) => kept.has(written))) return [];
  // A reply may follow the form that a template asks for; only what the program makes of the template has the rest of it, too.
  const longest = longestPiece(template, marks);
  const texts = textsAround(graph, parameter).filter((text) => text.includes(longest));
  const filled = marks.filter(({ written, start, end }, index) => {
    if (kept.has(written)) return false;
    // The marks beside it may be filled, too, and single braces may be escaped there.
    const from = Math.max(marks[index - 1]?.end ?? 0, start - mostContext);
    const to = Math.min(marks[index + 1]?.start ?? template.length, end + mostContext);
    const before = template.slice(from, start).replace(/^[\s\S]*[{}]/, "");
    const after = template.slice(end, to).replace(/[{}][\s\S]*$/, "");
    return Math.max(before.length, after.length) >= leastContext && texts.some((text) => isFilled(text, before, after, written));
  });
  return [...new Set(filled.map(({ written }) => written))];
}

/** Says which slots that the program fills a new text has lost, or `undefined` when it has all. */
export function lostSlots(parameter: Parameter, graph: TraceGraph, value: string): string | undefined {
  const lost = filledSlots(parameter, graph).filter((written) => !hasMark(value, written));
  if (lost.length === 0) return undefined;
  return `expected the text to keep ${lost.join(", ")}, which the program fills`;
}

/** Between braces with just as many of them. */
function hasMark(text: string, written: string): boolean {
  return written.startsWith("{") ? hasSlot(text, written.slice(1, -1)) : text.includes(written);
}

/** The beginning of the longest piece of a template that stays as it is. */
function longestPiece(template: string, marks: readonly SlotMark[]): string {
  const ends = [0, ...marks.map(({ end }) => end)];
  const pieces = ends.flatMap((end, index) => template.slice(end, marks[index]?.start).split(/[{}]/));
  return pieces.reduce((longest, piece) => (piece.trim().length > longest.length ? piece.trim() : longest), "").slice(0, 200);
}

const mostMarks = 200;
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

/** Whether something else stands where the words around a mark say that it should stand. */
function isFilled(text: string, before: string, after: string, written: string): boolean {
  // Doubled braces are how a template writes single ones.
  const forms = written.startsWith("{{") ? [written, written.slice(1, -1)] : [written];
  const start = before.length >= leastContext ? text.indexOf(before) : -1;
  if (start >= 0) {
    const at = start + before.length;
    return !forms.some((form) => text.startsWith(form, at)) && text.indexOf(after, at) >= at;
  }
  if (before.length >= leastContext || after.length < leastContext) return false;
  const end = text.indexOf(after);
  return end >= 0 && !forms.some((form) => text.slice(0, end).endsWith(form));
}
