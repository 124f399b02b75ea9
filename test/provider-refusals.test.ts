/**
 * Refused calls against a real server: what each refusal means, whoever has written it, and that its words reach the reader.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import { callModel } from "opto/llm";
import { expect, it } from "vitest";
import { isInfrastructureError } from "../src/errors.ts";
import { callFailure, contextOverflow } from "../src/llm/pace/call-failure.ts";
import { refusals } from "./provider-refusals/refusals.ts";
import { startOpenAIServer } from "./support/openai-server.ts";

/** What the provider's client throws, before anything is made of it. */
async function refusedBy(status: number, body: object | string): Promise<unknown> {
  await using server = await startOpenAIServer(() => ({ status, body: typeof body === "string" ? body : JSON.stringify(body) }));
  const model = createOpenAI({ baseURL: server.baseUrl, apiKey: "x" }).chat("m");
  return await model.doGenerate({ prompt: [{ role: "user", content: [{ type: "text", text: "Hi" }] }] }).then(
    () => expect.fail("It was answered"),
    (error: unknown) => error,
  );
}

it.each(refusals)("%s", async (_name, status, body, meaning) => {
  const error = await refusedBy(status, body);
  const { kind, problem, setting, reason } = callFailure(error, 0);
  const about = setting ?? problem;
  const isTooLong = contextOverflow(error) !== undefined;
  expect(`${kind}${isTooLong ? ", too long" : ""}${about === undefined ? "" : `: ${about}`}`).toBe(meaning);
  // A wrong set-up, a limit, an outage are not the agent's failure; what is refused for what it says, is.
  expect(isInfrastructureError(error)).toBe(kind !== "refused" && kind !== "setting");
  if (typeof body === "object")
    expect(reason).not.toMatch(/^status \d+: (?:Bad Request|Too Many Requests|Unprocessable Entity)$/);
});

it("the reader and the optimizer see the provider's words where its client has found only the name of the status", async () => {
  const body = { object: "error", message: "Bad luck with this prompt", type: "invalid_request_error" };
  await using server = await startOpenAIServer(() => ({ status: 400, body }));
  const model = createOpenAI({ baseURL: server.baseUrl, apiKey: "x" }).chat("m");
  await expect(callModel({ model, prompt: "Hi" })).rejects.toThrow("Bad luck with this prompt");
});
