/**
 * `editProblems`: what is wrong with a proposed value, besides what its parameter says itself.
 *
 * @module
 */

import { diffArrays } from "diff/lib/diff/array.js";
import { isJsonValue } from "../../data/json.ts";
import type { Parameter } from "../../graph/parameter.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";
import { textsIn } from "../reply/edits.ts";
import { brokenText } from "./broken-text.ts";
import { lostSlots } from "./filled-slots.ts";
import { type LeakGuard, tokensOf } from "./leak-guard.ts";
import { leftOut } from "./left-out.ts";

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
  const missing = isText ? leftOut(value, current) : undefined;
  if (missing !== undefined) return [missing];
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

/**
 * Says that `proposed` is too far from `current`, or `undefined` when it is near enough. The change of a text is the share
 * of words, blanks and punctuation marks that are removed or added, of all those in both texts: 0 leaves it alone, 1 writes it
 * anew. An empty text may become any other.
 *
 * Where more than some thousand of them are in question, the order is only looked at seven in a row, so that the time stays
 * linear in the length of the texts.
 *
 * @param maxChange the largest change allowed, 0 to 1
 */
export function tooFarFrom(current: string, proposed: string, maxChange: number): string | undefined {
  if (maxChange >= 1 || current === proposed || current.trim() === "") return undefined;
  const [before, after] = [tokensOf(current), tokensOf(proposed)];
  const size = before.length + after.length;
  const allowed = Math.floor(maxChange * size);
  const changed = changedTokens(before, after, allowed);
  if (changed !== undefined && changed <= allowed) return undefined;
  const share = changed === undefined ? "more" : percent(changed / size);
  return `expected a change of at most ${percent(maxChange)} of the words of the current text, got ${share}; keep more of it unchanged`;
}

/** Tokens that are compared exactly; the comparison takes the square of their number at worst. */
const mostCompared = 4000;

/** How many tokens are removed or added; `undefined` when it is clear that they are more than allowed. */
function changedTokens(before: readonly string[], after: readonly string[], allowed: number): number | undefined {
  if (Math.abs(before.length - after.length) > allowed) return undefined;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const [old, young] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  if (old.length + young.length > mostCompared) return old.length + young.length - 2 * sharedTokens(old, young);
  // Stops as soon as it is clear.
  const parts = diffArrays(old, young, { maxEditLength: allowed });
  return parts?.reduce((sum, { added, removed, count }) => (added || removed ? sum + (count ?? 0) : sum), 0);
}

/** Tokens in a row that are taken to be kept, wherever they stand: three words with the blanks around them. */
const runLength = 7;

/** How many tokens of `after` stand in a run that also stands in `before`, no run counting more often than it is there. */
function sharedTokens(before: readonly string[], after: readonly string[]): number {
  const counts = new Map<string, number>();
  const runAt = (tokens: readonly string[], place: number): string => JSON.stringify(tokens.slice(place, place + runLength));
  for (let place = 0; place + runLength <= before.length; place++) {
    const run = runAt(before, place);
    counts.set(run, (counts.get(run) ?? 0) + 1);
  }
  let shared = 0;
  let covered = 0;
  for (let place = 0; place + runLength <= after.length; place++) {
    const run = runAt(after, place);
    const left = counts.get(run) ?? 0;
    if (left === 0) continue;
    counts.set(run, left - 1);
    shared += place + runLength - Math.max(place, covered);
    covered = place + runLength;
  }
  return Math.min(shared, before.length);
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
