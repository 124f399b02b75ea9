/**
 * The outcome of a rollout as an executor returns it, which may be anybody's, checked before it counts.
 *
 * @module
 */
import { describeValue, isPlainObject } from "../data/json.ts";
import { ConfigurationError } from "../errors.ts";
import type { RolloutOutcome } from "./executor.ts";

/** What scores there can be. */
export interface OutcomeScale {
  /** The lowest and the highest score that the guide declares. */
  readonly scoreRange: readonly [lowest: number, highest: number] | undefined;
  /** Score given when the agent throws; it may be outside the range. */
  readonly failureScore: number | null;
}

/** @throws ConfigurationError when it is not an outcome, or has a score that the guide cannot have given */
export function checkedOutcome(outcome: unknown, scale: OutcomeScale): RolloutOutcome {
  if (!isPlainObject(outcome) || !(statuses as readonly unknown[]).includes(outcome.status) || !Array.isArray(outcome.events)) {
    throw new ConfigurationError(
      `Expected the executor to return the outcome of a rollout, as \`performTask\` does, got ${describeValue(outcome)}`,
    );
  }
  const objection = isFinished(outcome) ? finishedObjection(outcome, scale) : causeObjection(outcome.cause);
  if (objection === undefined) return outcome as unknown as RolloutOutcome;
  throw new ConfigurationError(
    `Expected the executor to return ${objection} in the outcome of a rollout that is \`${outcome.status}\``,
  );
}

const statuses: readonly RolloutOutcome["status"][] = ["scored", "failed", "unscored", "thrown"];

type Fields = Readonly<Record<string, unknown>>;

function isFinished({ status }: Fields): boolean {
  return status === "scored" || status === "failed";
}

/** What was expected instead of what came, as the end of a sentence. */
function finishedObjection(outcome: Fields, { scoreRange, failureScore }: OutcomeScale): string | undefined {
  const { status, score, scores, error, cause } = outcome;
  if (score !== null && !isFiniteNumber(score)) return `a finite \`score\` or null, got ${describeValue(score)},`;
  const isFailureScore = status === "failed" && score === failureScore;
  if (score !== null && scoreRange !== undefined && !isFailureScore && (score < scoreRange[0] || score > scoreRange[1])) {
    return `a \`score\` from ${scoreRange[0]} to ${scoreRange[1]}, as the \`scoreRange\` of the guide says, got ${score},`;
  }
  if (scores !== undefined && !(isPlainObject(scores) && Object.values(scores).every(isFiniteNumber))) {
    return `finite numbers as \`scores\`, got ${describeValue(scores)},`;
  }
  if (outcome.result === undefined) return "a `result`, got none,";
  if ((status === "failed") !== (typeof error === "string")) {
    return status === "failed" ? `the \`error\` of the agent as text, got ${describeValue(error)},` : "no `error`, got one";
  }
  return cause === undefined ? undefined : causeObjection(cause);
}

function causeObjection(cause: unknown): string | undefined {
  const isWritten = isPlainObject(cause) && isPlainObject(cause.fields) && [cause.name, cause.message].every(isText);
  return isWritten ? undefined : `an error as \`writeError\` writes it as \`cause\`, got ${describeValue(cause)},`;
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
