/**
 * Agents of Mastra (`@mastra/core` 0.24 and 1).
 *
 * @module
 */
import { isPlainObject } from "../data/json.ts";
import { isPromiseLike } from "../data/shared-work.ts";
import { InvalidArgumentError } from "../errors.ts";
import { modelProblem } from "../llm/language-model.ts";
import { type AgentKind, callMethod, hasMethods, instructionTexts, type Members, membersOf } from "./agent-kind.ts";
import { aiSdkModel, functionsOf, textsOfTools, trainedModel } from "./ai-sdk-agent.ts";

/** Recognised by `generate`, `getInstructions`, `getModel`, and `listTools` or `getTools`. */
export const mastraAgent: AgentKind = {
  name: "an Agent of Mastra",

  recognises: (agent) =>
    hasMethods(agent, "generate", "getInstructions", "getModel") &&
    (hasMethods(agent, "listTools") || hasMethods(agent, "getTools")),

  open(agent, { model }) {
    const own = settingsOf(agent);
    const trained = trainedModels(model ?? own.model);
    let copy: object | undefined;
    const agentCopy = (): object => {
      copy ??= copyOf(agent, trained);
      return copy;
    };
    const tools = toolsByName(own.tools);
    return {
      texts: { ...instructionTexts(own.instructions), ...textsOfTools(tools) },
      composed: typeof own.instructions === "function" ? ["instructions"] : [],
      code: functionsOf(tools),
      agent: agentCopy,
      run: async (input, { signal }) => callMethod(agentCopy(), "generate", input, { abortSignal: signal }),
      textOf: (result) => {
        const { text } = membersOf(result);
        return typeof text === "string" ? text : undefined;
      },
    };
  },
};

/** What an agent was made with: as it says itself, or, before version 1, by its getters, which wait only for functions. */
function settingsOf(agent: object): Members {
  if (hasMethods(agent, "__getOverridableFields")) return membersOf(callMethod(agent, "__getOverridableFields"));
  const asked = (name: string): unknown => {
    const given = callMethod(agent, name);
    if (!isPromiseLike(given)) return given;
    given.then(undefined, () => {});
    return () => given;
  };
  return { instructions: asked("getInstructions"), tools: asked("getTools"), model: membersOf(agent).model };
}

/** Models call tools by the key under which the agent has them. */
function toolsByName(tools: unknown): Members {
  return isPlainObject(tools) ? tools : {};
}

/** A model, a list of models that stand in for one another, or a function that chooses one. */
function trainedModels(model: unknown): unknown {
  if (Array.isArray(model)) return model.map((entry) => ({ ...membersOf(entry), model: trainedModels(membersOf(entry).model) }));
  if (typeof model === "function" && modelProblem(model) !== undefined) {
    return async (...args: unknown[]) => trainedModels(await Reflect.apply(model, undefined, args));
  }
  return trainedModel(aiSdkModel(model));
}

/** An agent of its own that asks another model: a fork; before version 1, one whose settings are those of the original, which is asked for them. */
function copyOf(agent: object, model: unknown): object {
  if (hasMethods(agent, "__fork", "__updateModel")) {
    const fork = callMethod(agent, "__fork") as object;
    callMethod(fork, "__updateModel", { model });
    return fork;
  }
  const { name, id, maxRetries } = membersOf(agent);
  const made = { name, id, maxRetries, model, ...askedSettings(agent) };
  try {
    return Reflect.construct(agent.constructor, [made]) as object;
  } catch (cause) {
    throw new InvalidArgumentError(
      "This agent of Mastra cannot be copied: its class takes other arguments than Mastra's Agent. Write a Module whose `forward` calls it",
      {
        cause,
      },
    );
  }
}

/** Settings that ask the agent for its own. */
function askedSettings(agent: object): Members {
  const settings: Record<string, unknown> = {};
  for (const [setting, getter] of Object.entries(getters)) {
    if (hasMethods(agent, getter)) settings[setting] = (...args: unknown[]) => callMethod(agent, getter, ...args);
  }
  for (const [setting, getter] of Object.entries(processorGetters)) {
    if (!hasMethods(agent, getter)) continue;
    settings[setting] = (context: unknown) => callMethod(agent, getter, membersOf(context).runtimeContext);
  }
  if (hasMethods(agent, "hasOwnMemory", "getMemory") && callMethod(agent, "hasOwnMemory") === true) {
    settings.memory = (...args: unknown[]) => callMethod(agent, "getMemory", ...args);
  }
  const mastra = hasMethods(agent, "getMastraInstance") ? callMethod(agent, "getMastraInstance") : undefined;
  return mastra === undefined ? settings : { ...settings, mastra };
}

/** The settings of agents of version 0.24 that may be functions, and the methods that return them. */
const getters: Readonly<Record<string, string>> = {
  instructions: "getInstructions",
  tools: "getTools",
  workflows: "getWorkflows",
  agents: "listAgents",
  scorers: "getScorers",
  defaultGenerateOptions: "getDefaultGenerateOptions",
  defaultStreamOptions: "getDefaultStreamOptions",
  defaultVNextStreamOptions: "getDefaultVNextStreamOptions",
};

/** These take the context alone. */
const processorGetters: Readonly<Record<string, string>> = {
  inputProcessors: "getInputProcessors",
  outputProcessors: "getOutputProcessors",
};
