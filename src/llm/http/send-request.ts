/**
 * `sendRequest`: a request by the client of the process, through the proxy of the environment where there is one, and on to where it is redirected.
 *
 * @module
 */
import { getMaxListeners, setMaxListeners } from "node:events";
import { agentWith, type ClientAgent, type Dispatch, type Dispatcher, isAgentOfNode } from "./built-in-client.ts";
import { connectThrough } from "./connect-through.ts";
import { announcedBytes, exchange, type Incoming } from "./exchange.ts";
import { proxyFor } from "./proxy.ts";
import { type FetchRequest, redirected } from "./requests.ts";

/** As many redirects are followed. */
const mostRedirects = 20;
const manyListeners = 1_500;

/** A response, and the request that it answers in the end. */
export interface Answered {
  readonly incoming: Incoming;
  readonly request: FetchRequest;
  readonly isRedirected: boolean;
  /** Whether a redirect has led to another server. */
  readonly isElsewhere: boolean;
}

/**
 * Sends a request.
 *
 * @throws TypeError when no response comes, with the reason as its cause; the reason of the signal, unchanged
 */
export function sendRequest(request: FetchRequest, client: Dispatcher): Promise<Answered> {
  const { signal } = request;
  // Many requests may share a signal; Node warns of a few.
  const most = signal === undefined ? 0 : getMaxListeners(signal);
  if (signal !== undefined && most !== 0 && most < manyListeners) setMaxListeners(manyListeners, signal);
  return follow({ request, redirects: 0, isElsewhere: false }, client);
}

/** A request on its way. */
interface Step {
  readonly request: FetchRequest;
  readonly redirects: number;
  readonly isElsewhere: boolean;
}

function follow({ request, redirects, isElsewhere }: Step, client: Dispatcher): Promise<Answered> {
  return exchange(dispatcherFor(request, client), dispatchOf(request), request.signal).then((incoming) => {
    const next = redirected(request, incoming, redirects >= mostRedirects);
    if (next === undefined) return { incoming, request, isRedirected: redirects > 0, isElsewhere };
    incoming.body.discard(announcedBytes(incoming.headers));
    const leaves = next.origin !== request.origin;
    return follow({ request: next, redirects: redirects + 1, isElsewhere: isElsewhere || leaves }, client);
  });
}

function dispatchOf({ origin, path, method, headers, body }: FetchRequest): Dispatch {
  return { origin, path, method, headers, body };
}

/** By origin, as reading the environment takes longer than a look into a map. */
const byOrigin = new Map<string, ClientAgent | undefined>();
const byProxy = new Map<string, ClientAgent>();

function dispatcherFor({ url, origin }: FetchRequest, client: Dispatcher): Dispatcher {
  return agentFor(url, origin, client)?.dispatcher ?? client;
}

/** The agent that goes through the proxy of an address; `undefined` where there is no proxy, or a client of the program's own. */
export function agentFor(url: URL, origin: string, client: Dispatcher): ClientAgent | undefined {
  if (!isAgentOfNode(client)) return undefined;
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
