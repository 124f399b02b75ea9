/**
 * Errors in the shape of those of the AI SDK, so that whoever knows these knows them.
 *
 * @module
 */

/** The HTTP part of an error. */
export interface FailedCall {
  readonly url: string;
  /** The body of the request, as an object. */
  readonly requestBodyValues: unknown;
  readonly statusCode?: number | undefined;
  readonly responseHeaders?: Readonly<Record<string, string>> | undefined;
  readonly responseBody?: string | undefined;
  /** What the body says, where it can be read. */
  readonly data?: unknown;
  readonly cause?: unknown;
  /** @default by the status: 408, 409, 429, and 500 or more */
  readonly isRetryable?: boolean | undefined;
}

/** An `APICallError`: `APICallError.isInstance` of the AI SDK holds for it. */
export function apiCallError(message: string, failed: FailedCall): Error {
  const { statusCode } = failed;
  return sdkError("AI_APICallError", message, { ...failed, isRetryable: failed.isRetryable ?? isRetried(statusCode) });
}

/** @param name `AI_InvalidResponseDataError`, for example */
export function sdkError(name: string, message: string, fields: object = {}): Error {
  const error = new Error(message);
  for (const mark of ["vercel.ai.error", `vercel.ai.error.${name}`]) {
    Object.defineProperty(error, Symbol.for(mark), { value: true });
  }
  Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  return Object.assign(error, fields);
}

/** For what the protocol has no words for. */
export function unsupported(functionality: string): Error {
  const message = `'${functionality}' functionality not supported.`;
  return sdkError("AI_UnsupportedFunctionalityError", message, { functionality });
}

/** Whether a request with this status is worth another attempt. */
export function isRetried(status: number | undefined): boolean {
  return status !== undefined && (status === 408 || status === 409 || status === 429 || status >= 500);
}
