import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createPlainServer } from "node:net";
import { describe, expect, it } from "vitest";
import { connectThrough } from "./connect-through.ts";

describe("a connection through a proxy", () => {
  /** What a proxy was asked, and what became of the connection. */
  async function opened(status: number, hostname: string, user = ""): Promise<readonly [asked: unknown, outcome: string]> {
    const target = createPlainServer((socket) => socket.end("hello"));
    const proxy = createServer();
    for (const server of [target, proxy]) await once(server.listen(0, "127.0.0.1"), "listening");
    const asked: unknown[] = [];
    proxy.on("connect", ({ url, headers }, socket) => {
      asked.push([url, headers["proxy-authorization"]]);
      socket.write(`HTTP/1.1 ${status} So\r\n\r\n`);
      if (status > 299) return void socket.end();
      connect((target.address() as AddressInfo).port, "127.0.0.1").pipe(socket);
    });
    const url = new URL(`http://${user}127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    const outcome = await new Promise<string>((resolve) => {
      connectThrough(url)({ hostname, port: "8000", protocol: "http:" }, (error, socket) => {
        if (error !== null) resolve(error.message.replace(url.host, "P"));
        else (socket as ReturnType<typeof connect>).once("data", (data) => resolve(String(data)));
      });
    });
    for (const server of [target, proxy]) server.close();
    proxy.closeAllConnections();
    return [asked[0], outcome];
  }

  it.each<[status: number, hostname: string, asked: string, outcome: string]>([
    [200, "model.test", "model.test:8000", "hello"],
    [201, "model.test", "model.test:8000", "hello"],
    [200, "fd00::1", "[fd00::1]:8000", "hello"],
    [200, "[fd00::1]", "[fd00::1]:8000", "hello"],
    [
      403,
      "model.test",
      "model.test:8000",
      "the proxy P refused to connect to model.test with status 403. If model.test can be reached without it, add model.test to NO_PROXY",
    ],
  ])("that answers %s for %s", async (status, hostname, asked, outcome) => {
    expect(await opened(status, hostname)).toEqual([[asked, undefined], outcome]);
  });

  it("whose password has a per cent sign in it", async () => {
    const credentials = `Basic ${Buffer.from("u:p%zz").toString("base64")}`;
    expect(await opened(200, "model.test", "u:p%zz@")).toEqual([["model.test:8000", credentials], "hello"]);
  });
});
