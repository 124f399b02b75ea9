/**
 * The server in front of the models: every call of every algorithm passes here, so all are counted alike.
 *
 * Its addresses are `/CELL/ROLE/v1/chat/completions`; other addresses below a cell are what the cell itself serves.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type BackendReply, type ChatRequest, errorReply } from "./backend.ts";
import type { Backends, CellCalls } from "./cell-calls.ts";
import { type CallRole, callRoles } from "./spending.ts";

/** What a cell serves besides models, such as scores for programs in another language. */
export type CellService = (action: string, body: unknown) => Promise<unknown>;

/** One cell at the proxy. */
export interface OpenCell {
  /** What a client's base URL is set to. */
  urlFor(role: CallRole): string;
  /** Where `CellService` is reached. */
  readonly serviceUrl: string;
  close(): void;
}

/** A running proxy. */
export interface CallProxy {
  open(id: string, calls: CellCalls, service?: CellService): OpenCell;
  close(): Promise<void>;
}

interface Cell {
  readonly calls: CellCalls;
  readonly service: CellService | undefined;
}

/** Starts the proxy on a free port of this machine. */
export async function startCallProxy(backends: Backends): Promise<CallProxy> {
  const cells = new Map<string, Cell>();
  const server = createServer((request, response) => {
    const gone = new AbortController();
    response.once("close", () => gone.abort(new Error("The client has disconnected")));
    void answer(request, gone.signal)
      .catch((error: unknown) => errorReply(502, String(error), "server_error"))
      .then((reply) => send(response, reply));
  });

  async function answer(request: IncomingMessage, signal: AbortSignal): Promise<BackendReply> {
    const [, id = "", ...rest] = (request.url ?? "").split("/").map(decodeURIComponent);
    const cell = cells.get(id);
    if (cell === undefined) return errorReply(404, `There is no cell "${id}"`);
    const body: unknown = JSON.parse((await textOf(request)) || "{}");
    const role = callRoles.find((one) => one === rest[0]);
    if (role !== undefined && rest.slice(1).join("/") === "v1/chat/completions") {
      return streamed(body as ChatRequest) ?? cell.calls.answer(role, body as ChatRequest, backends, signal);
    }
    if (cell.service === undefined) return errorReply(404, `Unknown address ${request.url}`);
    return { status: 200, body: await cell.service(rest.join("/"), body) };
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    open(id, calls, service) {
      cells.set(id, { calls, service });
      const base = `http://127.0.0.1:${port}/${encodeURIComponent(id)}`;
      return { urlFor: (role) => `${base}/${role}/v1`, serviceUrl: base, close: () => void cells.delete(id) };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function streamed({ stream }: ChatRequest): BackendReply | undefined {
  return stream === true ? errorReply(400, "The benchmark answers without streaming. Set `stream` to false") : undefined;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}

function send(response: ServerResponse, { status, body }: BackendReply): void {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
