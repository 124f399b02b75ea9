/**
 * From what was selected of a trace graph to the problem that a language model is given.
 *
 * @module
 */
import type { Feedback } from "../../data/feedback.ts";
import { shorten } from "../../data/json.ts";
import type { Node } from "../../graph/node.ts";
import type { Parameter } from "../../graph/parameter.ts";
import type { TargetFeedback, TraceGraph } from "../../graph/trace-graph.ts";
import { describeFeedback } from "../problem/describe-feedback.ts";
import type { Problem, ProblemRun, ProblemRuns } from "../problem/problem.ts";
import { ProblemWriter } from "../problem/problem-writer.ts";
import { hiddenOperations } from "../prompts/left-out-prompt.ts";
import { differences } from "./differences.ts";
import type { GraphView } from "./graph-view.ts";
import type { NodeTexts } from "./node-texts.ts";
import type { Run } from "./runs.ts";
import type { RunGroup, Selection } from "./select-nodes.ts";

/** What is told, and how long. */
export interface SelectionText {
  readonly graph: TraceGraph;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly view: GraphView;
  readonly texts: NodeTexts;
  readonly selection: Selection;
  /** Characters of the value at a place. */
  readonly lengthAt: (place: number) => number;
  /** Characters of what was said of a run's output. */
  readonly feedbackLength: (run: Run) => number;
  /** Characters of descriptions and sources. */
  readonly sourceLength: number;
  readonly omitted: readonly string[];
}

/** Writes down what was selected, with lines in the code that say where something is missing. */
export function describeSelection(told: SelectionText): Problem {
  const { graph, parameters, view, texts, selection, lengthAt, feedbackLength, sourceLength, omitted } = told;
  const { groups, shown } = selection;
  const outputs = groups.map(({ leader }) => view.nodeAt(leader.sample.place));
  const placeOf = (node: Node): number => view.placeOf(node) as number;
  const writer = new ProblemWriter(graph, parameters, outputs, {
    maxValueLength: texts.maxLength,
    lengthOf: (node) => lengthAt(placeOf(node)),
    textOf: (node) => texts.at(placeOf(node)).text,
    maxSourceLength: sourceLength,
  });
  writeNodes(writer, view, selection);
  const feedback = groups.flatMap(({ leader }) => saidOf(leader, view, feedbackLength(leader)));
  const runs = groups
    .filter(({ followers }) => followers.length > 0)
    .map((group): ProblemRuns => {
      const nameOf = (place: number): string => writer.nameOf(view.nodeAt(place)) as string;
      const tell = (run: Run): ProblemRun => ({
        values: differences(group.leader, run, shown, view, texts).map(({ place, other }) =>
          writer.describe(view.nodeAt(other), nameOf(place)),
        ),
        feedback: saidOf(run, view, feedbackLength(run)).map((said) => describeFeedback(said, nameOf(outputOf(group)))),
      });
      return { of: nameOf(outputOf(group)), runs: group.followers.map(tell) };
    });
  return writer.problem({ targets: feedback, runs, omitted });
}

function writeNodes(writer: ProblemWriter, view: GraphView, { lines }: Selection): void {
  for (const line of lines) {
    if (typeof line !== "number") writer.addGap(hiddenOperations(line.hidden));
    else if (view.roleAt(line) === "input") writer.addInput(view.nodeAt(line));
    else writer.addOperation(view.nodeAt(line));
  }
}

function outputOf({ leader }: RunGroup): number {
  return leader.sample.place;
}

function saidOf({ sample }: Run, view: GraphView, maxLength: number): TargetFeedback[] {
  const target = view.nodeAt(sample.place);
  return sample.feedback.map((feedback) => ({ target, feedback: shortFeedback(feedback, maxLength) }));
}

function shortFeedback(feedback: Feedback, maxLength: number): Feedback {
  return { ...feedback, feedback: shorten(feedback.feedback, maxLength) };
}
