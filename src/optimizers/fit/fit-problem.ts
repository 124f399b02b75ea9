/**
 * Cuts a trace graph to what a prompt may hold.
 *
 * @module
 */

import type { Feedback } from "../../data/feedback.ts";
import { shorten } from "../../data/json.ts";
import type { ObjectiveConfig } from "../../data/objectives.ts";
import type { Node } from "../../graph/node.ts";
import type { Parameter } from "../../graph/parameter.ts";
import { batchOf, type TargetFeedback, type TraceGraph } from "../../graph/trace-graph.ts";
import { batchSections } from "../problem/describe-examples.ts";
import type { Problem } from "../problem/problem.ts";
import type { FurtherRun } from "../problem/problem-examples.ts";
import { ProblemWriter } from "../problem/problem-writer.ts";
import { hiddenOperations, leftOutTexts } from "../prompts/left-out-prompt.ts";
import { GraphView } from "./graph-view.ts";
import { differences, NodeTexts } from "./node-texts.ts";
import { fairLength, type PromptBudget, type SharedText, tokensAt } from "./prompt-budget.ts";
import { type Run, Runs, rankedSamples } from "./runs.ts";
import { type Selection, type SelectionRoom, selectNodes } from "./select-nodes.ts";

/** What there is to tell besides the graph. */
export interface FitOptions<Prompt> {
  readonly budget: PromptBudget;
  /** Most characters of a value, whatever room there is. */
  readonly maxValueLength: number;
  /** How many earlier attempts there are, and how many are told. */
  readonly attempts: { readonly all: number; readonly told: number };
  /** What outputs are compared by. @default by the guide's score, more being better */
  readonly comparedBy?: ObjectiveConfig | undefined;
  /** Makes the prompt for a problem. */
  readonly write: (problem: Problem) => Prompt;
  /** Tokens of a prompt. */
  readonly tokensOf: (prompt: Prompt) => number;
}

/**
 * The prompt that shows as much of the graph as there is room for; `undefined` when there is none for an output with what led to it.
 *
 * Samples are shown from the most informative to the least, the operations of those that did the same once; then the
 * room is shared among the values. Every prompt is counted as it is sent, so the limit holds whatever was reckoned before.
 */
export function fitProblem<Prompt>(
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  options: FitOptions<Prompt>,
): Prompt | undefined {
  const { budget, maxValueLength, comparedBy, write, tokensOf } = options;
  const writer = new ProblemWriter(graph, parameters, [], { maxValueLength, comparedBy });
  const left = budget.maxTokens - tokensOf(write(writer.problem({ targets: [] })));
  if (left <= 0) return undefined;
  const view = new GraphView(graph, writer.variables);
  const runs = new Runs(view, rankedSamples(graph.targets, view, { comparedBy }));
  const texts = new NodeTexts(graph, view, maxValueLength, budget.count);
  for (const { share, valueLength, maxInputs } of rooms) {
    const room: SelectionRoom = { maxTokens: left * share, valueLength: Math.min(valueLength, maxValueLength), maxInputs };
    const selection = selectNodes(runs, view, texts, room);
    const prompt = new Wording(graph, parameters, options, view, texts, selection).longest();
    if (prompt !== undefined) return prompt;
  }
  return undefined;
}

/** What is usual, for little room, and the least that says anything. */
const rooms: readonly { readonly share: number; readonly valueLength: number; readonly maxInputs: number }[] = [
  { share: 0.9, valueLength: 200, maxInputs: 64 },
  { share: 0.2, valueLength: 50, maxInputs: 16 },
  { share: 0, valueLength: 25, maxInputs: 4 },
];

/** Characters of a value of weight 1 below which nothing is shown that says anything. */
const shortest = 8;
/** What was said of outputs, and the values behind the first of them, may be so many times as long as other values. */
const weightOfEssential = 4;
const firstRuns = 3;

/** A selection in words, as long as there is room for them. */
class Wording<Prompt> {
  readonly #graph: TraceGraph;
  readonly #parameters: ReadonlyMap<string, Parameter>;
  readonly #options: FitOptions<Prompt>;
  readonly #view: GraphView;
  readonly #texts: NodeTexts;
  readonly #selection: Selection;
  readonly #essential: ReadonlySet<number>;

  constructor(
    graph: TraceGraph,
    parameters: ReadonlyMap<string, Parameter>,
    options: FitOptions<Prompt>,
    view: GraphView,
    texts: NodeTexts,
    selection: Selection,
  ) {
    this.#graph = graph;
    this.#parameters = parameters;
    this.#options = options;
    this.#view = view;
    this.#texts = texts;
    this.#selection = selection;
    const first = selection.groups.slice(0, firstRuns);
    this.#essential = new Set(first.flatMap(({ essential }) => [...essential]));
  }

  /** With values as long as fit; `undefined` when even the shortest do not. */
  longest(): Prompt | undefined {
    const { budget, maxValueLength, tokensOf } = this.#options;
    const bare = this.#prompt(shortest);
    const needed = tokensOf(bare);
    if (needed > budget.maxTokens) return undefined;
    const shared = this.#sharedTexts();
    // What the signs and names around the values take does not depend on how long these are.
    let room = budget.maxTokens - (needed - tokensAt(shared, shortest));
    for (let tries = 0; tries < mostTries; tries++) {
      const length = fairLength(shared, room, shortest, maxValueLength);
      if (length === shortest) break;
      const prompt = this.#prompt(length);
      const over = tokensOf(prompt) - budget.maxTokens;
      if (over <= 0) return prompt;
      room -= over + room / 50;
    }
    return bare;
  }

  #prompt(length: number): Prompt {
    const { maxValueLength, comparedBy, write } = this.#options;
    const bounded = (weight: number): number => Math.min(maxValueLength, weight * length);
    return write(
      describeSelection({
        graph: this.#graph,
        parameters: this.#parameters,
        view: this.#view,
        texts: this.#texts,
        selection: this.#selection,
        lengthAt: (place) => bounded(this.#weightOf(place)),
        feedbackLength: weightOfEssential * length,
        sourceLength: bounded(1),
        comparedBy,
        omitted: this.#omitted(length),
      }),
    );
  }

  #weightOf(place: number): number {
    return this.#essential.has(place) ? weightOfEssential : 1;
  }

  /** All that is shorter or longer as there is room. */
  #sharedTexts(): readonly SharedText[] {
    const { groups, shown } = this.#selection;
    const shared: SharedText[] = [];
    for (const place of shown) shared.push({ ...this.#texts.at(place), weight: this.#weightOf(place) });
    for (const { leader, followers } of groups) {
      for (const run of [leader, ...followers]) {
        for (const { feedback } of run.sample.feedback) shared.push(this.#shared(feedback, weightOfEssential));
      }
      for (const run of followers) {
        for (const { other } of differences(leader, run, shown, this.#view, this.#texts)) {
          shared.push({ ...this.#texts.at(other), weight: 1 });
        }
      }
    }
    return [...shared, ...this.#sources()];
  }

  /** Descriptions and sources of operations, each once. */
  #sources(): readonly SharedText[] {
    const operations = new Set([...this.#selection.shown].map((place) => this.#view.nodeAt(place).operation));
    const sources = new Set([...operations].flatMap((made) => (made ? [made.description, made.source ?? ""] : [])));
    return [...sources].map((source) => this.#shared(source.slice(0, this.#options.maxValueLength), 1));
  }

  #shared(text: string, weight: number): SharedText {
    return { length: text.length, tokens: this.#options.budget.count(text), weight };
  }

  #omitted(length: number): readonly string[] {
    const { groups, dropped, lines } = this.#selection;
    const { attempts, maxValueLength } = this.#options;
    const samples = groups.reduce((sum, { followers }) => sum + 1 + followers.length, dropped.length);
    const hiddenOperations = lines.reduce<number>((sum, line) => sum + (typeof line === "number" ? 0 : line.hidden), 0);
    return leftOutTexts({
      droppedScores: dropped.map(({ score }) => score),
      outputs: samples,
      hiddenOperations,
      batchScores: batchScores(this.#graph.targets),
      droppedAttempts: attempts.all - attempts.told,
      attempts: attempts.all,
      valueLength: length < maxValueLength && this.#cuts(length) ? length : undefined,
    });
  }

  #cuts(length: number): boolean {
    return [...this.#selection.shown].some((place) => this.#texts.at(place).length > this.#weightOf(place) * length);
  }
}

const mostTries = 5;

/** What was scored as one and is told as many. */
function batchScores(targets: readonly TargetFeedback[]): readonly number[] {
  return targets.flatMap((one) => {
    const { score } = one.feedback;
    const isUnknown = score !== null && batchOf(one.target) === undefined;
    return isUnknown && batchSections(one) !== undefined ? [score] : [];
  });
}

/** What is told, and how long. */
export interface SelectionText {
  readonly graph: TraceGraph;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly view: GraphView;
  readonly texts: NodeTexts;
  readonly selection: Selection;
  /** Characters of the value at a place. */
  readonly lengthAt: (place: number) => number;
  /** Characters of what was said of an output. */
  readonly feedbackLength: number;
  /** Characters of descriptions and sources. */
  readonly sourceLength: number;
  readonly comparedBy: ObjectiveConfig | undefined;
  readonly omitted: readonly string[];
}

/** Writes down what was selected, with lines in the code that say where something is missing. */
function describeSelection(told: SelectionText): Problem {
  const { graph, parameters, view, texts, selection, lengthAt, feedbackLength, sourceLength, omitted } = told;
  const { groups, shown } = selection;
  const outputs = groups.map(({ leader }) => view.nodeAt(leader.sample.place));
  const placeOf = (node: Node): number => view.placeOf(node) as number;
  const writer = new ProblemWriter(graph, parameters, outputs, {
    maxValueLength: texts.maxLength,
    comparedBy: told.comparedBy,
    lengthOf: (node) => lengthAt(placeOf(node)),
    textOf: (node) => texts.at(placeOf(node)).text,
    maxSourceLength: sourceLength,
  });
  writeNodes(writer, view, selection);
  const feedback = groups.flatMap(({ leader }) => saidOf(leader, view, feedbackLength));
  const runs = new Map(
    groups.map(({ leader, followers }) => {
      const further = followers.map((run): FurtherRun => {
        const target = view.nodeAt(run.sample.place);
        const told = differences(leader, run, shown, view, texts).map(({ place, other }) => {
          return { node: view.nodeAt(other), name: writer.nameOf(view.nodeAt(place)) as string };
        });
        const values = writer.describeRun(told);
        return { target, values, feedback: saidOf(run, view, feedbackLength).map((said) => said.feedback) };
      });
      return [view.nodeAt(leader.sample.place), further] as const;
    }),
  );
  return writer.problem({ targets: feedback, runs, omitted });
}

function writeNodes(writer: ProblemWriter, view: GraphView, { lines }: Selection): void {
  for (const line of lines) {
    if (typeof line !== "number") writer.addGap(hiddenOperations(line.hidden), view.nodeAt(line.at));
    else if (view.roleAt(line) === "input") writer.addInput(view.nodeAt(line));
    else writer.addOperation(view.nodeAt(line));
  }
}

function saidOf({ sample }: Run, view: GraphView, maxLength: number): TargetFeedback[] {
  const target = view.nodeAt(sample.place);
  return sample.feedback.map((feedback) => ({ target, feedback: shortFeedback(feedback, maxLength) }));
}

function shortFeedback(feedback: Feedback, maxLength: number): Feedback {
  return { ...feedback, feedback: shorten(feedback.feedback, maxLength) };
}
