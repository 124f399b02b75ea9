/**
 * The test server, seen by the real provider package.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, streamText } from "ai";
import { describe, expect, it } from "vitest";
import { startOpenAIServer } from "./openai-server.ts";

describe("the server", () => {
  it("answers both packages that speak its protocol, and logs every request", async () => {
    await using server = await startOpenAIServer(({ prompt, index }) => ({
      text: `${prompt} ${index}`,
      usage: { inputTokens: 5, outputTokens: index },
    }));
    const models = [
      createOpenAI({ baseURL: server.baseUrl, apiKey: "a" }).chat("m"),
      createOpenAICompatible({ name: "own", baseURL: server.baseUrl }).chatModel("m"),
    ];
    for (const [index, model] of models.entries()) {
      const { text, usage } = await generateText({ model, system: "S", prompt: "P" });
      expect([text, usage.inputTokens, usage.outputTokens]).toEqual([`P ${index}`, 5, index]);
    }
    expect(server.requests.map(({ index, system, prompt, headers }) => [index, system, prompt, headers.authorization])).toEqual([
      [0, "S", "P", "Bearer a"],
      [1, "S", "P", undefined],
    ]);
  });

  it("streams", async () => {
    await using server = await startOpenAIServer(() => "one two three");
    const { textStream, usage } = streamText({
      model: createOpenAI({ baseURL: server.baseUrl, apiKey: "a" }).chat("m"),
      prompt: "P",
    });
    const pieces: string[] = [];
    for await (const piece of textStream) pieces.push(piece);
    expect(pieces).toEqual(["one ", "two ", "three"]);
    expect((await usage).outputTokens).toBe(3);
  });

  it("lists its model, and knows no other path", async () => {
    await using server = await startOpenAIServer(() => "");
    const models = (await (await fetch(`${server.baseUrl}/models`)).json()) as { data: { id: string }[] };
    expect(models.data.map(({ id }) => id)).toEqual(["test-model"]);
    expect((await fetch(`${server.baseUrl}/other`)).status).toBe(404);
  });

  it("answers a script that throws with status 500, and is gone after its scope", async () => {
    let url = "";
    {
      await using server = await startOpenAIServer(() => {
        throw new Error("script");
      });
      url = `${server.baseUrl}/chat/completions`;
      const response = await fetch(url, { method: "POST", body: '{"model":"m","messages":[]}' });
      expect([response.status, await response.text()]).toEqual([500, expect.stringContaining("Error: script")]);
    }
    await expect(fetch(url)).rejects.toThrow();
  });
});
