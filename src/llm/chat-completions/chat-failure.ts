/**
 * What goes wrong between a request and its completion, in the errors of the AI SDK.
 *
 * @module
 */
import { isPlainObject } from "../../data/json.ts";
import type { JsonResponse } from "../http/json-endpoint.ts";
import { apiCallError, type FailedCall, sdkError } from "./sdk-error.ts";
import type { ErrorFrame } from "./stream-error.ts";

/** The request that failed. */
export type AboutCall = Pick<FailedCall, "url" | "requestBodyValues">;

/** A response with an error status, as the server words it. */
export async function refusal(response: JsonResponse, about: AboutCall): Promise<Error> {
  const { status: statusCode, statusText, headers: responseHeaders } = response;
  const failed = { ...about, statusCode, responseHeaders };
  let responseBody: string;
  try {
    responseBody = await response.text();
  } catch (cause) {
    return isAbort(cause) ? (cause as Error) : failedReading("Failed to process error response", cause, failed);
  }
  const data = errorFrame(parsed(responseBody).value);
  return apiCallError(data?.error.message ?? statusText, { ...failed, responseBody, data });
}

/** An error as the protocol has it; `undefined` for anything else. */
export function errorFrame(value: unknown): ErrorFrame | undefined {
  if (!isPlainObject(value) || !isPlainObject(value.error)) return undefined;
  const { message, type, code } = value.error;
  const isKnown = typeof message === "string" && isTextOrNone(type) && (typeof code === "number" || isTextOrNone(code));
  return isKnown ? (value as unknown as ErrorFrame) : undefined;
}

/** An error in place of a completion, or beside one that is not whole: in the reply, or in its choice. */
export function errorIn(value: unknown): ErrorFrame | undefined {
  if (!isPlainObject(value)) return undefined;
  const [choice] = Array.isArray(value.choices) ? (value.choices as readonly unknown[]) : [];
  return errorFrame(value) ?? errorFrame(choice);
}

/** No response came. @param error what the client threw */
export function unreached(error: unknown, about: AboutCall): unknown {
  if (isAbort(error)) return error;
  const { message, cause } = error as { readonly message?: unknown; readonly cause?: { readonly message?: unknown } };
  if (
    error instanceof TypeError &&
    /^(?:fetch failed|failed to fetch)$/i.test(error.message) &&
    (cause ?? undefined) !== undefined
  ) {
    return apiCallError(`Cannot connect to API: ${cause?.message}`, { ...about, cause, isRetryable: true });
  }
  if (!isNetworkFailure(error)) return error;
  return apiCallError(`Cannot connect to API: ${message}`, { ...about, cause: error, isRetryable: true });
}

/** The body of a response with a good status ended early. */
export function cutOff(cause: unknown, response: JsonResponse, about: AboutCall): unknown {
  if (isAbort(cause)) return cause;
  const { status: statusCode, headers: responseHeaders } = response;
  return failedReading("Failed to process successful response", cause, { ...about, statusCode, responseHeaders });
}

/** A body that is no completion. @param problem what it is */
export function noCompletion(problem: string, text: string, response: JsonResponse, about: AboutCall): Error {
  return unreadable(notValid(problem, text), text, response, about);
}

/** A body that is no completion. @param cause why */
export function unreadable(cause: Error, text: string, response: JsonResponse, about: AboutCall): Error {
  const { status: statusCode, headers: responseHeaders } = response;
  return apiCallError("Invalid JSON response", { ...about, statusCode, responseHeaders, responseBody: text, cause });
}

/** What could not be read of a reply. */
export function notValid(problem: string, text: string): Error {
  return sdkError("AI_TypeValidationError", `Expected a chat completion, but ${problem}`, { value: text });
}

/** JSON, or why it is none. */
export function parsed(text: string): { readonly value?: unknown; readonly problem?: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: `the reply is no JSON (${(error as Error).message})` };
  }
}

function failedReading(message: string, cause: unknown, failed: FailedCall): Error {
  return apiCallError(message, { ...failed, cause, ...(isNetworkFailure(cause) ? { isRetryable: true } : {}) });
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && /^(?:AbortError|ResponseAborted|TimeoutError)$/.test(error.name);
}

const networkCode =
  /^(?:ConnectionRefused|ConnectionClosed|FailedToOpenSocket|ECONNRESET|ECONNREFUSED|ETIMEDOUT|EPIPE|UND_ERR_(?:SOCKET|HEADERS_TIMEOUT|BODY_TIMEOUT|CONNECT_TIMEOUT))$/;

function isNetworkFailure(error: unknown): boolean {
  const seen = new Set<unknown>();
  for (let link = error; link instanceof Error && !seen.has(link); link = link.cause) {
    seen.add(link);
    const { code } = link as { readonly code?: unknown };
    if (typeof code === "string" && networkCode.test(code)) return true;
  }
  return false;
}

function isTextOrNone(value: unknown): boolean {
  return value === undefined || value === null || typeof value === "string";
}
