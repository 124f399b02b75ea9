/**
 * A server that answers the page from fixtures, and records what it was asked to change.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buildPage } from "../../../scripts/build-page.ts";
import { answerFrom } from "../../../src/viewer/page/embedded-answers.ts";

export interface FixtureServer {
  readonly origin: string;
  /** Answers by path; a test may change them, and then say so by `changed`. */
  readonly answers: Record<string, unknown>;
  /** Sends an event to every page that listens. */
  readonly changed: () => void;
  readonly writes: { readonly path: string; readonly token: string | undefined; readonly body: unknown }[];
  close(): Promise<void>;
}

export const testToken = "token-of-the-test";

export async function serveFixtures(answers: Record<string, unknown>): Promise<FixtureServer> {
  const html = await buildPage();
  const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html) ?? [];
  const listeners = new Set<ServerResponse>();
  const writes: FixtureServer["writes"] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url ?? "";
    if (path === "/") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy }).end(html);
    } else if (path.endsWith("/events")) {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(":\n\n");
      listeners.add(response);
      request.on("close", () => listeners.delete(response));
    } else if (request.method === "POST") {
      void bodyOf(request).then((body) => {
        writes.push({ path, token: request.headers["x-opto-token"] as string | undefined, body });
        send(response, answers[`POST ${path} ${JSON.stringify(body)}`] ?? answers[`POST ${path}`]);
      });
    } else send(response, answerFrom(answers, path));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    writes,
    changed: () => {
      for (const listener of listeners) listener.write('event: changed\ndata: {"revision":2}\n\n');
    },
    close: async () => {
      for (const listener of listeners) listener.end();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response: ServerResponse, answer: unknown): void {
  const body = answer ?? { error: { code: "not-found", message: "There is nothing of this name." } };
  response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text);
}
