/**
 * `withoutRequests`: runs code that cannot reach the network, as far as the code of this process is concerned.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Socket } from "node:net";
import { nodeNet } from "../data/load-on-demand.ts";
import { InfrastructureError } from "../errors.ts";

const storage = new AsyncLocalStorage<Set<string>>();
let active = 0;
let restore = (): void => {};

/**
 * Runs `work` while every connection that it would open is refused, and every call of `fetch`. Code beside it is not affected. Other
 * processes that it starts are.
 *
 * @param refused receives the addresses
 */
export async function withoutRequests<R>(refused: Set<string>, work: () => Promise<R>): Promise<R> {
  if (active++ === 0) restore = standGuard();
  try {
    return await storage.run(refused, work);
  } finally {
    if (--active === 0) restore();
  }
}

/** Whether a connection has been refused in the dry run of the caller. */
export function hasRefusedRequests(): boolean {
  return (storage.getStore()?.size ?? 0) > 0;
}

/** Two doors: a socket that opens, and `fetch`, whose sockets may be open already. @returns what takes the guard away */
function standGuard(): () => void {
  const { fetch } = globalThis;
  const { Socket } = nodeNet();
  const { connect } = Socket.prototype;
  const guardedFetch: typeof fetch = async (input, init) => {
    const refused = storage.getStore();
    if (refused === undefined) return fetch(input, init);
    throw refusal(refused, hostIn(input instanceof Request ? input.url : String(input)));
  };
  const guardedConnect = function (this: Socket, ...args: unknown[]): Socket {
    const refused = storage.getStore();
    const address = refused && addressIn(args);
    if (refused === undefined || address === undefined) return Reflect.apply(connect, this, args) as Socket;
    const error = refusal(refused, address);
    process.nextTick(() => this.destroy(error));
    return this;
  };
  globalThis.fetch = guardedFetch;
  Socket.prototype.connect = guardedConnect as typeof connect;
  return () => {
    // Not where somebody else has taken the place since.
    if (globalThis.fetch === guardedFetch) globalThis.fetch = fetch;
    if (Socket.prototype.connect === (guardedConnect as typeof connect)) Socket.prototype.connect = connect;
  };
}

function refusal(refused: Set<string>, address: string): InfrastructureError {
  refused.add(address);
  return new InfrastructureError(
    `A dry run makes no requests: the connection to ${address} was refused. Allow it with \`--allow-requests\`, or \`allowRequests\` of estimateRun`,
  );
}

function hostIn(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** `connect(options)`, `connect(port, host)`, or the list of both that Node passes on; `undefined` for a socket of this machine's files. */
function addressIn([first, second]: readonly unknown[]): string | undefined {
  if (Array.isArray(first)) return addressIn(first);
  if (typeof first === "string" && Number.isNaN(Number(first))) return undefined;
  if (typeof first !== "object" || first === null) return `${typeof second === "string" ? second : "localhost"}:${String(first)}`;
  const {
    path,
    host = "localhost",
    port,
  } = first as { readonly path?: unknown; readonly host?: string; readonly port?: unknown };
  return typeof path === "string" && port === undefined ? undefined : `${host}:${String(port)}`;
}
