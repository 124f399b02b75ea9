/**
 * Requests as `fetch` is given them, as far as they take the short way, and what becomes of them at a redirect.
 *
 * @module
 */
import { isPlainObject } from "../../data/json.ts";
import { announcedBytes, type Incoming } from "./exchange.ts";

/** A request that takes the short way, as the client takes it. */
export interface FetchRequest {
  readonly url: URL;
  /** Of the address. */
  readonly origin: string;
  /** What follows the origin, with the query. */
  readonly path: string;
  readonly method: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
  readonly signal: AbortSignal | undefined;
}

const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const settings: ReadonlySet<string> = new Set(["method", "headers", "body", "signal"]);

/** Reads what `fetch` is given; `undefined` for everything that is left to it, its complaints included. */
export function readRequest(input: unknown, init: RequestInit = {}): FetchRequest | undefined {
  const { method = "GET", headers, body, signal } = init;
  if (typeof input !== "string" && !(input instanceof URL)) return undefined;
  for (const name in init) if (!settings.has(name) && init[name as keyof RequestInit] !== undefined) return undefined;
  const url = URL.canParse(String(input)) ? new URL(input) : undefined;
  if (url === undefined || !isPlain(url) || !methods.has(method)) return undefined;
  const hasBody = body !== undefined && body !== null;
  if (hasBody && (method === "GET" || method === "HEAD" || (typeof body !== "string" && !(body instanceof Uint8Array))))
    return undefined;
  if (signal !== undefined && signal !== null && !(signal instanceof AbortSignal)) return undefined;
  const given = plainHeaders(headers);
  if (given === undefined) return undefined;
  if (typeof body === "string") given["content-type"] ??= "text/plain;charset=UTF-8";
  for (const [name, value] of usualHeaders) given[name] ??= value;
  given["accept-encoding"] ??= url.protocol === "https:" ? "br, gzip, deflate" : "gzip, deflate";
  return {
    ...placeOf(url),
    method,
    headers: given,
    // What is changed afterwards is not sent.
    body: typeof body === "string" ? body : ((hasBody ? new Uint8Array(body as Uint8Array) : null) as Uint8Array | null),
    signal: signal ?? undefined,
  };
}

function placeOf(url: URL): Pick<FetchRequest, "url" | "origin" | "path"> {
  return { url, origin: url.origin, path: `${url.pathname}${url.search}` };
}

/** Whether the short way leads there: over HTTP, to a usual port, without credentials. */
function isPlain({ protocol, username, password, port }: URL): boolean {
  if (username !== "" || password !== "" || (port !== "" && (Number(port) < 1024 || otherServices.has(port)))) return false;
  return protocol === "https:" || protocol === "http:";
}

/** `fetch` refuses ports of other services: nearly all below 1024, and these. */
const otherServices: ReadonlySet<string> = new Set(
  "1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080".split(" "),
);

/** What the built-in `fetch` sends of its own. */
const usualHeaders = [
  ["accept", "*/*"],
  ["accept-language", "*"],
  ["sec-fetch-mode", "cors"],
  ["user-agent", "node"],
] as const;

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Printable, without blanks at either end. */
const headerValue = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

function plainHeaders(headers: RequestInit["headers"]): Record<string, string> | undefined {
  if (headers === undefined) return {};
  if (headers instanceof Headers) return Object.fromEntries(headers);
  if (!isPlainObject(headers)) return undefined;
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    if (typeof value !== "string" || !headerName.test(name) || !headerValue.test(value) || key in plain) return undefined;
    plain[key] = value;
  }
  return plain;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const ofBodies = ["content-encoding", "content-language", "content-location", "content-type", "content-length"];
/** For another server they are not meant. `fetch` drops the usual ones alone; servers and gateways have keys under many names (`api-key`, `x-goog-api-key`). */
const ofServers = /^host$|auth|cookie|key|token|secret|password|credential|signature/;

/**
 * The request that a redirect asks for; `undefined` where the response is none.
 *
 * @param isLast whether no more are followed
 * @throws TypeError, as `fetch` does, when it cannot be followed
 */
export function redirected(request: FetchRequest, incoming: Incoming, isLast: boolean): FetchRequest | undefined {
  if (!redirects.has(incoming.status)) return undefined;
  const { status, headers, body } = incoming;
  const location = headers.get("location");
  if (location === null) return undefined;
  try {
    if (isLast) throw new Error("redirect count exceeded");
    return moved(request, status, targetOf(location, request.url));
  } catch (cause) {
    body.discard(announcedBytes(headers));
    throw new TypeError("fetch failed", { cause });
  }
}

function moved(request: FetchRequest, status: number, url: URL): FetchRequest {
  const { url: from, origin, method } = request;
  if (url.hash === "") url.hash = from.hash;
  const becomesGet =
    ((status === 301 || status === 302) && method === "POST") || (status === 303 && method !== "GET" && method !== "HEAD");
  const leaves = url.origin !== origin;
  const isDropped = (name: string): boolean => (becomesGet && ofBodies.includes(name)) || (leaves && ofServers.test(name));
  return {
    ...placeOf(url),
    method: becomesGet ? "GET" : method,
    headers: Object.fromEntries(Object.entries(request.headers).filter(([name]) => !isDropped(name))),
    body: becomesGet ? null : request.body,
    signal: request.signal,
  };
}

function targetOf(location: string, from: URL): URL {
  // Headers are read as Latin-1; who sends other bytes has most often written UTF-8.
  const url = new URL(/[\x80-\xff]/.test(location) ? Buffer.from(location, "latin1").toString("utf8") : location, from);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new Error("URL scheme must be a HTTP(S) scheme");
  if (url.username !== "" || url.password !== "") throw new Error('cross origin not allowed for request mode "cors"');
  if (!isPlain(url)) throw new Error("bad port");
  return url;
}
