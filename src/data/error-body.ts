/**
 * What the body of a refused request says, in whichever of the shapes that providers and gateways write it.
 *
 * @module
 */

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
export function textOr(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Reads a body: text, or what a client has made of it. Never throws. */
export function readErrorBody(body: unknown): ErrorBody {
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
