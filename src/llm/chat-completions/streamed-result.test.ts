/**
 * Replies that a server streams although they were asked for whole.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { generateText } from "ai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callFailure } from "../pace/call-failure.ts";
import { chatModel } from "./chat-model.ts";

type Fields = Record<string, unknown>;

const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, prompt_tokens_details: { cached_tokens: 2 } };
const about = { id: "chatcmpl-1", created: 1_700_000_000, model: "served" };
const call = (index: number, given: object): object => ({ tool_calls: [{ index, ...given }] });

let reply = "";
let baseURL = "";
const server = createServer((request, response) => {
  request.resume().on("end", () => response.end(reply));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function piece(delta: object, finish_reason: string | null = null): object {
  return { ...about, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] };
}

function events(...pieces: unknown[]): string {
  return pieces.map((data) => `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`).join("");
}

function whole(message: object, finish_reason: string): string {
  return JSON.stringify({ ...about, choices: [{ index: 0, message, finish_reason }], usage });
}

async function generated(text: string): Promise<Fields> {
  reply = text;
  const model = chatModel("served", { baseURL }) as unknown as { doGenerate(call: object): Promise<Fields> };
  const {
    request: _,
    response,
    ...result
  } = await model.doGenerate({ prompt: [{ role: "user", content: [{ type: "text", text: "Hi" }] }] });
  const { headers: __, body: ___, ...said } = response as Fields;
  return { ...result, said };
}

const failure = (text: string): Promise<unknown> => generated(text).catch((error: unknown) => error);

describe("a reply that is streamed unasked is that of one that comes whole", () => {
  it.each<[string, object[], object, string]>([
    [
      "of a text",
      [piece({ role: "assistant", content: "" }), piece({ content: "Grüß" }), piece({ content: " dich" })],
      { content: "Grüß dich" },
      "stop",
    ],
    ["that was cut short", [piece({ content: "Grü" })], { content: "Grü" }, "length"],
    [
      "with thoughts",
      [piece({ reasoning_content: "h" }), piece({ reasoning_content: "m" }), piece({ content: "a" })],
      { reasoning_content: "hm", content: "a" },
      "stop",
    ],
    ["that was refused", [piece({ refusal: "No" }), piece({ refusal: "." })], { refusal: "No." }, "stop"],
    [
      "of calls of tools",
      [
        piece(call(0, { id: "c1", type: "function", function: { name: "a", arguments: "" } })),
        piece(call(0, { function: { arguments: '{"x":' } })),
        piece(call(1, { id: "c2", type: "function", function: { name: "b", arguments: "{}" } })),
        piece(call(0, { function: { arguments: "1}" } })),
      ],
      {
        tool_calls: [
          { id: "c1", type: "function", function: { name: "a", arguments: '{"x":1}' } },
          { id: "c2", type: "function", function: { name: "b", arguments: "{}" } },
        ],
      },
      "tool_calls",
    ],
    ["of nothing", [piece({ content: "" })], { content: "" }, "stop"],
  ])("%s", async (_, pieces, message, finish) => {
    const expected = await generated(whole(message, finish));
    const ended = [...pieces, piece({}, finish), { ...about, choices: [], usage }];
    expect(await generated(events(...ended, "[DONE]"))).toEqual(expected);
    // Some gateways do not say that it is over, send comments first, or other ends of lines.
    expect(await generated(`: waiting\n\nevent: chunk\n${events(...ended)}`)).toEqual(expected);
    expect(await generated(events(...ended, "[DONE]").replaceAll("\n", "\r\n"))).toEqual(expected);
  });

  it("for `generateText`, too", async () => {
    reply = events(piece({ content: "a" }), piece({ content: "b" }, "stop"), { ...about, choices: [], usage }, "[DONE]");
    const { text, usage: counted } = await generateText({ model: chatModel("served", { baseURL }), prompt: "Hi" });
    expect([text, counted.inputTokens, counted.outputTokens]).toEqual(["ab", 7, 3]);
  });
});

describe("a streamed reply fails", () => {
  it.each([
    ["with the error of the server", [{ error: { message: "Overloaded", code: 503 } }]],
    ["with an error in the middle", [piece({ content: "x" }), { error: { message: "Overloaded", type: "overloaded_error" } }]],
    ["when it ends early", [piece({ content: "x" })]],
    ["when it ends before it begins", [piece({ role: "assistant" })]],
  ])("%s, and is asked for again", async (_, pieces) => {
    expect(callFailure(await failure(events(...pieces)), 0)).toMatchObject({ kind: "transient" });
  });

  it.each([
    ["that is no JSON", events("{oops", "[DONE]"), /no JSON/],
    ["with a piece that is no JSON", events(piece({ content: "x" }), "{oops", piece({}, "stop"), "[DONE]"), /no JSON/],
    ["without anything", events("[DONE]"), /holds none/],
  ])("%s, and is not a reply", async (_, text, reason) => {
    const error = (await failure(text)) as Error;
    expect(error).toMatchObject({ name: "AI_APICallError", message: "Invalid JSON response", responseBody: text });
    expect((error.cause as Error).message).toMatch(reason);
  });

  it("for its quota, and is not asked for again", async () => {
    const error = await failure(events({ error: { message: "Pay first", code: "insufficient_quota" } }));
    expect(error).toMatchObject({ statusCode: 429, isRetryable: false });
  });
});
