/**
 * What scorers of other libraries return, as feedback.
 *
 * @module
 */
import { type Feedback, toFeedback } from "../../data/feedback.ts";
import { isPlainObject, shorten, textOf } from "../../data/json.ts";
import { InfrastructureError, isInfrastructureError, UnusableAnswerError } from "../../errors.ts";

/**
 * Reads the result of a scorer: a number or a boolean, `null` for no score, or objects with a score in `score`, `value` or `pass`, alone or in a list.
 *
 * @throws InfrastructureError when the result reports that its judge failed
 * @throws UnusableAnswerError when it reports any other error
 * @throws InvalidArgumentError when there is no score in it
 */
export function scorerFeedback(result: unknown): Feedback {
  if (result === null) return unscored;
  if (!Array.isArray(result)) return toFeedback(plainResult(result), "the scorer", { allowsOthers: true });
  const scored = result.filter((one) => one !== null).map(plainResult);
  if (scored.length === 0) return unscored;
  return toFeedback(scored, "the scorer", { allowsOthers: true });
}

const unscored: Feedback = { score: null, feedback: "" };

/** One result in the form that guides return. */
function plainResult(result: unknown): unknown {
  if (!isObject(result) || Array.isArray(result)) return result;
  refuseFailure(result);
  const { notScorable, metadata, pass, namedScores, componentResults } = result;
  if (notScorable !== undefined && notScorable !== null && notScorable !== false) {
    return { score: null, feedback: isObject(notScorable) && typeof notScorable.reason === "string" ? notScorable.reason : "" };
  }
  // A copy, because some libraries return instances of their own classes.
  const plain: Record<string, unknown> = { ...result };
  if (!("score" in plain) && !("value" in plain) && typeof pass === "boolean") plain.score = pass;
  if (isPlainObject(namedScores) && Object.keys(namedScores).length > 0) plain.scores = namedScores;
  if (Array.isArray(componentResults) && componentResults.length > 0) plain.feedback = reasonsOf(componentResults);
  if (Array.isArray(metadata)) plain.metadata = statementsOf(metadata);
  return plain;
}

/** A judge that failed has not scored the answer, whatever number the library reports. */
function refuseFailure(result: Record<string, unknown>): void {
  const { metadata, componentResults, error } = result;
  if ((isObject(metadata) && metadata.graderError === true) || hasNoVerdict(result)) {
    throw new InfrastructureError(`The judge of the scorer failed: ${shorten(textOf(result.reason ?? ""), 500)}`);
  }
  if (Array.isArray(componentResults)) for (const one of componentResults) if (isObject(one)) refuseFailure(one);
  if (error === undefined || error === null || error === "") return;
  const text = error instanceof Error ? error.message : shorten(textOf(error), 500);
  if (isInfrastructureError(error)) throw new InfrastructureError(`The scorer failed: ${text}`, { cause: error });
  throw new UnusableAnswerError(`The scorer failed: ${text}`, { cause: error });
}

/** Some assertions of promptfoo report the error of their judge as the reason of a failure, with no tokens used. */
function hasNoVerdict({ pass, score, reason, tokensUsed }: Record<string, unknown>): boolean {
  if (pass !== false || score !== 0 || typeof reason !== "string") return false;
  return isObject(tokensUsed) && tokensUsed.total === 0 && judgeError.test(reason);
}

/** How the errors of promptfoo's providers begin. */
const judgeError = /^(?:API (?:call |response )?error|Rate limit|Request timed out|No output\b)/i;

/** The reasons of the assertions of promptfoo: what failed first. */
function reasonsOf(results: readonly unknown[]): string {
  const all = results.filter(isObject);
  const [passed, failed] = [all.filter(({ pass }) => pass === true), all.filter(({ pass }) => pass !== true)];
  return [...failed, ...passed].flatMap(({ reason }) => (typeof reason === "string" && reason !== "" ? [reason] : [])).join("\n");
}

/** The verdicts on the statements of an answer, as evalite lists them, a line each. */
function statementsOf(list: readonly unknown[]): string {
  return list.map((one) => (isObject(one) ? statementOf(one) : textOf(one))).join("\n");
}

function statementOf({ statement, reason, verdict, ...others }: Record<string, unknown>): string {
  if (statement === undefined) return textOf({ ...others, ...(reason === undefined ? {} : { reason }) });
  const judged = verdict === undefined ? "" : ` (${textOf(verdict)})`;
  return `${textOf(statement)}${judged}${reason === undefined ? "" : `: ${textOf(reason)}`}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/**
 * What a scorer that throws means: an outage, a judge whose verdict cannot be read, or, for everything else, a mistake in the scorer.
 *
 * @returns the error to throw
 */
export function scorerFailure(error: unknown): unknown {
  if (isInfrastructureError(error) || !(error instanceof Error)) return error;
  if (!unreadableVerdict.test(error.message)) return error;
  return new UnusableAnswerError(`The judge of the scorer gave no usable verdict: ${error.message}`, { cause: error });
}

/** What autoevals throws when a model has not called the function by which it is to choose, or chose something else. */
const unreadableVerdict =
  /^(?:No tool calls in response|Unexpected tool call(?: type)?|Unknown score choice .*|Empty response from OpenAI)$/s;
