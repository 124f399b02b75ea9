/**
 * Feedback: what a guide says of one answer, and the short forms it may be given in.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { describeValue, isPlainObject } from "./json.ts";

/**
 * What a guide says of one answer.
 *
 * `score`: higher is better, any finite unit; `null` when the answer could not be scored.
 * `feedback`: words for the optimizer. `scores`: further named metrics.
 */
export interface Feedback {
  readonly score: number | null;
  readonly feedback: string;
  readonly scores?: Readonly<Record<string, number>>;
}

/** What a guide given as a plain function may return. */
export type FeedbackLike = Feedback | readonly [score: number | boolean | null, feedback: string] | number | boolean;

/**
 * Turns any of the short forms into a `Feedback`: a number or boolean is a score without words.
 *
 * @throws InvalidArgumentError for anything else, and for a score that is NaN or infinite.
 */
export function toFeedback(value: unknown, source = "the guide"): Feedback {
  if (typeof value === "number" || typeof value === "boolean") return check({ score: Number(value), feedback: "" }, source);
  if (Array.isArray(value) && value.length === 2) {
    const [score, feedback] = value as [unknown, unknown];
    return check({ score: typeof score === "boolean" ? Number(score) : score, feedback }, source);
  }
  if (isPlainObject(value) && "score" in value) {
    const { score, feedback = "", scores } = value;
    return check(
      { score: typeof score === "boolean" ? Number(score) : score, feedback, ...(scores === undefined ? {} : { scores }) },
      source,
    );
  }
  throw new InvalidArgumentError(
    `Expected ${source} to return { score, feedback }, [score, feedback], a number or a boolean, got ${describeValue(value)}`,
  );
}

function check(candidate: { score: unknown; feedback: unknown; scores?: unknown }, source: string): Feedback {
  const { score, feedback, scores } = candidate;
  if (score !== null && !(typeof score === "number" && Number.isFinite(score))) {
    throw new InvalidArgumentError(`Expected ${source} to give a finite score or null, got ${describeValue(score)}`);
  }
  if (typeof feedback !== "string") {
    throw new InvalidArgumentError(`Expected ${source} to give its feedback as a string, got ${describeValue(feedback)}`);
  }
  if (scores !== undefined) {
    const entries = isPlainObject(scores) ? Object.entries(scores) : [["scores", scores] as const];
    for (const [name, metric] of entries) {
      if (typeof metric !== "number" || !Number.isFinite(metric)) {
        throw new InvalidArgumentError(`Expected ${source} to give finite \`scores\`, got ${name} = ${describeValue(metric)}`);
      }
    }
    return { score, feedback, scores: scores as Readonly<Record<string, number>> };
  }
  return { score, feedback };
}
