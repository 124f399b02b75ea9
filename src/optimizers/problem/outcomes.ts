/**
 * Which outputs of a batch were right and which were not, and what had a part in them.
 *
 * @module
 */
import type { Feedback } from "../../data/feedback.ts";
import { shorten } from "../../data/json.ts";
import { namedMetrics, type ObjectiveConfig, standingScore } from "../../data/objectives.ts";
import type { Node } from "../../graph/node.ts";
import { isParameter, type Parameter } from "../../graph/parameter.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";
import { batchSections } from "./describe-examples.ts";
import { summary } from "./describe-variable.ts";

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
  /** The only output that a value led to; `undefined` where it led to several. */
  readonly soleOutput: ReadonlyMap<Node, Node | undefined>;
  /** Who had a part in what; `undefined` where all had a part in all outputs, nothing tells the outputs apart, or counting would take too long. */
  readonly parts: PartsTaken | undefined;
}

/** Prompts are made several times, until they fit. */
const known = new WeakMap<TraceGraph, { readonly by: ObjectiveConfig | undefined; readonly contrast: Contrast }>();

/** What right and wrong outputs of a graph have to do with. @param by @default by the guide's score, more being better */
export function contrastOf(graph: TraceGraph, by?: ObjectiveConfig): Contrast {
  const before = known.get(graph);
  if (before?.by === by && before !== undefined) return before.contrast;
  const outcomes = outcomesOf(graph, by);
  const contrast = {
    outcomes,
    behindRight: behindRightAlone(graph, outcomes),
    soleOutput: soleOutputs(graph, outcomes),
    parts: partsTaken(graph, outcomes),
  };
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

/**
 * One number for an output, more being better, constraints aside: they are about means. `null` where there is no score, or none in a metric that
 * counts.
 *
 * @param by @default by the guide's score, more being better
 */
export function outputWorth({ score, scores }: Feedback, by?: ObjectiveConfig): number | null {
  if (score === null || by === undefined) return score;
  const all = { ...scores, score };
  if (by.missingValue === null && namedMetrics(by).some((metric) => !Object.hasOwn(all, metric))) return null;
  return standingScore(all, by);
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

/** One sweep over nodes and edges, outputs first. */
function soleOutputs({ nodes }: TraceGraph, { right, wrong }: Outcomes): ReadonlyMap<Node, Node | undefined> {
  const sole = new Map<Node, Node | undefined>();
  for (const output of [...right, ...wrong]) sole.set(output, output);
  for (let place = nodes.length - 1; place >= 0; place--) {
    const node = nodes[place] as Node;
    if (!sole.has(node)) continue;
    const output = sole.get(node);
    for (const input of node.inputs) sole.set(input, !sole.has(input) || sole.get(input) === output ? output : undefined);
  }
  return sole;
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

/** What parameters had a part in. */
export interface PartsTaken {
  /** In how many outputs each had one. */
  readonly counts: ReadonlyMap<Parameter, PartTaken>;
  /** Those that had one in an output, without those that had one in every output. */
  readonly of: ReadonlyMap<Node, readonly Parameter[]>;
}

/** In how many outputs a parameter had a part. */
export interface PartTaken {
  readonly right: number;
  readonly wrong: number;
}

/** Steps from outputs to inputs beyond which parts are not counted. */
const mostSteps = 1_000_000;

function partsTaken(graph: TraceGraph, { right, wrong }: Outcomes): PartsTaken | undefined {
  if (right.size === 0 || (right.size + wrong.size) * graph.nodes.length > mostSteps) return undefined;
  const outputs = [...right, ...wrong];
  const all = new Map(outputs.map((output) => [output, parametersBehind(output)]));
  const isBehind = (parameter: Parameter, output: Node): boolean => all.get(output)?.has(parameter) === true;
  const countIn = (some: ReadonlySet<Node>, parameter: Parameter): number =>
    [...some].filter((output) => isBehind(parameter, output)).length;
  const counts = new Map(
    graph.parameters.map((parameter) => [parameter, { right: countIn(right, parameter), wrong: countIn(wrong, parameter) }]),
  );
  const telling = graph.parameters.filter((parameter) => {
    const part = counts.get(parameter) as PartTaken;
    return part.right < right.size || part.wrong < wrong.size;
  });
  if (telling.length === 0) return undefined;
  return { counts, of: new Map(outputs.map((output) => [output, telling.filter((one) => isBehind(one, output))])) };
}

function parametersBehind(output: Node): ReadonlySet<Node> {
  const found = new Set([output]);
  // A set hands out what is added while it is gone through.
  for (const node of found) for (const input of node.inputs) found.add(input);
  return new Set([...found].filter(isParameter));
}
