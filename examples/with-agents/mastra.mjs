// An agent of Mastra.
import { createOpenAI } from "@ai-sdk/openai";
import { Agent } from "@mastra/core/agent";
import { createTool } from "@mastra/core/tools";
import { fromAgent } from "opto";
import { z } from "zod";
import { description, instructions, lookUp } from "./models.mjs";

export function makeAgent({ baseURL }) {
  const model = createOpenAI({ baseURL, apiKey: "unused" }).chat("agent");
  const stock = createTool({ id: "stock", description, inputSchema: z.object({ item: z.string() }), execute: lookUp });
  return new Agent({ id: "support", name: "support", model, instructions, tools: { stock } });
}

export const makeModule = (models, options) => fromAgent(makeAgent(models), options);
