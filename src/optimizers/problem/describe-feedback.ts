/**
 * What was said of an output, as a language model reads it.
 *
 * @module
 */
import type { TargetFeedback, TraceGraph } from "../../graph/trace-graph.ts";
import type { ProblemFeedback } from "./problem.ts";

/** The feedback on the output of that name. */
export function describeFeedback({ feedback }: TargetFeedback, target: string): ProblemFeedback {
  const { score, scores = {}, feedback: text } = feedback;
  const metrics = Object.entries(scores).map(([metric, value]) => `${metric} ${value}`);
  return {
    target,
    score: score === null ? undefined : String(score),
    scores: metrics.length === 0 ? undefined : metrics.join(", "),
    text,
  };
}

/** Whether anything was said that can be learned from: a score or a word. */
export function saysSomething(graph: TraceGraph): boolean {
  return graph.targets.some(({ feedback }) => feedback.score !== null || feedback.feedback.trim() !== "");
}

/** All that was said, as one score (the mean) and one text. */
export function summary(graph: TraceGraph): { readonly score: number | null; readonly feedback: string } {
  const { targets } = graph;
  const scores = targets.flatMap(({ feedback }) => (feedback.score === null ? [] : [feedback.score]));
  return {
    score: scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length,
    feedback: targets.map(({ feedback }) => feedback.feedback).join("\n"),
  };
}
