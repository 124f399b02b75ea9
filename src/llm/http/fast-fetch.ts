/**
 * `fastFetch`: the built-in `fetch` at the cost of the client under it, for the requests that providers make.
 *
 * @module
 */
import { type Dispatcher, processClient } from "./built-in-client.ts";
import { leanResponse } from "./lean-response.ts";
import { readRequest } from "./requests.ts";
import { type Answered, agentFor, sendRequest } from "./send-request.ts";

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
  return request === undefined ? builtIn(input, init, client) : responseOf(await sendRequest(request, client));
}

const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

function responseOf({ incoming, request, isRedirected, isElsewhere }: Answered): Response {
  const { status, statusText, headers, body } = incoming;
  const { href, hash } = request.url;
  const url = hash === "" ? href : href.slice(0, -hash.length);
  const head = { status, statusText, headers, url, redirected: isRedirected, type: isElsewhere ? "cors" : "basic" } as const;
  if (request.method !== "HEAD" && !bodiless.has(status)) return leanResponse(head, body);
  body.discard(0);
  return leanResponse(head, null);
}

/** The same through the built-in `fetch`, and through the proxy where there is one. */
function builtIn(input: string | URL | Request, init: RequestInit | undefined, client: Dispatcher): Promise<Response> {
  const address = input instanceof Request ? input.url : String(input);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const agent = url && agentFor(url, url.origin, client);
  return globalThis.fetch(input, agent === undefined ? init : ({ dispatcher: agent.forFetch, ...init } as RequestInit));
}
