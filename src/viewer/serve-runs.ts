/**
 * `serveRuns`: the server of the viewer, on this machine alone.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Clock, systemClock } from "../data/clock.ts";
import { packageVersion } from "../data/load-on-demand.ts";
import { ConfigurationError, errorText } from "../errors.ts";
import { PriceList, type Prices } from "../llm/spend/prices.ts";
import type { Answering } from "./answering.ts";
import type { ApiError, ViewerAction, ViewerInfo } from "./api.ts";
import { RequestError } from "./api-error.ts";
import { readPage, type ViewerPage } from "./page.ts";
import { refuseForeign, refuseWithoutToken, sendJson } from "./request-guard.ts";
import type { PlanValues } from "./run-actions.ts";
import type { RunLibrary } from "./run-library.ts";

/** What is served, and how. */
export interface ServeOptions {
  /** The folder of all runs. */
  readonly folder: string;
  /** The run that the page opens. @default the list */
  readonly run?: string | undefined;
  /** Where to listen; the next ports are tried while it is in use. 0 takes any. @default 4983 */
  readonly port?: number | undefined;
  /** The user's prices of models. */
  readonly prices?: unknown;
  /** Applies values. @default the page shows the command that does */
  readonly apply?: PlanValues | undefined;
  /** @default the one that the package has */
  readonly page?: ViewerPage | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/** A server that listens. */
export interface ViewerServer {
  /** With the token for writes: `http://127.0.0.1:4983/#token=…`. */
  readonly address: string;
  readonly port: number;
  readonly token: string;
  /** What it serves. */
  library(): Promise<RunLibrary>;
  /** Ends all connections. */
  close(): Promise<void>;
  /** Lets the process end although the server listens. */
  unref(): void;
}

const firstPort = 4983;
/** How many ports are tried. */
const mostPorts = 50;

/**
 * Serves the page, its data, and its actions on 127.0.0.1.
 *
 * @throws ConfigurationError when no port is free, or the page is missing from the installation
 */
export async function serveRuns(options: ServeOptions): Promise<ViewerServer> {
  const { folder, run = null, port = firstPort, prices = {}, apply, clock = systemClock } = options;
  const page = options.page ?? (await ownPage());
  const token = randomBytes(18).toString("base64url");
  const actions: ViewerAction[] = apply === undefined ? ["mark", "stop", "correct"] : ["apply", "mark", "stop", "correct"];
  const info: ViewerInfo = { version: packageVersion(), folder, run, isExport: false, actions };
  const priceList = new PriceList(prices as Prices, clock.now());
  let loading: Promise<Answering> | undefined;
  const answering = (): Promise<Answering> => {
    loading ??= import("./answering.ts").then((loaded) => new loaded.Answering({ info, prices: priceList, apply, clock }));
    return loading;
  };
  const server = createServer((request, response) => {
    void respond({ request, response, port: portOf(server), token, page, answering });
  });
  await listen(server, port);
  // A connection that the system cannot take (too many open files) is lost; without a listener it would end the process, and its training.
  server.on("error", () => {});
  const own = portOf(server);
  return {
    address: `http://127.0.0.1:${own}/#token=${token}`,
    port: own,
    token,
    library: async () => (await answering()).library,
    async close() {
      await (await loading?.catch(() => undefined))?.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
    unref: () => server.unref(),
  };
}

/** @throws ConfigurationError when the installation has none */
export function ownPage(): Promise<ViewerPage> {
  return readPage().catch((cause: unknown) => {
    throw new ConfigurationError(errorText(cause), { cause });
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly port: number;
  readonly token: string;
  readonly page: ViewerPage;
  readonly answering: () => Promise<Answering>;
}

async function respond(exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  for (const [name, value] of Object.entries(safeHeaders)) response.setHeader(name, value);
  try {
    refuseForeign(request, exchange.port);
    const { method = "GET", url = "/" } = request;
    if (method === "POST") {
      refuseWithoutToken(request, exchange.token);
      await (await exchange.answering()).act(request, response, url);
    } else if (method === "GET" || method === "HEAD") await read(exchange, url);
    else throw new RequestError("not-allowed", `Expected GET or POST, got ${method}`);
  } catch (error) {
    refuse(response, error);
  }
}

/** Nothing of it is kept by a browser, shown in a frame, or taken for anything else. */
const safeHeaders = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

async function read({ request, response, page, answering }: Exchange, url: string): Promise<void> {
  const isHead = request.method === "HEAD";
  if (url === "/" || url.startsWith("/?")) {
    response.setHeader("content-security-policy", `${page.policy}; frame-ancestors 'none'`);
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(isHead ? undefined : page.html);
    return;
  }
  if (!url.startsWith("/api/")) throw new RequestError("not-found", "There is nothing at this path");
  await (await answering()).read(response, url, isHead);
}

/** What is wrong with the files of a run, or with an action, is said; nothing of it says where it happened in the program. */
function refuse(response: ServerResponse, error: unknown): void {
  const { code, status } = error instanceof RequestError ? error : { code: "failed", status: 500 };
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const message = error instanceof RequestError ? error.message : errorText(error);
  // Of a body that is too long the rest is not read.
  if (status === 413) response.setHeader("connection", "close");
  sendJson(response, status, { error: { code, message } } satisfies ApiError);
}

/** On the first free port. */
async function listen(server: Server, first: number): Promise<void> {
  const last = first === 0 ? 0 : Math.min(65_535, first + mostPorts - 1);
  for (let port = first; port <= last; port++) {
    const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      const onError = (reason: NodeJS.ErrnoException): void => resolve(reason);
      server.once("error", onError);
      server.listen(port, "127.0.0.1", () => {
        server.off("error", onError);
        resolve(undefined);
      });
    });
    if (error === undefined) return;
    if (error.code !== "EADDRINUSE" && error.code !== "EACCES")
      throw new ConfigurationError(`Could not listen on port ${port}: ${error.message}`);
  }
  throw new ConfigurationError(`No port from ${first} to ${last} is free. Free one of them, or run \`opto view --port N\``);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
