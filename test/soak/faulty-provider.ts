/**
 * The other end of the soak: a provider over HTTPS with faults, and a proxy before it. It counts what it was asked and what it answered.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { fingerprint } from "../../src/data/fingerprint.ts";
import { selfSigned } from "../support/self-signed.ts";

/** What the provider has seen. */
export interface ProviderCount {
  /** Requests that have arrived whole. */
  readonly requests: number;
  /** Answers that were sent whole, by question. */
  readonly answers: ReadonlyMap<string, number>;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Requests that were cut off, in the head or in the body, or slow, or refused. */
  readonly faults: Readonly<Record<Fault, number>>;
  /** The most connections that were open. */
  readonly mostConnections: number;
}

const faults = ["reset", "cut", "slow", "overload", "limit"] as const;

/** What goes wrong with a request. */
export type Fault = (typeof faults)[number];

/** A running provider with its proxy. */
export interface FaultyProvider extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, which leads to `https://model.test`. */
  readonly proxy: string;
  count(): ProviderCount;
}

/** Of a thousand first attempts as many go wrong in that way; second and third ones seldom do. */
const share: Readonly<Record<Fault, number>> = { reset: 20, cut: 20, slow: 30, overload: 10, limit: 5 };

export async function startFaultyProvider(seed: string): Promise<FaultyProvider> {
  const attempts = new Map<string, number>();
  const answers = new Map<string, number>();
  const counted: Record<Fault, number> = { reset: 0, cut: 0, slow: 0, overload: 0, limit: 0 };
  const sums = { requests: 0, inputTokens: 0, outputTokens: 0, mostConnections: 0 };
  const sockets = new Set<Socket>();

  const provider = createSecureServer(selfSigned, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  // A client that is held up for seconds is not to find its connections closed.
  provider.keepAliveTimeout = 60_000;
  const proxy = createServer();
  proxy.on("connect", (_request, socket, head) => {
    const target = connect((provider.address() as AddressInfo).port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connected\r\n\r\n");
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    sockets.add(target);
    target.on("close", () => sockets.delete(target));
    sums.mostConnections = Math.max(sums.mostConnections, sockets.size);
    for (const [end, other] of [[target, socket] as const, [socket, target] as const]) end.on("error", () => other.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const question =
      (JSON.parse(body) as { readonly messages: readonly { readonly content: string }[] }).messages.at(-1)?.content ?? "";
    sums.requests += 1;
    const attempt = (attempts.get(question) ?? 0) + 1;
    attempts.set(question, attempt);
    const fault = faultOf(fingerprint([seed, question, attempt]), attempt);
    if (fault !== undefined) counted[fault] += 1;
    if (fault === "reset") return void request.socket.destroy();
    if (fault === "overload") return void response.writeHead(503).end('{"error":{"message":"Overloaded"}}');
    if (fault === "limit")
      return void response.writeHead(429, { "retry-after-ms": "20" }).end('{"error":{"message":"Slow down"}}');
    const usage = { prompt_tokens: 10 + question.length, completion_tokens: 3, total_tokens: 13 + question.length };
    const choices = [{ index: 0, message: { role: "assistant", content: `Answer to ${question}` }, finish_reason: "stop" }];
    const reply = JSON.stringify({ id: question, object: "chat.completion", created: 0, model: "soak", choices, usage });
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(reply) });
    if (fault === "cut") {
      response.write(reply.slice(0, 50), () => request.socket.destroy());
      return;
    }
    if (fault === "slow") {
      for (let sent = 0; sent < 90; sent += 30) {
        response.write(reply.slice(sent, sent + 30));
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    }
    answers.set(question, (answers.get(question) ?? 0) + 1);
    sums.inputTokens += usage.prompt_tokens;
    sums.outputTokens += usage.completion_tokens;
    response.end(fault === "slow" ? reply.slice(90) : reply);
  }

  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    count: () => ({ ...sums, answers, faults: counted }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      for (const server of [provider, proxy]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

function faultOf(hash: string, attempt: number): Fault | undefined {
  let rest = Number.parseInt(hash.slice(0, 8), 16) % (attempt === 1 ? 1_000 : 4_000);
  for (const fault of faults) {
    rest -= share[fault];
    if (rest < 0) return fault;
  }
  return undefined;
}
