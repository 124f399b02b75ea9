// An agent of LangChain.
import { ChatOpenAI } from "@langchain/openai";
import { createAgent, tool } from "langchain";
import { fromAgent } from "opto";
import { z } from "zod";
import { description, instructions, lookUp } from "./models.mjs";

export function makeAgent({ baseURL }) {
  // opto repeats calls that fail; the client need not.
  const model = new ChatOpenAI({ model: "agent", apiKey: "unused", maxRetries: 0, configuration: { baseURL } });
  const stock = tool(lookUp, { name: "stock", description, schema: z.object({ item: z.string() }) });
  return createAgent({ model, systemPrompt: instructions, tools: [stock] });
}

export const makeModule = (models, options) => fromAgent(makeAgent(models), options);
