/**
 * `editProblems`: what is wrong with a proposed value, besides what its parameter says itself.
 *
 * @module
 */
import { isJsonValue } from "../../data/json.ts";
import type { Parameter } from "../../graph/parameter.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";
import { textsIn } from "../reply/texts-in.ts";
import { brokenText } from "./broken-text.ts";
import { lostSlots } from "./filled-slots.ts";
import type { LeakGuard } from "./leak-guard.ts";
import { tooFarFrom } from "./max-change.ts";

/** The rules of an optimizer. */
export interface EditRules {
  /** How far a text may move, from 0 to 1. @default 1, anywhere */
  readonly maxChange?: number | undefined;
  /** What a text may not quote. @default it may quote anything */
  readonly leakGuard?: LeakGuard | undefined;
  /** Whether the parameter itself has nothing to say against the value. */
  readonly isValid: boolean;
}

/** The problems of a value, each as a sentence part for the model that proposed it; none for a value that may be tried. */
export function editProblems(
  parameter: Parameter,
  value: unknown,
  graph: TraceGraph,
  { maxChange = 1, leakGuard, isValid }: EditRules,
): string[] {
  const current = parameter.peek();
  const broken = isJsonValue(value) ? brokenText(value, current) : undefined;
  if (broken !== undefined) return [broken];
  if (!isValid) return [];
  if (isEmptied(parameter, value)) {
    return ["expected the whole new text, got an empty one; leave out the variable to keep its value"];
  }
  if (parameter.domain) return [];
  const isText = typeof value === "string" && typeof current === "string";
  const ofText = isText ? [lostSlots(parameter, graph, value), tooFarFrom(current, value, maxChange)] : [];
  const known = [...textsIn(current)].join("\n");
  const quoted = Array.from(textsIn(value), (text) => leakGuard?.problem(text, known));
  return [...ofText, ...quoted].filter((problem) => problem !== undefined);
}

/** Whether a text is lost: an empty block is a slip of the model, unless a schema or a domain says that it may be a value. */
function isEmptied(parameter: Parameter, value: unknown): boolean {
  if (typeof value !== "string" || value.trim() !== "") return false;
  const current = parameter.peek();
  const isAllowed = parameter.schema !== undefined || parameter.domain !== undefined;
  return typeof current === "string" && current.trim() !== "" && !isAllowed;
}
