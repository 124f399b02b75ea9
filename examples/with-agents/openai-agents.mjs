// An agent of the OpenAI Agents SDK.
import { Agent, setDefaultOpenAIClient, setOpenAIAPI, setTracingDisabled, tool } from "@openai/agents";
import OpenAI from "openai";
import { fromAgent } from "opto";
import { z } from "zod";
import { description, instructions, lookUp } from "./models.mjs";

export function makeAgent({ baseURL }) {
  // The server has the interface of chat completions only. opto repeats calls that fail; the client need not.
  setDefaultOpenAIClient(new OpenAI({ baseURL, apiKey: "unused", maxRetries: 0 }));
  setOpenAIAPI("chat_completions");
  setTracingDisabled(true);
  const stock = tool({ name: "stock", description, parameters: z.object({ item: z.string() }), execute: lookUp });
  return new Agent({ name: "support", model: "agent", instructions, tools: [stock] });
}

export const makeModule = (models, options) => fromAgent(makeAgent(models), options);
