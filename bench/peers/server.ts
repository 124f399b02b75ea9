/**
 * The model of all peers: a process of its own that speaks the OpenAI protocol on this machine, with a latency that is exact.
 *
 * `POST /settings` sets latency and straggler and starts script and record anew, `POST /reset` only the latter two, `GET /record`
 * tells what was asked since. Run as a program it prints its address.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type RequestKind, type ScriptRequest, startScript } from "./script.ts";

/** How the server answers. */
export interface ServerSettings {
  /** Milliseconds from the arrival of a request to its reply. */
  readonly latencyMs: number;
  /** Milliseconds for the straggling question; 0 means that none straggles. */
  readonly stragglerMs: number;
}

/** What the server was asked. */
export interface ServerRecord {
  readonly requests: readonly { readonly kind: RequestKind; readonly ms: number }[];
  /** The most requests that were open at once. */
  readonly mostInFlight: number;
  /** How many milliseconds later than due replies were sent: the 99th percentile, 0 without requests. */
  readonly lateMs: number;
}

/** A running server. */
export interface PeerServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a server on a free port of this machine. */
export async function startPeerServer(initial: ServerSettings = { latencyMs: 0, stragglerMs: 0 }): Promise<PeerServer> {
  let settings = initial;
  let recording = startRecording();
  const server = createServer((request, response) => {
    const arrived = performance.now();
    answer(request, response, arrived).catch((error) => send(response, 500, { error: { message: String(error) } }));
  });
  // A client that pauses between two measurements finds its connections open.
  server.keepAliveTimeout = 60_000;

  async function answer(request: IncomingMessage, response: ServerResponse, arrived: number): Promise<void> {
    const body = await read(request);
    if (request.url === "/record") return send(response, 200, recording.result());
    if (request.url === "/settings" || request.url === "/reset") {
      if (request.url === "/settings") settings = JSON.parse(body) as ServerSettings;
      recording = startRecording();
      return send(response, 200, {});
    }
    if (request.url !== "/v1/chat/completions") return send(response, 404, { error: { message: `Unknown ${request.url}` } });
    const asked = JSON.parse(body) as ChatRequest;
    const current = recording;
    const reply = current.script(readable(asked));
    const ms = reply.straggles && settings.stragglerMs > 0 ? settings.stragglerMs : settings.latencyMs;
    const completion = completionOf(asked, reply.text);
    const done = current.begin(reply.kind, ms);
    const due = arrived + ms;
    if (ms > 0) await until(due);
    done(performance.now() - due);
    send(response, 200, completion);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) };
}

interface ChatRequest {
  readonly model: string;
  readonly n?: number;
  readonly messages: readonly { readonly role: string; readonly content: string | readonly { readonly text?: string }[] }[];
}

function startRecording() {
  const requests: { kind: RequestKind; ms: number }[] = [];
  const late: number[] = [];
  let inFlight = 0;
  let mostInFlight = 0;
  return {
    script: startScript(),
    begin(kind: RequestKind, ms: number): (lateMs: number) => void {
      requests.push({ kind, ms });
      mostInFlight = Math.max(mostInFlight, ++inFlight);
      return (lateMs) => {
        inFlight--;
        late.push(lateMs);
      };
    },
    result(): ServerRecord {
      const sorted = late.toSorted((a, b) => a - b);
      return { requests, mostInFlight, lateMs: sorted[Math.floor(sorted.length * 0.99)] ?? 0 };
    },
  };
}

/** A timer counts whole milliseconds; what is left of one is waited for turn by turn, so that no reply is early. */
async function until(due: number): Promise<void> {
  const wait = Math.floor(due - performance.now());
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  while (performance.now() < due) await new Promise((resolve) => setImmediate(resolve));
}

function readable({ messages }: ChatRequest): ScriptRequest {
  const textsOf = (role: string): string =>
    messages
      .filter((message) => message.role === role)
      .map(({ content }) => (typeof content === "string" ? content : content.map(({ text = "" }) => text).join("")))
      .join("\n\n");
  return { system: [textsOf("system"), textsOf("developer")].join("\n"), prompt: textsOf("user") };
}

function completionOf({ model, n = 1 }: ChatRequest, text: () => string): object {
  const choices = Array.from({ length: n }, (_, index) => {
    return { index, message: { role: "assistant", content: text() }, finish_reason: "stop" };
  });
  const usage = { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 };
  return { id: "chatcmpl-0", object: "chat.completion", created: 0, model, choices, usage };
}

async function read(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log((await startPeerServer()).url);
  // Ends with the process that started it.
  process.stdin.resume().on("end", () => process.exit());
}
