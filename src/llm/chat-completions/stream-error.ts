/**
 * `streamError`: an error that a server reports in a stream, as if it had refused the request.
 *
 * @module
 */
import { apiCallError, type FailedCall, isRetried } from "./sdk-error.ts";

/** What a server says of a failure. */
export interface ErrorFrame {
  readonly error: { readonly message: string; readonly type?: string | null; readonly code?: string | number | null };
}

/** An `APICallError` with the status that the words of the server stand for. */
export function streamError(
  { error }: ErrorFrame,
  call: Pick<FailedCall, "url" | "requestBodyValues" | "responseHeaders">,
): Error {
  const statusCode = statusOf(error);
  const isSpent = error.code === "insufficient_quota" || error.type === "insufficient_quota";
  return apiCallError(error.message, {
    ...call,
    statusCode,
    responseBody: JSON.stringify(error),
    data: error,
    isRetryable: !isSpent && isRetried(statusCode),
  });
}

/** Statuses by what the words of an error hold, the first that fits. */
const statuses: readonly (readonly [RegExp, number])[] = [
  [/insufficient_quota|rate_limit/, 429],
  [/authentication/, 401],
  [/permission/, 403],
  [/not_found/, 404],
  [/invalid|bad_request|context_length/, 400],
  [/overload/, 503],
  [/timeout/, 504],
];

function statusOf({ code, type }: ErrorFrame["error"]): number {
  const number = typeof code === "string" && /^\d{3}$/.test(code) ? Number(code) : code;
  if (typeof number === "number" && Number.isInteger(number) && number >= 400 && number <= 599) return number;
  const words = `${code ?? ""} ${type ?? ""}`.toLowerCase();
  return statuses.find(([pattern]) => pattern.test(words))?.[1] ?? 500;
}
