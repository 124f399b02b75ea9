/**
 * Textual gradients: what is to change about a value so that the outputs get better, and where that was said.
 *
 * @module
 */
import type { Node } from "../../graph/node.ts";
import { isFlawless, type TargetFeedback, type TraceGraph } from "../../graph/trace-graph.ts";
import { batchSections } from "../problem/describe-examples.ts";
import { describeFeedback } from "../problem/describe-variable.ts";

/** One piece of criticism of a value. */
export interface TextGradient {
  readonly text: string;
  /** The operation that the value went into; nothing when it was said of the value itself. */
  readonly from?: string | undefined;
  readonly score?: string | undefined;
  /** Further metrics, as text. */
  readonly scores?: string | undefined;
}

/** What was said of targets themselves, by node; what says nothing, or that there is nothing to improve, is left out. What was said of the examples of a batch is theirs. */
export function directGradients(graph: TraceGraph): ReadonlyMap<Node, readonly TextGradient[]> {
  const direct = new Map<Node, TextGradient[]>();
  for (const said of graph.targets.flatMap(examplesOf)) {
    const { score, scores, text } = describeFeedback(said, "");
    if ((score === undefined && text.trim() === "") || isFlawless(said)) continue;
    direct.set(said.target, [...(direct.get(said.target) ?? []), { text: text.trim(), score, scores }]);
  }
  return direct;
}

/** A batch of which only its score is known stays whole. */
function examplesOf(said: TargetFeedback): readonly TargetFeedback[] {
  const sections = batchSections(said) ?? [];
  return sections.some(({ feedback }) => feedback.feedback !== "") ? sections : [said];
}

/** Several pieces as one: the same criticism is told once. */
export function merged(gradients: readonly TextGradient[]): readonly TextGradient[] {
  const different = new Map(gradients.map((gradient) => [[gradient.text, gradient.from, gradient.score].join("\0"), gradient]));
  return [...different.values()];
}
