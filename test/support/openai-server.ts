/**
 * A real HTTP server that speaks the OpenAI protocol of chat completions and embeddings, and answers what a test tells it to.
 *
 * @module
 */
import { hash } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as the server saw it. */
export interface ServerRequest {
  /** Number of the request, counted from 0 over all that the server ever got. */
  readonly index: number;
  readonly method: string;
  /** `/v1/chat/completions`, `/v1/models`, … */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The parsed body; `undefined` when there was none. */
  readonly body: ChatBody | undefined;
  /** Texts of the system messages, joined by a blank line. */
  readonly system: string;
  /** Text of the last user message. */
  readonly prompt: string;
  /** Resolves when nothing can be answered any more: the reply was sent, or the client has gone. */
  readonly gone: Promise<void>;
}

/** What of a chat-completions request tests look at. */
export interface ChatBody {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly stream?: boolean;
  readonly temperature?: number;
  readonly max_tokens?: number;
  readonly [setting: string]: unknown;
}

/** What the server does with one request; a string is the text of a reply. */
export type ServerReply =
  | string
  | {
      readonly text: string;
      /** Calls of tools, by name and arguments; their ids depend on the request alone. */
      readonly toolCalls?: readonly { readonly name: string; readonly input: object }[];
      readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
      readonly finishReason?: string;
    }
  /** Vectors, for requests to `/v1/embeddings`. */
  | { readonly embeddings: readonly (readonly number[])[]; readonly tokens: number }
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** Never answer. */
  | { readonly hang: true }
  /** Drop the connection: at once, or in the middle of the body. */
  | { readonly reset: true | "mid-body" }
  /** Of a stream: send the text, then drop the connection, or never end. */
  | { readonly cutAfter: string; readonly ending?: "reset" | "hang" };

/** A running server. `await using` closes it. */
export interface OpenAIServer extends AsyncDisposable {
  /** What `OPENAI_BASE_URL` is set to: `http://127.0.0.1:<port>/v1`. */
  readonly baseUrl: string;
  /** Every request to chat completions and embeddings so far, in order of arrival. */
  readonly requests: readonly ServerRequest[];
  close(): Promise<void>;
}

/**
 * Starts a server on a free port of this machine.
 *
 * @param script decides about each chat-completions request; what it throws is answered with status 500
 */
export async function startOpenAIServer(
  script: (request: ServerRequest) => ServerReply | Promise<ServerReply>,
): Promise<OpenAIServer> {
  const requests: ServerRequest[] = [];
  const server = createServer((incoming, response) => {
    void answer(incoming, response);
  });
  // On a busy machine a client takes its next turn so late that it would find an idle connection just closed, and repeat its request.
  server.keepAliveTimeout = 120_000;

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming, response, requests.length);
    if (request.path === "/v1/models") {
      sendJson(response, 200, { object: "list", data: [{ id: "test-model", object: "model", created: 0, owned_by: "test" }] });
    } else if (request.path === "/v1/chat/completions" || request.path === "/v1/embeddings") {
      requests.push(request);
      try {
        send(response, request, await script(request));
      } catch (error) {
        sendJson(response, 500, errorBody(String(error)));
      }
    } else {
      sendJson(response, 404, errorBody(`Unknown request URL: ${request.method} ${request.path}`));
    }
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}/v1`, requests, close, [Symbol.asyncDispose]: close };
}

/** An error body as OpenAI sends it. */
export function errorBody(message: string, code: string | null = null, type = "invalid_request_error"): object {
  return { error: { message, type, param: null, code } };
}

async function read(incoming: IncomingMessage, response: ServerResponse, index: number): Promise<ServerRequest> {
  let text = "";
  for await (const chunk of incoming.setEncoding("utf8")) text += chunk;
  const body = text === "" ? undefined : (JSON.parse(text) as ChatBody);
  const gone = new Promise<void>((resolve) => void response.once("close", resolve));
  const textsOf = (role: string): string[] =>
    (body?.messages ?? []).filter((message) => message.role === role).map(({ content }) => textOf(content));
  return {
    index,
    method: incoming.method ?? "",
    path: incoming.url ?? "",
    headers: incoming.headers,
    body,
    system: textsOf("system").join("\n\n"),
    prompt: textsOf("user").at(-1) ?? "",
    gone,
  };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return ((content ?? []) as { text?: string }[]).map(({ text = "" }) => text).join("");
}

function send(response: ServerResponse, request: ServerRequest, reply: ServerReply): void {
  if (typeof reply === "string") sendCompletion(response, request, { text: reply });
  else if ("text" in reply) sendCompletion(response, request, reply);
  else if ("embeddings" in reply) sendEmbeddings(response, request, reply);
  else if ("status" in reply) sendJson(response, reply.status, reply.body ?? "", reply.headers);
  else if ("cutAfter" in reply) cut(response, request, reply);
  else if ("reset" in reply) reset(response, reply.reset === "mid-body");
}

/** A string is sent as it is, so that a test can send what is no JSON. */
function sendJson(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

function reset(response: ServerResponse, midBody: boolean): void {
  if (!midBody) {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write('{"id":', () => setTimeout(() => response.socket?.resetAndDestroy(), 5));
}

function sendCompletion(response: ServerResponse, request: ServerRequest, reply: Extract<ServerReply, { text: string }>): void {
  const { text, toolCalls = [], usage: given = { inputTokens: words(request), outputTokens: countWords(text) } } = reply;
  const { finishReason = toolCalls.length > 0 ? "tool_calls" : "stop" } = reply;
  const tool_calls = toolCalls.map(({ name, input }, index) => ({
    index,
    id: `call_${hash("sha256", JSON.stringify(request.body)).slice(0, 12)}_${index}`,
    type: "function",
    function: { name, arguments: JSON.stringify(input) },
  }));
  const usage = {
    prompt_tokens: given.inputTokens,
    completion_tokens: given.outputTokens,
    total_tokens: given.inputTokens + given.outputTokens,
  };
  const base = { id: `chatcmpl-${request.index}`, created: 0, model: request.body?.model };
  if (request.body?.stream !== true) {
    const message = { role: "assistant", content: text, ...(tool_calls.length > 0 ? { tool_calls } : {}) };
    const choices = [{ index: 0, message, finish_reason: finishReason }];
    sendJson(response, 200, { ...base, object: "chat.completion", choices, usage });
    return;
  }
  const chunk = beginStream(response, request, text);
  if (tool_calls.length > 0) chunk({ tool_calls }, null);
  chunk({}, finishReason, { usage });
  response.end("data: [DONE]\n\n");
}

type Chunk = (delta: object, finish_reason: string | null, more?: object) => void;

/** Sends a text word by word. */
function beginStream(response: ServerResponse, request: ServerRequest, text: string): Chunk {
  const base = { id: `chatcmpl-${request.index}`, created: 0, model: request.body?.model, object: "chat.completion.chunk" };
  response.writeHead(200, { "content-type": "text/event-stream" });
  const chunk: Chunk = (delta, finish_reason, more = {}) => {
    const choices = [{ index: 0, delta, finish_reason }];
    response.write(`data: ${JSON.stringify({ ...base, choices, ...more })}\n\n`);
  };
  chunk({ role: "assistant", content: "" }, null);
  for (const piece of text.match(/\S+\s*|\s+/g) ?? []) chunk({ content: piece }, null);
  return chunk;
}

function cut(
  response: ServerResponse,
  request: ServerRequest,
  { cutAfter, ending = "reset" }: Extract<ServerReply, { cutAfter: string }>,
): void {
  const chunk = beginStream(response, request, cutAfter);
  // Behind what was written before.
  if (ending === "reset") response.write(": cut\n\n", () => setTimeout(() => response.socket?.resetAndDestroy(), 5));
  else chunk({ content: " " }, null);
}

function sendEmbeddings(
  response: ServerResponse,
  request: ServerRequest,
  { embeddings, tokens }: Extract<ServerReply, { embeddings: unknown }>,
): void {
  const data = embeddings.map((embedding, index) => ({ object: "embedding", index, embedding }));
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  sendJson(response, 200, { object: "list", model: request.body?.model, data, usage });
}

/** A token count that a reader of a test can check by hand: the words of all messages. */
function words(request: ServerRequest): number {
  return (request.body?.messages ?? []).reduce((sum, { content }) => sum + countWords(textOf(content)), 0);
}

function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
