/**
 * Parameters and the feedback on outputs, as a language model reads them.
 *
 * @module
 */

import { describeDomain } from "../../graph/domain.ts";
import type { Parameter } from "../../graph/parameter.ts";
import type { TargetFeedback, TraceGraph } from "../../graph/trace-graph.ts";
import { isCodeParameter } from "../../graph/trainable-code.ts";
import { jsonSchemaOf } from "../../llm/structured/strict-schema.ts";
import type { ProblemFeedback, ProblemVariable } from "./problem.ts";
import { showValue } from "./show-value.ts";

/**
 * The variable with everything that is known of it.
 *
 * @param filled slots that the program was seen to fill, as they are written, besides those that the parameter has
 */
export function describeVariable(
  name: string,
  parameter: Parameter,
  value: unknown,
  filled: readonly string[] = [],
): ProblemVariable {
  const { description, constraint, maxLength } = parameter;
  const slots = [...parameter.placeholders.map((slot) => `{${slot}}`), ...filled];
  const notes = [
    ...(description === undefined ? [] : [`About: ${description}`]),
    ...schemaNote(parameter),
    ...(constraint === undefined ? [] : [`Constraint: ${constraint}`]),
    ...(typeof value === "string" && slots.length > 0 ? [`Keep in the text: ${slots.join(", ")}`] : []),
    ...(maxLength === undefined ? [] : [`At most ${maxLength} characters`]),
  ];
  return { name, value: variableText(value), type: describeType(parameter, value), notes };
}

/** The schema of a parameter in words that a model knows: JSON Schema; `undefined` where it says no more than the type does. */
export function schemaText({ schema }: Parameter): string | undefined {
  const described = schema === undefined ? undefined : jsonSchemaOf(schema);
  const says = Object.keys(described ?? {}).filter((keyword) => keyword !== "type");
  return says.length === 0 ? undefined : JSON.stringify(described);
}

function schemaNote(parameter: Parameter): string[] {
  const schema = schemaText(parameter);
  return schema === undefined ? [] : [`It must fit this JSON Schema: ${schema}`];
}

/** A variable's value as it is written in prompts and replies: a text as it is, everything else as JSON. */
export function variableText(value: unknown): string {
  const short = showValue(value);
  return short.length > longestLine ? showValue(value, 2) : short;
}

/** The values that a parameter may take, in words that say how they are written, too. */
export function describeType(parameter: Parameter, value: unknown = parameter.peek()): string {
  const { domain } = parameter;
  if (isCodeParameter(parameter)) return "code: a complete TypeScript program";
  if (domain === undefined) return howWritten(value);
  return domain.kind === "subset" ? `${describeDomain(domain)}, written as JSON` : describeDomain(domain);
}

const longestLine = 100;

function howWritten(value: unknown): string {
  if (value === null) return "any JSON value";
  if (Array.isArray(value)) return "a list, written as JSON";
  switch (typeof value) {
    case "string":
      return "text";
    case "boolean":
      return "true or false";
    case "number":
      return "a number";
    default:
      return "an object, written as JSON";
  }
}

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
