/**
 * `errorChain`: what an error and its causes say of themselves, whichever library threw them.
 *
 * @module
 */
import { nodeHttp } from "./load-on-demand.ts";
import { spokenStatus } from "./spoken-status.ts";

/** One error, read once: an accessor that throws counts as a field that is missing. */
export interface ErrorShape {
  /** The error itself. */
  readonly error: object;
  /** Its `name`, the name of its class, which many libraries leave at odds, and what it is marked as: `isBrokenCircuitError`. */
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
  /** Whether the client says that the fault is not the request's: AWS's `$retryable` and `$fault`, Kafka's `retriable`, node-fetch's `type`. */
  readonly isFaultOfServer: boolean;
  /** Whether its code is one of SQL: PostgreSQL's errors have a severity and name a routine. */
  readonly isOfPostgres: boolean;
}

/**
 * Where clients put what an error was caused by: the AI SDK's retries, the language, Apollo, SQL Server and others before `cause`, VError,
 * Neon, Inngest.
 */
const causeFields = ["lastError", "cause", "networkError", "originalError", "jse_cause", "sourceError", "originalErr"] as const;

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
    const inner = causeFields.map((name) => readField(link, name)).find((value) => value != null);
    link = inner ?? (Array.isArray(several) ? several.at(-1) : undefined);
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
  // Hugging Face's client has `httpResponse`, tRPC's `data.httpStatus`.
  const httpResponse = readField(error, "httpResponse");
  const written = [
    readField(error, "responseBody"),
    readField(response, "data"),
    readField(error, "body"),
    readField(httpResponse, "body"),
  ];
  const bodies = [readField(error, "data"), readField(error, "error"), ...written].map(readErrorBody);
  const message = textOr(readField(error, "message")) ?? "";
  const said = bodies.find((body) => body.message !== undefined)?.message;
  const words = [...new Set([message, said].flatMap((text) => textOr(text) ?? []))];
  const codes = [
    ...["code", "errno", "errorCode", "codeName", "level"].map((key) => readField(error, key)),
    ...labelsOf(error),
    ...bodies.flatMap((body) => body.codes),
  ];
  const status = statusOf(error, response, httpResponse);
  const className = readField(readField(error, "constructor"), "name");
  const names = [...new Set([readField(error, "name"), className, ...marksOf(error)].flatMap((name) => textOr(name) ?? []))];
  return {
    error,
    names,
    message: said !== undefined && isBare(message, status) ? said : message,
    status: statusOr(status, bodies) ?? spokenStatus(message),
    codes: [...codes, readField(error, "status")].flatMap((code) => textOr(code) ?? []),
    grpcCode: grpcCodeOf(error, message),
    param: bodies.map((body) => body.param).find((param) => param !== undefined),
    words,
    texts: [...words, ...written.flatMap((text) => textOr(text) ?? [])],
    headers: headersOf(readField(error, "responseHeaders")),
    url: textOr(readField(error, "url")),
    isFaultOfServer: isFaultOfServer(error, status),
    isOfPostgres:
      ["severity", "routine"].some((key) => typeof readField(error, key) === "string") ||
      names.some((name) => /^(?:error|DatabaseError|PostgresError)$/.test(name)),
  };
}

function isFaultOfServer(error: object, status: unknown): boolean {
  if (readField(error, "$retryable") || readField(error, "$fault") === "server") return true;
  // A status says more.
  if (status === undefined && ["retriable", "retryable"].some((key) => readField(error, key) === true)) return true;
  const type = String(textOr(readField(error, "type")));
  return readField(error, "name") === "FetchError" && /^(system|(request|body)-timeout|aborted)$/.test(type);
}

/** What a client marks its errors as, for callers that do not have its classes. */
function marksOf(error: object): string[] {
  try {
    return Object.keys(error).flatMap((key) =>
      /^is[A-Z]\w{0,60}Error$/.test(key) && readField(error, key) === true ? [key.slice(2)] : [],
    );
  } catch {
    return [];
  }
}

/** The labels of MongoDB. */
function labelsOf(error: object): unknown[] {
  const labels = readField(error, "errorLabels");
  return Array.isArray(labels) ? labels.slice(0, 20) : [];
}

/** The HTTP status, wherever a client keeps it. */
function statusOf(error: object, response: unknown, httpResponse: unknown): number | undefined {
  const isHttp = isObject(response) || isObject(readField(error, "config")) || Array.isArray(readField(error, "errors"));
  return firstStatus([
    ...["statusCode", "status", "status_code", "httpStatusCode", "httpStatus"].map((key) => readField(error, key)),
    readField(readField(error, "$metadata"), "httpStatusCode"),
    readField(readField(error, "meta"), "statusCode"),
    readField(response, "status"),
    readField(response, "statusCode"),
    readField(httpResponse, "status"),
    readField(readField(error, "data"), "httpStatus"),
    // Google's older clients give the status as the code; elsewhere such a number may be anything.
    ...(isHttp ? [readField(error, "code")] : []),
  ]);
}

/** Whether a message says no more than the status, or that somebody else has said something. */
function isBare(message: string, status: number | undefined): boolean {
  const text = message.replace(/^\d{3}\s*/, "").trim();
  return (
    text === "" ||
    text === nodeHttp().STATUS_CODES[status ?? 0] ||
    /^(?:Provider returned error|Invalid JSON response)$/.test(text)
  );
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

/** One body, read once. */
export interface ErrorBody {
  /** The words for people. */
  readonly message: string | undefined;
  /** Codes, types and statuses, from the outside in. */
  readonly codes: readonly string[];
  /** The field of the request that the body complains about. */
  readonly param: string | undefined;
  /** An HTTP status that the body names, which may differ from that of the reply. */
  readonly status: number | undefined;
}

/** A field of an object or a function; `undefined` of anything else, and where reading it throws. */
export function readField(owner: unknown, name: string): unknown {
  if ((typeof owner !== "object" && typeof owner !== "function") || owner === null) return undefined;
  try {
    return (owner as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }
}

/** A text that is not empty. */
function textOr(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Reads a body: text, or what a client has made of it. Never throws. */
function readErrorBody(body: unknown): ErrorBody {
  const parts = partsOf(body, 0);
  const statuses = parts.flatMap((part) => [readField(part, "code"), readField(part, "status")]);
  return {
    message: messageOf(body, 0),
    codes: parts.flatMap((part) => codeNames.flatMap((name) => textOr(readField(part, name)) ?? [])),
    param: parts.map(paramOf).find((param) => param !== undefined),
    status: statuses.find((value): value is number => typeof value === "number" && value >= 400 && value < 600),
  };
}

const codeNames = ["code", "type", "status", "reason", "error_code"];
/** Where the words are, the most telling first: what a router passes on says more than what it says itself. */
const messageNames = ["raw", "metadata", "error", "message", "msg", "detail", "errors", "error_description", "errorMessage"];
/** Where further parts of a body are. */
const partNames = ["error", "message", "detail", "details", "errors", "metadata", "raw"];
const deepest = 6;
const longest = 1_000_000;
const longestWords = 2_000;

function partsOf(body: unknown, depth: number): object[] {
  const value = typeof body === "string" ? parsed(body) : body;
  if (depth > deepest || typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.slice(0, 10).flatMap((item) => partsOf(item, depth + 1));
  return [value, ...partNames.flatMap((name) => partsOf(readField(value, name), depth + 1))];
}

function messageOf(body: unknown, depth: number): string | undefined {
  if (depth > deepest) return undefined;
  if (typeof body === "string") {
    const value = parsed(body);
    if (value !== undefined) return messageOf(value, depth + 1);
    // A web page has no words for people who read messages, nor has JSON that was cut off.
    return (depth === 0 ? /^\s*(?:[<{[]|$)/ : /^\s*(?:<|$)/).test(body) ? undefined : body.trim().slice(0, longestWords);
  }
  if (typeof body !== "object" || body === null) return undefined;
  if (Array.isArray(body)) {
    const messages = body.slice(0, 3).flatMap((item) => messageOf(item, depth + 1) ?? []);
    return messages.length === 0 ? undefined : messages.join("; ");
  }
  const message = messageNames
    .map((name) => {
      const value = readField(body, name);
      return messageOf(name === "metadata" ? readField(value, "raw") : value, depth + 1);
    })
    .find((text) => text !== undefined);
  const place = placeOf(body);
  return message === undefined || place === undefined ? message : `${place}: ${message}`;
}

function paramOf(part: object): string | undefined {
  return textOr(readField(part, "param")) ?? placeOf(part);
}

/** Where in the request a validator has found something: `["body", "messages", 0, "content"]`. */
function placeOf(part: object): string | undefined {
  const loc = readField(part, "loc");
  if (!Array.isArray(loc)) return undefined;
  return textOr(loc.filter((step, index) => index > 0 || step !== "body").join("."));
}

function parsed(text: string): object | undefined {
  if (!/^\s*[{[]/.test(text) || text.length > longest) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
