/**
 * `generate` with tools and outputs: a loop whose steps are calls of their own and whose tools are operations.
 *
 * @module
 */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { Output, stepCountIs, tool } from "ai";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { errorBody, type ServerReply, startOpenAIServer } from "../../test/support/openai-server.ts";
import { InfrastructureError, StopError } from "../errors.ts";
import { backward } from "../graph/backward.ts";
import { bundle } from "../graph/bundle.ts";
import { ExecutionError } from "../graph/execution-error.ts";
import type { Node } from "../graph/node.ts";
import { parameter } from "../graph/parameter.ts";
import { type AmbientEvent, atPosition } from "../graph/scope.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { generate } from "./generate.ts";

const inputSchema = z.object({ city: z.string() });
const asks = (...names: readonly string[]) => ({ text: "", toolCalls: names.map((name) => ({ name, input: { city: "Lima" } })) });
const weather = tool({ description: "The weather of a city", inputSchema, execute: async ({ city }) => ({ city, degrees: 21 }) });

async function inRun<R>(work: () => Promise<R>, services: object = {}): Promise<{ value: R; events: AmbientEvent[] }> {
  const events: AmbientEvent[] = [];
  return { value: await atPosition("run", work, { services, emit: (event) => events.push(event) }), events };
}

/** All operations that a node depends on, itself included, by name. */
function operations(target: Node, seen = new Set<Node>()): string[] {
  if (seen.has(target)) return [];
  seen.add(target);
  return [...target.inputs.flatMap((input) => operations(input, seen)), ...(target.operation ? [target.operation.name] : [])];
}

describe("generate with tools", () => {
  it("asks until no tool is called, each step at a position of its own, and records tools as operations", async () => {
    const system = parameter("You know the weather.", { name: "system" });
    const description = parameter("The weather of a city, in degrees", { name: "description" });
    const model = scriptedModel([asks("weather"), "21 degrees"]);
    const tools = { weather: { ...weather, description } };
    const { value, events } = await inRun(() => generate({ model, system, prompt: "How warm is Lima?", tools }));
    expect(value.value).toBe("21 degrees");
    expect(events.map(({ position }) => position)).toEqual(["run/loop/0/call/0", "run/loop/0/call/1"]);
    expect(value.inputNames).toEqual(["model", "system", "prompt", "tools", "generate", "generate"]);
    expect(operations(value).filter((name) => name === "weather")).toHaveLength(1);
    expect([...backward(value, "Wrong").keys()]).toEqual([system, description]);
    expect(model.calls[1]?.messages.at(-1)?.content).toBe("[tool-result]");
  });

  it("gives errors of tools to the model, and ends with an outage of opto in one", async () => {
    const failing = (error: Error) => ({
      weather: tool({ inputSchema, execute: async (): Promise<string> => Promise.reject(error) }),
    });
    const model = scriptedModel([asks("weather"), "Sorry"], { onExhausted: "repeat-last" });
    const { value } = await inRun(() => generate({ model, prompt: "Hi", tools: failing(new Error("no such city")) }));
    expect(value.value).toBe("Sorry");
    expect(operations(value)).toContain("weather");
    for (const error of [new InfrastructureError("down"), new StopError("budget", "spent")]) {
      const again = scriptedModel([asks("weather"), "Sorry"]);
      await expect(inRun(() => generate({ model: again, prompt: "Hi", tools: failing(error) }))).rejects.toBe(error);
    }
  });

  it("has a trainable bundle as a tool", async () => {
    const warmth = bundle(
      function warmth({ city }: { city: string }) {
        return `${city} has 21 degrees`;
      },
      { trainable: true },
    );
    const tools = { weather: tool({ inputSchema, execute: warmth as never }) };
    const { value } = await inRun(() => generate({ model: scriptedModel([asks("weather"), "It is warm"]), prompt: "Hi", tools }));
    expect(value.value).toBe("It is warm");
    expect([...backward(value, "Wrong").keys()]).toEqual([warmth.parameter]);
  });

  it.each<[string, object, number]>([
    ["twenty steps by default", {}, 20],
    ["`maxSteps`", { maxSteps: 3 }, 3],
    ["`stopWhen`", { stopWhen: stepCountIs(2) }, 2],
  ])("ends after %s", async (_, options, steps) => {
    const model = scriptedModel(asks("weather"));
    const failed = inRun(() => generate({ model, prompt: "Hi", tools: { weather }, ...options }));
    await expect(failed).rejects.toThrow(ExecutionError);
    await failed.catch(({ message }: Error) => expect(message).toContain(`got only calls of tools in ${steps} steps`));
    expect(model.calls).toHaveLength(steps);
  });

  it("repeats a step that fails, by itself and outside of runs, too", async () => {
    const replies: ServerReply[] = [
      { status: 503, body: errorBody("Down"), headers: { "retry-after-ms": "1" } },
      { text: "", toolCalls: [{ name: "weather", input: { city: "Lima" } }] },
      { status: 429, body: errorBody("Slow down"), headers: { "retry-after-ms": "1" } },
      "21 degrees",
    ];
    await using server = await startOpenAIServer(({ index }) => replies[index] ?? "more");
    const model = createOpenAICompatible({ name: "local", baseURL: server.baseUrl })("test");
    const answer = await generate({ model, prompt: "How warm is Lima?", tools: { weather }, seed: 3, presencePenalty: 1 });
    expect([answer.value, server.requests.length]).toEqual(["21 degrees", 4]);
    expect(server.requests.at(-1)?.body).toMatchObject({ seed: 3, presence_penalty: 1 });
  });

  it("reads data by a schema, or as the AI SDK does by an output", async () => {
    const schema = z.object({ degrees: z.number() });
    const replies = [asks("weather"), 'Sure! {"degrees": "warm"}', asks("weather"), '{"degrees": 21}'];
    const model = scriptedModel(replies);
    const bySchema = await inRun(() => generate({ model, prompt: "Hi", tools: { weather }, schema }));
    expect(bySchema.value.value).toEqual({ degrees: 21 });
    expect(model.calls).toHaveLength(4);
    const output = Output.object({ schema });
    const byOutput = await inRun(() => generate({ model: scriptedModel('{"degrees": 21}'), prompt: "Hi", output }));
    const { degrees }: { degrees: number } = byOutput.value.value;
    expect(degrees).toBe(21);
    const unread = inRun(() => generate({ model: scriptedModel("warm"), prompt: "Hi", output }));
    await expect(unread).rejects.toThrow(ExecutionError);
  });

  it.each([
    [{ maxSteps: 0 }, "Expected `maxSteps` to be a whole number of at least 1, got 0 (number)"],
    [{ maxSteps: 2, responseFormat: { type: "json", schema: {} } }, "`responseFormat` cannot be combined with `tools`"],
    [{ maxStep: 2 }, "maxStep"],
  ])("refuses %o", async (options, message) => {
    await expect(generate({ model: scriptedModel("Hi"), prompt: "Hi", ...(options as object) })).rejects.toThrow(message);
  });

  it("keeps headers out of the graph", async () => {
    const node = await generate({ model: scriptedModel("Hi"), prompt: "Hi", headers: { authorization: "Bearer secret" } });
    expect(node.inputNames).toEqual(["model", "prompt"]);
  });
});
