/**
 * Code that cannot reach the network.
 *
 * @module
 */
import { get } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { startOpenAIServer } from "../../test/support/openai-server.ts";
import { withoutRequests } from "./without-requests.ts";

const ways: readonly [string, (url: URL) => Promise<unknown>][] = [
  ["fetch", (url) => fetch(url)],
  ["fetch of a request", (url) => fetch(new Request(url))],
  ["http", (url) => new Promise((resolve, reject) => get(url, resolve).on("error", reject))],
  [
    "a socket",
    ({ port, hostname }) =>
      new Promise((resolve, reject) => {
        const socket = connect(Number(port), hostname, () => resolve(socket.end())).on("error", reject);
      }),
  ],
];

describe("without requests", () => {
  it.each(ways)("%s is refused, and works beside it and after it", async (_, ask) => {
    await using server = await startOpenAIServer(() => "Hi");
    const url = new URL(`${server.baseUrl}/models`);
    const refused = new Set<string>();
    await withoutRequests(refused, async () => {
      await expect(ask(url)).rejects.toThrow(`A dry run makes no requests: the connection to ${url.host} was refused`);
    });
    expect([...refused]).toEqual([url.host]);
    expect(await Promise.all([ask(url), withoutRequests(new Set(), async () => {})])).toHaveLength(2);
    await ask(url);
  });
});
