/**
 * Makes requests through the proxy that the environment names, and prints what has become of them.
 *
 * @module
 */
import { fastFetch } from "../../src/llm/http/fast-fetch.ts";

const requests: readonly (readonly [string, () => RequestInit])[] = [
  ["https://model.test/echo", () => ({ method: "POST", body: "abc" })],
  [
    "https://other.test/echo, a stream",
    () => ({ method: "POST", body: new Blob(["streamed"]).stream(), duplex: "half" }) as RequestInit,
  ],
  ["http://model.test/echo", () => ({ method: "POST", body: "abc" })],
  ["https://wrong.test/echo", () => ({ method: "POST", body: "abc" })],
  ["https://refused.test/echo", () => ({ method: "POST", body: "abc" })],
  ["http://direct.test/echo", () => ({ method: "POST", body: "abc" })],
];

const results: (readonly [string, string])[] = [];
for (const [title, init] of requests) results.push([title, await become(title.split(",")[0] ?? "", init())]);
console.log(JSON.stringify(results));
process.exit();

async function become(url: string, init: RequestInit): Promise<string> {
  try {
    const { method, body } = (await (await fastFetch(url, init)).json()) as { readonly method: string; readonly body: string };
    return `${method} ${body.split(":")[0]}`;
  } catch (error) {
    const { code, message } = (error as Error).cause as { readonly code?: string; readonly message: string };
    return code ?? message;
  }
}
