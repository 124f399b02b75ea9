/**
 * A call of a model in the graph: its inputs, its reply, its failures, and feedback that reaches the prompt.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { errorBody, type ServerReply, startOpenAIServer } from "../../test/support/openai-server.ts";
import { InvalidArgumentError, OutputParseError } from "../errors.ts";
import { backward } from "../graph/backward.ts";
import { ExecutionError } from "../graph/execution-error.ts";
import { type Node, node } from "../graph/node.ts";
import { parameter } from "../graph/parameter.ts";
import { atPosition, noTrace } from "../graph/scope.ts";
import { text } from "../graph/text.ts";
import { type ScriptedReply, scriptedModel } from "../testing/scripted-model.ts";
import { generate } from "./generate.ts";

afterEach(() => void vi.unstubAllEnvs());

describe("generate", () => {
  it("gives a node of the reply whose inputs are what was given", async () => {
    const model = scriptedModel("Lima");
    const system = parameter("One word.", { name: "system" });
    const question = node("What is the capital of Peru?", { name: "question" });
    const answer: Node<string> = await generate({ model, system, prompt: text`Q: ${question}`, temperature: 0.2 });
    expect(answer.value).toBe("Lima");
    expect(answer.operation?.name).toBe("generate");
    expect(answer.inputs.map((input, index) => [answer.inputNames[index], input.kind, input.peek()])).toEqual([
      ["model", "constant", "scripted/model"],
      ["system", "parameter", "One word."],
      ["prompt", "message", "Q: What is the capital of Peru?"],
      ["temperature", "constant", 0.2],
    ]);
    expect(answer.inputs[1] === system).toBe(true);
    expect(model.calls).toMatchObject([{ system: "One word.", prompt: "Q: What is the capital of Peru?", temperature: 0.2 }]);
    expect(reached(answer)).toEqual(["system"]);
  });

  it("finds nodes inside of messages", async () => {
    const model = scriptedModel("Lima");
    const example = parameter("Chile: Santiago", { name: "example" });
    const answer = await generate({
      model,
      messages: [
        { role: "user", content: example },
        { role: "user", content: "Peru?" },
      ],
    });
    expect(model.calls[0]?.messages.map(({ content }) => content)).toEqual(["Chile: Santiago", "Peru?"]);
    expect(reached(answer)).toEqual(["example"]);
  });

  it("takes its model from a node, or from the environment", async () => {
    await using server = await startOpenAIServer(({ body }) => `from ${body?.model}`);
    vi.stubEnv("OPENAI_BASE_URL", server.baseUrl);
    vi.stubEnv("OPTO_MODEL", "openai/usual");
    const choice = parameter("openai/chosen", { name: "choice" });
    const chosen = await generate({ model: choice, prompt: "?" });
    expect(chosen.value).toBe("from chosen");
    expect(reached(chosen)).toEqual(["choice"]);
    const usual = await generate({ prompt: "?" });
    expect([usual.value, usual.inputNames]).toEqual(["from usual", ["prompt"]]);
  });

  it("gives data for a schema", async () => {
    const model = scriptedModel(["no", '{"city":"Lima"}']);
    const prompt = parameter("Where?", { name: "prompt" });
    const answer: Node<{ city: string }> = await generate({ model, prompt, schema: z.object({ city: z.string() }) });
    expect(answer.value).toEqual({ city: "Lima" });
    expect(answer.inputNames).toEqual(["model", "prompt"]);
    expect(reached(answer)).toEqual(["prompt"]);
  });

  it("records nothing where nobody asks why", async () => {
    const answer = await noTrace(() => generate({ model: scriptedModel("Lima"), prompt: node("?") }));
    expect([answer.value, answer.inputs]).toEqual(["Lima", []]);
  });

  it.each<{ name: string; reply: ScriptedReply }>([
    { name: "empty", reply: " \n" },
    { name: "withheld", reply: { text: "", finishReason: "content-filter" } },
    { name: "withheld in the middle", reply: { text: "As for bombs,", finishReason: "content-filter" } },
  ])("fails on the program's side for a reply that is $name", async ({ reply }) => {
    const prompt = parameter("Tell me.", { name: "prompt" });
    const error = await generate({ model: scriptedModel(reply), prompt }).catch((caught: unknown) => caught);
    expect(error instanceof ExecutionError).toBe(true);
    const { exceptionNode, cause } = error as ExecutionError;
    expect(cause).toBeInstanceOf(OutputParseError);
    expect(reached(exceptionNode)).toEqual(["prompt"]);
  });

  it.each<{ name: string; reply: ServerReply; isProgram: boolean }>([
    {
      name: "a prompt too long",
      reply: { status: 400, body: errorBody("Too long", "context_length_exceeded") },
      isProgram: true,
    },
    { name: "a rate limit", reply: { status: 429, body: errorBody("Slow down") }, isProgram: false },
    { name: "a dropped connection", reply: { reset: true }, isProgram: false },
  ])("after $name blames the program: $isProgram", async ({ reply, isProgram }) => {
    await using server = await startOpenAIServer(() => reply);
    const model = createOpenAI({ baseURL: server.baseUrl, apiKey: "unused" }).chat("m");
    const error = await generate({ model, prompt: "?", maxRetries: 0 }).catch((caught: unknown) => caught);
    expect(error instanceof ExecutionError).toBe(isProgram);
    expect((error as Error).cause).toHaveProperty("name", "AI_APICallError");
  });

  it.each([true, false])("rethrows the reason of an abort unchanged (ambient: %s)", async (isAmbient) => {
    const controller = new AbortController();
    const { signal } = controller;
    const model = scriptedModel(() => new Promise<string>(() => {}));
    const call = atPosition(
      "run",
      () => generate({ model, prompt: "?", ...(isAmbient ? {} : { signal }) }),
      isAmbient ? { signal } : {},
    );
    setTimeout(() => controller.abort("enough"), 10);
    expect(await call.catch((reason: unknown) => reason)).toBe("enough");
  });

  it("refuses an option that it does not know, not as a failure of the program", async () => {
    const call = generate({ model: scriptedModel("x"), promt: "?" } as never);
    await expect(call).rejects.toThrow(InvalidArgumentError);
    await expect(call).rejects.toThrow(/Unknown option `promt` of generate; did you mean `prompt`/);
  });
});

/** The parameters that feedback on a node reaches. */
function reached(target: Node): string[] {
  return Array.from(backward(target, "Wrong").keys(), ({ name }) => name);
}
