/**
 * The HTTP client under the built-in `fetch`, without what `fetch` adds to it: connections, TLS, limits and time limits are the same.
 *
 * Node keeps the client of the process in a property of `globalThis` that it shares with the package `undici`, so a program that has set
 * another one (a proxy, a mock) has it used here, too.
 *
 * @module
 */

/** A request as the client takes it. */
export interface Dispatch {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

/** What hears of a request, in this order. */
export interface DispatchHandler {
  /** @param abort ends the request; `onError` hears of it */
  onConnect(abort: (reason?: unknown) => void): void;
  /** @returns whether to go on with the body; `resume` does so later */
  onHeaders(status: number, headers: readonly Uint8Array[], resume: () => void, statusText: string): boolean;
  /** @returns whether to go on */
  onData(chunk: Buffer): boolean;
  onComplete(): void;
  onError(error: unknown): void;
}

/** Something that sends requests: an agent with a pool for each origin, or what stands in for it. */
export interface Dispatcher {
  dispatch(request: Dispatch, handler: DispatchHandler): boolean;
}

/** An agent: one for requests with handlers as above, and, for the built-in `fetch`, the same as that version of Node takes it. */
export interface ClientAgent {
  readonly dispatcher: Dispatcher;
  readonly forFetch: unknown;
}

/** Opens a connection in place of the client. */
export type Connector = (
  target: { readonly hostname: string; readonly port: string; readonly protocol: string; readonly servername?: string | null },
  callback: (error: Error | null, socket: unknown) => void,
) => void;

/** Under these names it is kept: the first for handlers of the kind above, the second, where there is one, for the next kind. */
const names = [Symbol.for("undici.globalDispatcher.1"), Symbol.for("undici.globalDispatcher.2")] as const;

type Made = Dispatcher & { readonly constructor: new (options: unknown) => Dispatcher };

/** The client of the process; `undefined` where `fetch` has none of this kind or has been replaced. */
export function processClient(): Dispatcher | undefined {
  return isBuiltIn(globalThis.fetch) ? current() : undefined;
}

/**
 * Whether requests of the process go out by the agent that Node makes when a program sets none, so that a proxy may be put in its
 * way. One of the program's own may have certificates, limits, or routes that would be lost.
 */
export function isAgentOfNode(client: Dispatcher): boolean {
  let known = ofNode.get(client);
  if (known === undefined) {
    known = isClassOfNode(agentOf(client).constructor);
    ofNode.set(client, known);
  }
  return known;
}

const ofNode = new WeakMap<Dispatcher, boolean>();

/** The agent behind the wrapper with the older interface, where there is one. */
function agentOf(client: Dispatcher): Made {
  const next = (globalThis as Record<symbol, Made | undefined>)[names[1]];
  return (client as Made).constructor.name === "Dispatcher1Wrapper" && next !== undefined ? next : (client as Made);
}

/** Classes of the package `undici` have the same names and texts; where they complain from tells them apart. */
function isClassOfNode(made: Made["constructor"]): boolean {
  if (made.name !== "Agent") return false;
  try {
    new made({ factory: "none" });
    return false;
  } catch (error) {
    return String((error as Error).stack).includes("node:internal/deps/undici/");
  }
}

/** An agent like that of the process, with connections that are opened in another way. */
export function agentWith(connect: Connector, client: Dispatcher): ClientAgent {
  const { constructor: Wrapper } = client as Made;
  if (Wrapper.name === "Agent") {
    const dispatcher = new Wrapper({ connect });
    return { dispatcher, forFetch: dispatcher };
  }
  const next = (globalThis as Record<symbol, Made | undefined>)[names[1]] as Made;
  const agent = new next.constructor({ connect });
  return { dispatcher: new Wrapper(agent), forFetch: agent };
}

function current(): Dispatcher | undefined {
  const known = (globalThis as Record<symbol, Dispatcher | undefined>)[names[0]];
  if (known !== undefined) return known;
  // Node makes it when it is first needed.
  new Response(null);
  const made = (globalThis as Record<symbol, Dispatcher | undefined>)[names[0]];
  if (made !== undefined) ofNode.set(made, agentOf(made).constructor.name === "Agent");
  return made;
}

let lastSeen: { readonly fetch: unknown; readonly isBuiltIn: boolean } = { fetch: undefined, isBuiltIn: false };

/** What has been put in its place (a mock, a guard, instrumentation) is to see all requests. */
function isBuiltIn(fetch: unknown): boolean {
  if (lastSeen.fetch !== fetch) {
    const source = typeof fetch === "function" ? Function.prototype.toString.call(fetch) : "";
    lastSeen = { fetch, isBuiltIn: source.includes("internal/deps/undici/undici") };
  }
  return lastSeen.isBuiltIn;
}
