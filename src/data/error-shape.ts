/**
 * `errorChain`: what an error and its causes say of themselves, whichever library threw them.
 *
 * @module
 */

import { STATUS_CODES } from "node:http";
import { type ErrorBody, readErrorBody, readField, textOr } from "./error-body.ts";

/** One error, read once: an accessor that throws counts as a field that is missing. */
export interface ErrorShape {
  /** The error itself. */
  readonly error: object;
  /** Its `name` and the name of its class, which many libraries leave at odds. */
  readonly names: readonly string[];
  /** Its message; the provider's words where the client has found only the name of the status. */
  readonly message: string;
  /** HTTP status, 100 to 599. */
  readonly status: number | undefined;
  /** Codes of the system and the library, then those in the provider's body. */
  readonly codes: readonly string[];
  /** The status of a gRPC call, 1 to 16. */
  readonly grpcCode: number | undefined;
  /** The setting that the provider complains about, where its body names one. */
  readonly param: string | undefined;
  /** What was said to people: the message, then the words of the provider's body. */
  readonly words: readonly string[];
  /** What was written: the words, then the provider's body where it is text. */
  readonly texts: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  /** The address of the request. */
  readonly url: string | undefined;
  /** Whether the client says that the fault is not the request's: AWS's `$retryable` and `$fault`, node-fetch's `type`. */
  readonly isFaultOfServer: boolean;
}

/** More causes than this are a getter that makes new ones. */
const longestChain = 32;

/** The error, what the retries of the AI SDK ended with, and what it was caused by. Never throws. Empty for what is no object. */
export function errorChain(error: unknown): ErrorShape[] {
  const chain: ErrorShape[] = [];
  const seen = new Set<unknown>();
  for (let link = error; isObject(link) && !seen.has(link) && chain.length < longestChain; ) {
    seen.add(link);
    chain.push(shapeOf(link));
    const several = readField(link, "errors");
    link = readField(link, "lastError") ?? readField(link, "cause") ?? (Array.isArray(several) ? several.at(-1) : undefined);
  }
  return chain;
}

/** The first that a link of the chain has. */
export function firstOf<T>(chain: readonly ErrorShape[], readLink: (link: ErrorShape) => T | undefined): T | undefined {
  for (const link of chain) {
    const value = readLink(link);
    if (value !== undefined) return value;
  }
  return undefined;
}

function shapeOf(error: object): ErrorShape {
  const response = readField(error, "response");
  const written = [readField(error, "responseBody"), readField(response, "data"), readField(error, "body")];
  const bodies = [readField(error, "data"), readField(error, "error"), ...written].map(readErrorBody);
  const message = textOr(readField(error, "message")) ?? "";
  const said = bodies.find((body) => body.message !== undefined)?.message;
  const words = [...new Set([message, said].flatMap((text) => textOr(text) ?? []))];
  const codes = [...["code", "errno", "errorCode"].map((key) => readField(error, key)), ...bodies.flatMap((body) => body.codes)];
  const isHttp = isObject(response) || isObject(readField(error, "config")) || Array.isArray(readField(error, "errors"));
  const status = firstStatus([
    ...["statusCode", "status", "status_code", "httpStatusCode", "httpStatus"].map((key) => readField(error, key)),
    readField(readField(error, "$metadata"), "httpStatusCode"),
    readField(readField(error, "meta"), "statusCode"),
    readField(response, "status"),
    readField(response, "statusCode"),
    // Google's older clients give the status as the code; elsewhere such a number may be anything.
    ...(isHttp ? [readField(error, "code")] : []),
  ]);
  return {
    error,
    names: [
      ...new Set(
        [readField(error, "name"), readField(readField(error, "constructor"), "name")].flatMap((name) => textOr(name) ?? []),
      ),
    ],
    message: said !== undefined && isBare(message, status) ? said : message,
    status: statusOr(status, bodies),
    codes: [...codes, readField(error, "status")].flatMap((code) => textOr(code) ?? []),
    grpcCode: grpcCodeOf(error, message),
    param: bodies.map((body) => body.param).find((param) => param !== undefined),
    words,
    texts: [...words, ...written.flatMap((text) => textOr(text) ?? [])],
    headers: headersOf(readField(error, "responseHeaders")),
    url: textOr(readField(error, "url")),
    isFaultOfServer:
      Boolean(readField(error, "$retryable")) ||
      readField(error, "$fault") === "server" ||
      (readField(error, "name") === "FetchError" &&
        /^(system|(request|body)-timeout|aborted)$/.test(String(textOr(readField(error, "type"))))),
  };
}

/** Whether a message says no more than the status, or that somebody else has said something. */
function isBare(message: string, status: number | undefined): boolean {
  const text = message.replace(/^\d{3}\s*/, "").trim();
  return text === "" || text === STATUS_CODES[status ?? 0] || /^(?:Provider returned error|Invalid JSON response)$/.test(text);
}

/** A router may pass on the failure of a provider with status 200. */
function statusOr(status: number | undefined, bodies: readonly ErrorBody[]): number | undefined {
  if (status !== 200) return status;
  return bodies.map((body) => body.status).find((inner) => inner !== undefined) ?? status;
}

/** A whole number is the status of a gRPC call only on an error that has the rest of one, too. */
function grpcCodeOf(error: object, message: string): number | undefined {
  const code = readField(error, "code");
  if (!Number.isInteger(code) || (code as number) < 1 || (code as number) > 16) return undefined;
  const isGrpc =
    ["details", "rawMessage"].some((key) => typeof readField(error, key) === "string") ||
    isObject(readField(error, "metadata")) ||
    /^(\d+ |\[)[A-Za-z_]{5,}[:\]] /.test(message);
  return isGrpc ? (code as number) : undefined;
}

function firstStatus(values: readonly unknown[]): number | undefined {
  return values
    .map((value) => (typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value))
    .find((value): value is number => typeof value === "number" && value >= 100 && value < 600);
}

function headersOf(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  try {
    return Object.fromEntries(Object.entries(value).filter(([, text]) => typeof text === "string"));
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" || typeof value === "function") && value !== null;
}
