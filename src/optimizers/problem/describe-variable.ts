/**
 * A parameter as a language model reads it: its value in full, what it means, and the rules its values keep.
 *
 * @module
 */
import { isCodeParameter } from "../../graph/code-parameter.ts";
import { describeDomain } from "../../graph/domain.ts";
import type { Parameter } from "../../graph/parameter.ts";
import type { ProblemVariable } from "./problem.ts";
import { showValue } from "./show-value.ts";

/** The variable with everything that is known of it. */
export function describeVariable(name: string, parameter: Parameter, value: unknown): ProblemVariable {
  const { description, constraint, placeholders, maxLength } = parameter;
  const notes = [
    ...(description === undefined ? [] : [`About: ${description}`]),
    ...(constraint === undefined ? [] : [`Constraint: ${constraint}`]),
    ...(typeof value === "string" && placeholders.length > 0 ? [`Keep in the text: ${slots(placeholders)}`] : []),
    ...(maxLength === undefined ? [] : [`At most ${maxLength} characters`]),
  ];
  return { name, value: variableText(value), type: describeType(parameter, value), notes };
}

/** A variable's value as it is written in prompts and replies: a text as it is, everything else as JSON. */
export function variableText(value: unknown): string {
  const short = showValue(value);
  return short.length > longestLine ? showValue(value, 2) : short;
}

/** The values that a parameter may take, in words that say how they are written, too. */
export function describeType(parameter: Parameter, value: unknown = parameter.peek()): string {
  const { domain } = parameter;
  if (isCodeParameter(parameter)) return "code, a whole TypeScript program";
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

function slots(placeholders: readonly string[]): string {
  return placeholders.map((slot) => `{${slot}}`).join(", ");
}
