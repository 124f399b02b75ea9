/**
 * `fastFetch`: the built-in `fetch` at the cost of the client under it, for the requests that providers make.
 *
 * @module
 */
import { getMaxListeners, setMaxListeners } from "node:events";
import { agentWith, type ClientAgent, type Dispatcher, isAgentOfNode, processClient } from "./built-in-client.ts";
import { connectThrough } from "./connect-through.ts";
import { announcedBytes, exchange, type Incoming } from "./exchange.ts";
import { leanResponse, type ResponseHead } from "./lean-response.ts";
import { proxyFor } from "./proxy.ts";
import { type FetchRequest, readRequest, redirected } from "./requests.ts";

/** As many redirects are followed. */
const mostRedirects = 20;

/**
 * `fetch` with less work for each request: about a tenth of the processor time. Connections, limits, TLS and errors are those of the built-in one, as is the client that
 * a program may have set with `setGlobalDispatcher`. Where it has set none, proxies are taken from `HTTP_PROXY`, `HTTPS_PROXY` and
 * `NO_PROXY`, other than by `fetch` (addresses of the machine itself are always reached directly). Proxies that are none for HTTP, SOCKS for
 * example, are not used, and a warning says so once.
 *
 * A request with a text or bytes as its body, or none, takes the short way. Everything else (forms, streams, `Request` objects, …) is left to the built-in
 * `fetch`, and so is everything where `fetch` has been replaced, so that a mock or instrumentation sees it.
 *
 * @throws TypeError when no response comes, with the reason as its cause; the reason of the signal, unchanged
 * @example
 * const openai = createOpenAI({ fetch: fastFetch });
 */
export async function fastFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const client = processClient();
  if (client === undefined) return globalThis.fetch(input, init);
  const request = readRequest(input, init);
  if (request === undefined) return builtIn(input, init, client);
  const { signal } = request;
  // Many requests may share a signal; Node warns of a few.
  if (signal !== undefined && getMaxListeners(signal) < manyListeners && getMaxListeners(signal) !== 0) {
    setMaxListeners(manyListeners, signal);
  }
  return follow(request, client);
}

const manyListeners = 1_500;

async function follow(first: FetchRequest, client: Dispatcher): Promise<Response> {
  let request = first;
  let type: ResponseHead["type"] = "basic";
  for (let redirects = 0; ; redirects++) {
    const incoming = await exchange(dispatcherFor(request.url, client), dispatchOf(request), request.signal);
    const next = redirected(request, incoming, redirects >= mostRedirects);
    if (next === undefined) return responseOf(incoming, request, { redirected: redirects > 0, type });
    incoming.body.discard(announcedBytes(incoming.headers));
    if (next.url.origin !== request.url.origin) type = "cors";
    request = next;
  }
}

function dispatchOf({ url, method, headers, body }: FetchRequest): Parameters<Dispatcher["dispatch"]>[0] {
  return { origin: url.origin, path: `${url.pathname}${url.search}`, method, headers, body };
}

const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

function responseOf(
  { status, statusText, headers, body }: Incoming,
  { url, method }: FetchRequest,
  how: Pick<ResponseHead, "redirected" | "type">,
): Response {
  const { href, hash } = url;
  const head = { status, statusText, headers, url: hash === "" ? href : href.slice(0, -hash.length), ...how };
  if (method !== "HEAD" && !bodiless.has(status)) return leanResponse(head, body);
  body.discard(0);
  return leanResponse(head, null);
}

/** The same through the built-in `fetch`, and through the proxy where there is one. */
function builtIn(input: string | URL | Request, init: RequestInit | undefined, client: Dispatcher): Promise<Response> {
  const address = input instanceof Request ? input.url : String(input);
  const agent = URL.canParse(address) ? agentFor(new URL(address), client) : undefined;
  return globalThis.fetch(input, agent === undefined ? init : ({ dispatcher: agent.forFetch, ...init } as RequestInit));
}

function dispatcherFor(url: URL, client: Dispatcher): Dispatcher {
  return agentFor(url, client)?.dispatcher ?? client;
}

/** By origin, as reading the environment takes longer than a look into a map. */
const byOrigin = new Map<string, ClientAgent | undefined>();
const byProxy = new Map<string, ClientAgent>();

/** The agent that goes through the proxy of an address; `undefined` where there is no proxy, or a client of the program's own. */
function agentFor(url: URL, client: Dispatcher): ClientAgent | undefined {
  if (!isAgentOfNode(client)) return undefined;
  const { origin } = url;
  if (!byOrigin.has(origin)) byOrigin.set(origin, openAgent(url, client));
  return byOrigin.get(origin);
}

function openAgent(url: URL, client: Dispatcher): ClientAgent | undefined {
  const proxy = proxyFor(url);
  if (proxy === undefined) return undefined;
  const agent = byProxy.get(proxy.href) ?? agentWith(connectThrough(proxy), client);
  byProxy.set(proxy.href, agent);
  return agent;
}
