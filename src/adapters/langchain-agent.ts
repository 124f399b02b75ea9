/**
 * Agents of LangChain (`createAgent`) and compiled graphs of LangGraph (`createReactAgent`, `StateGraph`).
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import {
  type AgentInput,
  type AgentKind,
  type AgentTexts,
  callMethod,
  hasMethods,
  instructionTexts,
  type Members,
  membersOf,
  toolTexts,
} from "./agent-kind.ts";
import { contentText, isChatModel, trackedChatModel } from "./chat-model.ts";

/** `createAgent` of `langchain` 1, recognised by `options` with a model, and `invoke`, `graph` and `withConfig`. */
export const langChainAgent: AgentKind = {
  name: "an agent of LangChain's createAgent",

  recognises: (agent) =>
    hasMethods(agent, "invoke", "withConfig") && "graph" in agent && membersOf(membersOf(agent).options).model !== undefined,

  open(agent, { model }) {
    const options = membersOf(membersOf(agent).options);
    const chat = chatModelOf(model ?? options.model);
    let copy: object | undefined;
    const agentCopy = (): object => {
      const made = agent.constructor as new (given: object) => object;
      copy ??= new made({ ...options, model: trackedChatModel(chat) });
      return copy;
    };
    const { systemPrompt, tools } = options;
    const instructions = typeof systemPrompt === "string" ? systemPrompt : contentText(membersOf(systemPrompt).content);
    return {
      texts: { ...instructionTexts(instructions), ...textsOfTools(tools) },
      composed: [],
      code: functionsOf(tools),
      agent: agentCopy,
      run: (input, { signal }) => invoke(agentCopy(), input, signal),
      textOf: lastText,
    };
  },
};

/** Recognised by LangGraph's own mark. The prompt and the model of a compiled graph cannot be read or replaced. */
export const langGraph: AgentKind = {
  name: "a compiled graph of LangGraph",

  recognises: (agent) => membersOf(agent).lg_is_pregel === true && hasMethods(agent, "invoke"),

  open(agent, { model }) {
    if (model !== undefined) {
      throw new InvalidArgumentError(
        "The model of a compiled graph cannot be replaced. Build the graph with trackedChatModel(model) of opto/adapters",
      );
    }
    const nodes = Object.values(membersOf(membersOf(agent).nodes));
    const tools = nodes.flatMap((node) => {
      const { tools: own } = membersOf(membersOf(node).bound);
      return Array.isArray(own) ? (own as readonly unknown[]) : [];
    });
    return {
      texts: textsOfTools(tools),
      composed: ["instructions"],
      code: functionsOf(tools),
      needsTrackedModel: true,
      agent: () => agent,
      run: (input, { signal }) => invoke(agent, input, signal),
      textOf: lastText,
    };
  },
};

/** @throws InvalidArgumentError for the name of a model, which LangChain looks up in its own way, and for what is no model */
function chatModelOf(model: unknown): object {
  if (isChatModel(model)) return model;
  const given = typeof model === "string" ? `"${model}"` : "another object";
  throw new InvalidArgumentError(
    `Expected the model of an agent of LangChain to be a chat model, got ${given}. ` +
      'Create it from its class, new ChatOpenAI({ model: "gpt-5-mini" }), in the agent or as `model` of fromAgent',
  );
}

async function invoke(agent: object, input: AgentInput, signal: AbortSignal): Promise<unknown> {
  const messages = typeof input === "string" ? [{ role: "user", content: input }] : input;
  return callMethod(agent, "invoke", { messages }, { signal });
}

function textsOfTools(tools: unknown): AgentTexts {
  const found = toolsIn(tools).map(({ name, description, schema }) => toolTexts(String(name), description, schema));
  return Object.assign({}, ...found) as AgentTexts;
}

function functionsOf(tools: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(toolsIn(tools).map(({ name, func }) => [String(name), func]));
}

function toolsIn(tools: unknown): readonly Members[] {
  return Array.isArray(tools) ? tools.map(membersOf).filter(({ name }) => typeof name === "string") : [];
}

function lastText(result: unknown): string | undefined {
  const { messages } = membersOf(result);
  const last = Array.isArray(messages) ? membersOf(messages.at(-1)) : {};
  return last.content === undefined ? undefined : contentText(last.content);
}
