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
export async function sendRequest(first: FetchRequest, client: Dispatcher): Promise<Answered> {
  const { signal } = first;
  // Many requests may share a signal; Node warns of a few.
  const most = signal === undefined ? 0 : getMaxListeners(signal);
  if (signal !== undefined && most !== 0 && most < manyListeners) setMaxListeners(manyListeners, signal);
  let request = first;
  let isElsewhere = false;
  for (let redirects = 0; ; redirects++) {
    const incoming = await exchange(dispatcherFor(request, client), dispatchOf(request), signal);
    const next = redirected(request, incoming, redirects >= mostRedirects);
    if (next === undefined) return { incoming, request, isRedirected: redirects > 0, isElsewhere };
    incoming.body.discard(announcedBytes(incoming.headers));
    isElsewhere ||= next.origin !== request.origin;
    request = next;
  }
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
