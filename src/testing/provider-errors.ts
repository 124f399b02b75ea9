/**
 * Errors as the AI SDK throws them when a provider fails, made without the AI SDK.
 *
 * @module
 */

/**
 * The error of a provider that answered with an HTTP status: `APICallError.isInstance` of the AI SDK holds for it, and
 * the AI SDK makes the call again where it would for a real one (408, 409, 429, 5xx).
 *
 * @example
 * const model = scriptedModel(({ index }) => {
 *   if (index === 0) throw httpError(429, "Slow down", { "retry-after-ms": "1" });
 *   return "Fine.";
 * });
 */
export function httpError(
  status: number,
  message: string = `The server answered with status ${status}`,
  headers: Readonly<Record<string, string>> = {},
): Error {
  const isRetryable = status === 408 || status === 409 || status === 429 || status >= 500;
  const responseBody = JSON.stringify({ error: { message, type: null, code: null } });
  return callError(message, { statusCode: status, responseHeaders: headers, responseBody, isRetryable });
}

/**
 * The error of a call that never got an answer, as the AI SDK reports it; its cause has the code.
 *
 * @param code as Node names it: `ECONNREFUSED`, `ECONNRESET`, `ENOTFOUND`, `ETIMEDOUT`, `UND_ERR_SOCKET`, …
 */
export function networkError(code: string): Error {
  const cause = Object.assign(new Error(`connect ${code}`), { code });
  return callError(`Cannot connect to API: ${cause.message}`, { cause, isRetryable: true });
}

function callError(message: string, fields: object): Error {
  const error = Object.assign(new Error(message), { url: "http://scripted.test/v1", requestBodyValues: {}, ...fields });
  // By these marks the AI SDK knows its own errors, also those of another copy of it.
  for (const mark of ["vercel.ai.error", "vercel.ai.error.AI_APICallError"]) {
    Object.defineProperty(error, Symbol.for(mark), { value: true });
  }
  return Object.defineProperty(error, "name", { value: "AI_APICallError" });
}
