// An agent of the AI SDK.
import { createOpenAI } from "@ai-sdk/openai";
import { ToolLoopAgent, tool } from "ai";
import { fromAgent } from "opto";
import { z } from "zod";
import { description, instructions, lookUp } from "./models.mjs";

export function makeAgent({ baseURL }) {
  const model = createOpenAI({ baseURL, apiKey: "unused" }).chat("agent");
  const stock = tool({ description, inputSchema: z.object({ item: z.string() }), execute: lookUp });
  return new ToolLoopAgent({ model, instructions, tools: { stock } });
}

export const makeModule = (models, options) => fromAgent(makeAgent(models), options);
