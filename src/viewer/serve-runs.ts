/**
 * `serveRuns`: the server of the viewer, on this machine alone.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Clock, systemClock } from "../data/clock.ts";
import { packageVersion } from "../data/load-on-demand.ts";
import { inTurn } from "../data/shared-work.ts";
import { ConfigurationError, errorText } from "../errors.ts";
import { PriceList, type Prices } from "../llm/spend/prices.ts";
import type { ApiError, ViewerAction, ViewerInfo } from "./api.ts";
import { RequestError } from "./api-error.ts";
import { download } from "./download.ts";
import { LiveUpdates } from "./live-updates.ts";
import { readPage, type ViewerPage } from "./page.ts";
import { readBody, refuseForeign, refuseWithoutToken } from "./request-guard.ts";
import { type ApiPath, answer, apiPath, datasetIn } from "./routes.ts";
import { type PlanValues, runActions } from "./run-actions.ts";
import { RunLibrary } from "./run-library.ts";

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
  readonly library: RunLibrary;
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
  const library = new RunLibrary(folder, new PriceList(prices as Prices, clock.now()), () => clock.monotonic());
  const token = randomBytes(18).toString("base64url");
  const actions: ViewerAction[] = apply === undefined ? ["mark", "stop", "correct"] : ["apply", "mark", "stop", "correct"];
  const info: ViewerInfo = { version: packageVersion(), folder, run, isExport: false, actions };
  const updates = new LiveUpdates(library, () => clock.monotonic());
  const parts = { apply, inTurn: inTurn(), now: () => new Date(clock.now()).toISOString() };
  const server = createServer((request, response) => {
    void respond({ request, response, port: portOf(server), token, page, library, info, updates, parts });
  });
  await listen(server, port);
  const own = portOf(server);
  return {
    address: `http://127.0.0.1:${own}/#token=${token}`,
    port: own,
    token,
    library,
    async close() {
      await updates.close();
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
  readonly library: RunLibrary;
  readonly info: ViewerInfo;
  readonly updates: LiveUpdates;
  readonly parts: Parameters<(typeof runActions)["apply"]>[2];
}

async function respond(exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  for (const [name, value] of Object.entries(safeHeaders)) response.setHeader(name, value);
  try {
    refuseForeign(request, exchange.port);
    const { method = "GET", url = "/" } = request;
    if (method === "POST") sendJson(response, 200, await act(exchange, apiPath(url)));
    else if (method === "GET" || method === "HEAD") await read(exchange, url);
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

async function read({ request, response, page, library, info, updates }: Exchange, url: string): Promise<void> {
  const isHead = request.method === "HEAD";
  if (url === "/" || url.startsWith("/?")) {
    response.setHeader("content-security-policy", `${page.policy}; frame-ancestors 'none'`);
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(isHead ? undefined : page.html);
    return;
  }
  if (!url.startsWith("/api/")) throw new RequestError("not-found", "There is nothing at this path");
  const path = apiPath(url);
  const [what, run, part, file, ...rest] = path.parts;
  if (what === "events" && run === undefined) return updates.listen(response, undefined, isHead);
  if (what === "runs" && run !== undefined && part === "events" && file === undefined) {
    await library.open(run);
    return updates.listen(response, run, isHead);
  }
  if (what === "runs" && run !== undefined && part === "download" && file !== undefined && rest.length === 0) {
    return sendFile(response, library, { run, file, path, isHead });
  }
  sendJson(response, 200, await answer(library, info, path), isHead);
}

async function sendFile(
  response: ServerResponse,
  library: RunLibrary,
  {
    run: id,
    file,
    path,
    isHead,
  }: { readonly run: string; readonly file: string; readonly path: ApiPath; readonly isHead: boolean },
): Promise<void> {
  const [, what, format] = /^([a-z]+)\.(csv|json)$/.exec(file) ?? [];
  if (what === undefined) throw new RequestError("not-found", "Expected a name that ends in .csv or .json");
  const run = await library.open(id);
  const pieces = download(run, { what, format: format as "csv" | "json", dataset: datasetIn(path.query) });
  const type = format === "csv" ? "text/csv; charset=utf-8" : "application/json; charset=utf-8";
  response.writeHead(200, { "content-type": type, "content-disposition": `attachment; filename="${id}-${file}"` });
  if (isHead) {
    response.end();
    return;
  }
  // A page that was closed does not want the rest.
  await pipeline(Readable.from(inLargePieces(pieces)), response).catch(() => {});
}

/** How many rows are made before others get a turn: a run may be trained in this process. */
const rowsInTurn = 500;

/** A write for each row would take most of the time. */
async function* inLargePieces(pieces: Iterable<string>): AsyncGenerator<string> {
  let [text, count] = ["", 0];
  for (const piece of pieces) {
    text += piece;
    count++;
    if (count % rowsInTurn === 0) await nextTurn();
    if (text.length < 65_536) continue;
    yield text;
    text = "";
  }
  yield text;
}

async function act({ request, token, library, parts }: Exchange, { parts: path }: ApiPath): Promise<object> {
  const [what, id, action, ...rest] = path;
  if (what !== "runs" || id === undefined || action === undefined || rest.length > 0 || !Object.hasOwn(runActions, action)) {
    throw new RequestError("not-found", "There is no such action");
  }
  refuseWithoutToken(request, token);
  const body = await readBody(request);
  return runActions[action as ViewerAction](await library.open(id), body, parts);
}

function sendJson(response: ServerResponse, status: number, content: unknown, isHead = false): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(isHead ? undefined : JSON.stringify(content));
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
