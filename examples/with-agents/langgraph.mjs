// A compiled graph of LangGraph. Its model has to be wrapped, and its prompt given: nothing can be read out of the graph.
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI } from "@langchain/openai";
import { tool } from "langchain";
import { fromAgent } from "opto";
import { trackedChatModel } from "opto/adapters";
import { z } from "zod";
import { description, instructions, lookUp } from "./models.mjs";

export function makeAgent({ baseURL }) {
  const model = new ChatOpenAI({ model: "agent", apiKey: "unused", maxRetries: 0, configuration: { baseURL } });
  const stock = tool(lookUp, { name: "stock", description, schema: z.object({ item: z.string() }) });
  return createReactAgent({ llm: trackedChatModel(model), prompt: instructions, tools: [stock] });
}

export const makeModule = (models, { texts = { instructions } } = {}) => fromAgent(makeAgent(models), { texts });
