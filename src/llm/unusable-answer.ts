/**
 * `unusableAnswer`: whether an error means that a model was asked and nothing can be made of its answer.
 *
 * @module
 */
import { refusesContent } from "../data/content-refusal.ts";
import { type ErrorShape, errorChain } from "../data/error-shape.ts";
import { isInfrastructureError, isSetUpError, OptoError } from "../errors.ts";
import { callFailure } from "./call-failure.ts";

/**
 * Why there is no usable answer: the provider refused this very prompt (filtered, too long, invalid), or the reply could not be
 * read. `undefined` for every other error: outages, a wrong set-up, a bug of the program. Another prompt may well be answered.
 */
export function unusableAnswer(error: unknown): string | undefined {
  if (isSetUpError(error)) return undefined;
  const chain = errorChain(error);
  // A body that cannot be read is the server's, a text that cannot be read the model's.
  const unread = chain.some(({ names }) => names.includes("AI_APICallError")) ? undefined : chain.find(isUnreadable);
  if (unread !== undefined) return unread.message;
  const { kind, reason } = callFailure(error, 0);
  return kind === "refused" && chain.some(isRefusedPrompt) ? reason : undefined;
}

/**
 * Whether an error shows that the answers on the way to it are of no use: another process had better ask again. Not so for
 * what ends a run from outside, and where something else than an answer was missing.
 */
export function spoilsAnswers(error: unknown): boolean {
  if (unusableAnswer(error) !== undefined) return true;
  if (isSetUpError(error)) return false;
  return errorChain(error).every(({ error: link, codes }) => {
    if (OptoError.isInstance(link)) return !codes.includes("stopped");
    return !isInfrastructureError(link);
  });
}

/** Errors of opto and of the AI SDK about the text of a reply. */
function isUnreadable({ codes, names }: ErrorShape): boolean {
  return codes.includes("output-parse") || names.some((name) => unreadableNames.test(name));
}

const unreadableNames = /^AI_(NoObjectGenerated|NoOutputGenerated|NoContentGenerated|JSONParse|TypeValidation)Error$/;

/** With the status of a request that is refused for what it says. */
function isRefusedPrompt(shape: ErrorShape): boolean {
  const { status } = shape;
  // Limits for the size of one request have the status of rate limits.
  return status !== undefined && (refusals.has(status) || refusesContent(shape));
}

const refusals: ReadonlySet<number> = new Set([400, 413, 414, 422, 429]);
