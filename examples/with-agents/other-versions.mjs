// The same agents on other versions: those before the newest, and those that a plain `npm install` gives on Node 20.

import { Experimental_Agent, tool as tool5 } from "ai-5";
import { ToolLoopAgent, tool as tool7 } from "ai-7";
import { createOpenAI as createOpenAI2 } from "ai-sdk-openai-2";
import { createOpenAI as createOpenAI4 } from "ai-sdk-openai-4";
import { Agent as MastraAgent } from "mastra-core-node20/agent";
import { createTool } from "mastra-core-node20/tools";
import { fromAgent } from "opto";
import { z } from "zod";
import { description, instructions, lookUp } from "./models.mjs";

const inputSchema = z.object({ item: z.string() });

function ai5({ baseURL }) {
  const model = createOpenAI2({ baseURL, apiKey: "unused" }).chat("agent");
  const stopWhen = ({ steps }) => steps.length === 5;
  return new Experimental_Agent({
    model,
    system: instructions,
    tools: { stock: tool5({ description, inputSchema, execute: lookUp }) },
    stopWhen,
  });
}

function ai7({ baseURL }) {
  const model = createOpenAI4({ baseURL, apiKey: "unused" }).chat("agent");
  return new ToolLoopAgent({ model, instructions, tools: { stock: tool7({ description, inputSchema, execute: lookUp }) } });
}

function mastra024({ baseURL }) {
  const model = createOpenAI2({ baseURL, apiKey: "unused" }).chat("agent");
  const stock = createTool({ id: "stock", description, inputSchema, execute: lookUp });
  return new MastraAgent({ name: "support", model, instructions, tools: { stock } });
}

export const otherVersions = {
  "ai 5": { makeAgent: ai5, makeModule: (models, options) => fromAgent(ai5(models), options) },
  "ai 7": { makeAgent: ai7, makeModule: (models, options) => fromAgent(ai7(models), options) },
  "@mastra/core 0.24": { makeAgent: mastra024, makeModule: (models, options) => fromAgent(mastra024(models), options) },
};
