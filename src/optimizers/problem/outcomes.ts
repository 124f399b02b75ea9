/**
 * Which outputs of a batch were right and which were not, and what had a part in them.
 *
 * @module
 */
import { shorten } from "../../data/json.ts";
import type { ObjectiveConfig } from "../../data/objectives.ts";
import type { Node } from "../../graph/node.ts";
import type { Parameter } from "../../graph/parameter.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";
import { batchSections } from "./describe-examples.ts";
import { summary } from "./describe-variable.ts";
import { outputWorth } from "./output-worth.ts";

/** The outputs of a graph by what they are worth: right are the best by the objective, where others are less. On a front there is no one best: none is right. */
export interface Outcomes {
  readonly right: ReadonlySet<Node>;
  /** Those that are worth less, without a score, and failures; all of them where nothing tells them apart. */
  readonly wrong: ReadonlySet<Node>;
}

/** What a prompt makes of the outcomes of one graph. */
export interface Contrast {
  readonly outcomes: Outcomes;
  /** The values that only right outputs depend on: little is learned from them. */
  readonly behindRight: ReadonlySet<Node>;
  /** The part of every parameter; `undefined` where all had a part in all outputs, nothing tells the outputs apart, or counting would take too long. */
  readonly parts: ReadonlyMap<Parameter, PartTaken> | undefined;
}

/** Prompts are made several times, until they fit. */
const known = new WeakMap<TraceGraph, { readonly by: ObjectiveConfig | undefined; readonly contrast: Contrast }>();

/** What right and wrong outputs of a graph have to do with. @param by @default by the guide's score, more being better */
export function contrastOf(graph: TraceGraph, by?: ObjectiveConfig): Contrast {
  const before = known.get(graph);
  if (before?.by === by && before !== undefined) return before.contrast;
  const outcomes = outcomesOf(graph, by);
  const contrast = { outcomes, behindRight: behindRightAlone(graph, outcomes), parts: partsTaken(graph, outcomes) };
  known.set(graph, { by, contrast });
  return contrast;
}

/** The outputs that there is feedback on; a batch is taken apart. */
export function outcomesOf({ targets }: TraceGraph, by?: ObjectiveConfig): Outcomes {
  const scores = new Map<Node, number | null>();
  for (const { target, feedback } of targets.flatMap((one) => batchSections(one) ?? one)) {
    const own = target.kind === "exception" ? null : outputWorth(feedback, by);
    const before = scores.get(target);
    const isWhole = own !== null && before !== null;
    scores.set(target, isWhole ? Math.min(before ?? own, own) : null);
  }
  const scored = [...scores.values()].filter((score) => score !== null);
  const best = scored.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  const outputs = [...scores.keys()];
  const right = outputs.filter((output) => scores.get(output) === best);
  if (right.length === outputs.length || by?.mode === "pareto") return { right: new Set(), wrong: new Set(outputs) };
  return { right: new Set(right), wrong: new Set(outputs.filter((output) => scores.get(output) !== best)) };
}

function behindRightAlone({ nodes }: TraceGraph, { right, wrong }: Outcomes): ReadonlySet<Node> {
  if (right.size === 0) return new Set();
  const [behindRight, behindWrong] = [new Set<Node>(right), new Set<Node>(wrong)];
  for (let place = nodes.length - 1; place >= 0; place--) {
    const node = nodes[place] as Node;
    for (const behind of [behindRight, behindWrong]) if (behind.has(node)) for (const input of node.inputs) behind.add(input);
  }
  return new Set([...behindRight].filter((node) => !behindWrong.has(node) && node.kind !== "parameter"));
}

/** Most pieces of feedback, and characters of each, that are remembered of a batch. */
const [mostRemembered, longestRemembered] = [4, 300];

/** What there is to remember of the feedback: all of it, or of a batch with right and wrong outputs some of what is on the wrong ones. */
export function telling(graph: TraceGraph, by?: ObjectiveConfig): string {
  const { right, wrong } = contrastOf(graph, by).outcomes;
  if (right.size === 0) return summary(graph).feedback;
  const sections = graph.targets.flatMap((one) => batchSections(one) ?? one).filter(({ target }) => wrong.has(target));
  const told = sections.slice(0, mostRemembered).map(({ feedback }) => shorten(feedback.feedback.trim(), longestRemembered));
  const left = sections.length - told.length;
  return [...told, ...(left === 0 ? [] : [`… and ${left} more`])].filter((text) => text !== "").join("\n");
}

/** In how many outputs a parameter had a part. */
export interface PartTaken {
  readonly right: number;
  readonly wrong: number;
}

/** Steps from outputs to inputs beyond which parts are not counted. */
const mostSteps = 1_000_000;

function partsTaken(graph: TraceGraph, { right, wrong }: Outcomes): ReadonlyMap<Parameter, PartTaken> | undefined {
  if (right.size === 0 || (right.size + wrong.size) * graph.nodes.length > mostSteps) return undefined;
  const parts = new Map(graph.parameters.map((parameter) => [parameter, { right: 0, wrong: 0 }]));
  for (const [kind, outputs] of [["right", right] as const, ["wrong", wrong] as const]) {
    for (const output of outputs)
      for (const node of behind(output)) {
        const part = parts.get(node as Parameter);
        if (part !== undefined) part[kind]++;
      }
  }
  const tells = [...parts.values()].some((part) => part.right < right.size || part.wrong < wrong.size);
  return tells ? parts : undefined;
}

function behind(output: Node): ReadonlySet<Node> {
  const found = new Set([output]);
  // A set hands out what is added while it is gone through.
  for (const node of found) for (const input of node.inputs) found.add(input);
  return found;
}
