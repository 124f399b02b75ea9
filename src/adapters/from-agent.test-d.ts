import { ToolLoopAgent, tool } from "ai";
import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import type { Module } from "../graph/module.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import type { AgentInput } from "./agent-kind.ts";
import { fromAgent, type OpenAIRunResult } from "./from-agent.ts";

const stock = tool({ description: "How many are left", inputSchema: z.object({ item: z.string() }), execute: async () => 3 });
const agent = new ToolLoopAgent({ model: scriptedModel("3 left"), instructions: "Answer.", tools: { stock } });
declare const graph: { invoke(state: object): Promise<{ readonly total: number }> };
declare const openAIAgent: { readonly name: string };

describe("the types of an agent", () => {
  it("are a text or messages, and a text, when nothing is said", () => {
    expectTypeOf(fromAgent(agent)).toEqualTypeOf<Module<AgentInput, string>>();
  });

  it("are those of `input` and `output`", () => {
    const module = fromAgent(agent, {
      input: ({ question }: { readonly question: string }) => question,
      output: ({ text, steps }) => ({ text, steps: steps.length }),
    });
    expectTypeOf(module).toEqualTypeOf<Module<{ readonly question: string }, { text: string; steps: number }>>();
  });

  it("know what the agent returns", () => {
    fromAgent(agent, { output: ({ text }) => expectTypeOf(text).toEqualTypeOf<string>() });
    fromAgent(graph, { output: (result) => expectTypeOf(result).toEqualTypeOf<{ readonly total: number }>() });
    fromAgent(openAIAgent, { output: (result) => expectTypeOf(result).toEqualTypeOf<OpenAIRunResult>() });
    fromAgent(agent, { call: (copy, input, { signal }) => copy.generate({ prompt: String(input), abortSignal: signal }) });
  });
});
