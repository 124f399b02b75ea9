/**
 * `fetch` for servers that take their time: the built-in one gives up when no response has begun after five minutes, as on a small machine that others use.
 *
 * @module
 */
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { text } from "node:stream/consumers";

/**
 * Waits for a response as long as its signal lets it. Bodies are texts, and redirects are not followed.
 *
 * @throws TypeError for another body, and when no response comes, with the reason as its cause; the reason of the signal
 */
export async function patientFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  const { method = "GET", body, signal } = init;
  const headers = Object.fromEntries(new Headers(init.headers));
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  if (typeof (body ?? "") !== "string") throw new TypeError("Expected a body of text");
  signal?.throwIfAborted();
  try {
    return await new Promise<Response>((resolve, reject) => {
      // A connection of its own for each call: kept ones may be closed by the server just when they are used again.
      const sent = send(url, { method, headers, agent: false, ...(signal ? { signal } : {}) }, (response) => {
        const { statusCode = 0, headers: received } = response;
        const head = { status: statusCode, headers: { "content-type": received["content-type"] ?? "application/json" } };
        text(response).then((content) => resolve(new Response(content, head)), reject);
      });
      sent.on("error", reject).end(body ?? "");
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new TypeError("fetch failed", { cause: error });
  }
}
