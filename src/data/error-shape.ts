/**
 * `errorChain`: what an error and its causes say of themselves, whichever library threw them.
 *
 * @module
 */

import { STATUS_CODES } from "node:http";
import { type ErrorBody, readErrorBody } from "./error-body.ts";

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
    const several = read(link, "errors");
    link = read(link, "lastError") ?? read(link, "cause") ?? (Array.isArray(several) ? several.at(-1) : undefined);
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
  const response = read(error, "response");
  const written = [read(error, "responseBody"), read(response, "data"), read(error, "body")];
  const bodies = [read(error, "data"), read(error, "error"), ...written].map(readErrorBody);
  const message = textOr(read(error, "message")) ?? "";
  const said = bodies.find((body) => body.message !== undefined)?.message;
  const words = [...new Set([message, said].flatMap((text) => textOr(text) ?? []))];
  const codes = [...["code", "errno", "errorCode"].map((key) => read(error, key)), ...bodies.flatMap((body) => body.codes)];
  const isHttp = isObject(response) || isObject(read(error, "config")) || Array.isArray(read(error, "errors"));
  const status = firstStatus([
    ...["statusCode", "status", "status_code", "httpStatusCode", "httpStatus"].map((key) => read(error, key)),
    read(read(error, "$metadata"), "httpStatusCode"),
    read(read(error, "meta"), "statusCode"),
    read(response, "status"),
    read(response, "statusCode"),
    // Google's older clients give the status as the code; elsewhere such a number may be anything.
    ...(isHttp ? [read(error, "code")] : []),
  ]);
  return {
    error,
    names: [...new Set([read(error, "name"), read(read(error, "constructor"), "name")].flatMap((name) => textOr(name) ?? []))],
    message: said !== undefined && isBare(message, status) ? said : message,
    status: statusOr(status, bodies),
    codes: [...codes, read(error, "status")].flatMap((code) => textOr(code) ?? []),
    grpcCode: grpcCodeOf(error, message),
    param: bodies.map((body) => body.param).find((param) => param !== undefined),
    words,
    texts: [...words, ...written.flatMap((text) => textOr(text) ?? [])],
    headers: headersOf(read(error, "responseHeaders")),
    url: textOr(read(error, "url")),
    isFaultOfServer:
      Boolean(read(error, "$retryable")) ||
      read(error, "$fault") === "server" ||
      (read(error, "name") === "FetchError" &&
        /^(system|(request|body)-timeout|aborted)$/.test(String(textOr(read(error, "type"))))),
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
  const code = read(error, "code");
  if (!Number.isInteger(code) || (code as number) < 1 || (code as number) > 16) return undefined;
  const isGrpc =
    ["details", "rawMessage"].some((key) => typeof read(error, key) === "string") ||
    isObject(read(error, "metadata")) ||
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

function textOr(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function read(owner: unknown, key: string): unknown {
  if (!isObject(owner)) return undefined;
  try {
    return (owner as Readonly<Record<string, unknown>>)[key];
  } catch {
    return undefined;
  }
}
