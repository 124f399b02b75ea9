/**
 * Agents of the AI SDK: `ToolLoopAgent` (`ai` 6 and 7) and `Experimental_Agent` (`ai` 5), and their model: its calls have the texts of the
 * candidate and pass opto's gate.
 *
 * @module
 */
import { ConfigurationError, InvalidArgumentError } from "../errors.ts";
import { type LanguageModel, type ModelLike, modelProblem } from "../llm/language-model.ts";
import type { DirectOptions } from "../llm/model-request.ts";
import { TextSwap, withTexts } from "../llm/text-swap.ts";
import { tracked } from "../llm/tracked.ts";
import {
  type AgentKind,
  type AgentTexts,
  callMethod,
  hasMethods,
  instructionTexts,
  type Members,
  membersOf,
  toolTexts,
} from "./agent-kind.ts";

/** Recognised by `settings` with a model, `generate` and `stream`. The settings are private to TypeScript only. */
export const aiSdkAgent: AgentKind = {
  name: "a ToolLoopAgent of the AI SDK",

  recognises: (agent) => hasMethods(agent, "generate", "stream") && membersOf(membersOf(agent).settings).model !== undefined,

  open(agent, { model }) {
    const settings = membersOf(membersOf(agent).settings);
    const trained = trainedModel(aiSdkModel(model ?? settings.model));
    // The methods read the settings only, so what inherits everything else is the same agent with another model.
    const copy = Object.create(agent, {
      settings: { value: withModels(settings, trained) },
      ...withPrivateFieldsExplained(agent, "generate", "stream"),
    }) as object;
    const { system, instructions = system } = settings;
    return {
      texts: { ...instructionTexts(instructions), ...textsOfTools(membersOf(settings.tools)) },
      composed: [],
      code: functionsOf(membersOf(settings.tools)),
      agent: () => copy,
      async run(input, { signal }) {
        const asked = typeof input === "string" ? { prompt: input } : { messages: input };
        return callMethod(copy, "generate", { ...asked, abortSignal: signal });
      },
      textOf: (result) => {
        const { text } = membersOf(result);
        return typeof text === "string" ? text : undefined;
      },
    };
  },
};

/** @throws InvalidArgumentError for what is no model of the AI SDK */
export function aiSdkModel(model: unknown): ModelLike {
  const problem = modelProblem(model);
  if (problem !== undefined) throw new InvalidArgumentError(`Expected the model of the agent to be ${problem}`);
  return model as ModelLike;
}

/** The texts of tools by name. @param schemaOf where the schema of the arguments is */
export function textsOfTools(tools: Members, schemaOf: (tool: Members) => unknown = (tool) => tool.inputSchema): AgentTexts {
  const texts = Object.entries(tools).map(([name, tool]) => {
    const members = membersOf(tool);
    return toolTexts(name, members.description, schemaOf(members));
  });
  return Object.assign({}, ...texts) as AgentTexts;
}

/** What tools do, by name. */
export function functionsOf(tools: Members): Readonly<Record<string, unknown>> {
  const functions = Object.entries(tools).flatMap(([name, tool]) => {
    const { execute } = membersOf(tool);
    return typeof execute === "function" ? [[name, execute] as const] : [];
  });
  return Object.fromEntries(functions);
}

/** Methods that say what to do where the class of the agent has `#private` fields, which no object has that inherits from the agent. */
function withPrivateFieldsExplained(agent: object, ...names: readonly string[]): PropertyDescriptorMap {
  const explain = (error: unknown): never => {
    const isPrivate =
      error instanceof TypeError && /private (?:member|field|method)|must be an instance of class/.test(error.message);
    if (!isPrivate) throw error;
    throw new ConfigurationError(
      `The class ${agent.constructor.name} of the agent has #private members, which a copy with another model would lack: ${error.message}. ` +
        "Declare them with TypeScript's `private` instead of #, or write a Module whose `forward` calls the agent, with `tracked(model)` as its model",
      { cause: error },
    );
  };
  const explained = (name: string) =>
    function call(this: object, ...args: unknown[]): unknown {
      try {
        const result = Reflect.apply(membersOf(agent)[name] as (...given: unknown[]) => unknown, this, args);
        return result instanceof Promise ? result.catch(explain) : result;
      } catch (error) {
        return explain(error);
      }
    };
  return Object.fromEntries(names.map((name) => [name, { value: explained(name) }]));
}

/** Settings with another model, also where functions of the agent choose one for a call or a step. */
function withModels(settings: Members, model: object): Members {
  const chosen = (name: string): object => {
    const choose = settings[name];
    if (typeof choose !== "function") return {};
    return { [name]: async (...args: unknown[]) => withTrainedModel(await Reflect.apply(choose, settings, args)) };
  };
  return { ...settings, model, ...chosen("prepareCall"), ...chosen("prepareStep") };
}

function withTrainedModel(prepared: unknown): unknown {
  const { model } = membersOf(prepared);
  return model === undefined ? prepared : { ...membersOf(prepared), model: trainedModel(aiSdkModel(model)) };
}

/** Made of a model, or of its name. What is one already is returned as it is. */
export function trainedModel(model: ModelLike): LanguageModel {
  return model instanceof TrainedModel ? model : new TrainedModel(model);
}

/** A class, so that copies of an agent share the model. */
class TrainedModel implements LanguageModel {
  readonly #model: StreamingModel;

  constructor(model: ModelLike) {
    this.#model = tracked(model as LanguageModel) as StreamingModel;
  }

  get specificationVersion(): LanguageModel["specificationVersion"] {
    return this.#model.specificationVersion;
  }

  get provider(): string {
    return this.#model.provider;
  }

  get modelId(): string {
    return this.#model.modelId;
  }

  get supportedUrls(): unknown {
    return this.#model.supportedUrls;
  }

  get supportsStructuredOutputs(): unknown {
    return this.#model.supportsStructuredOutputs;
  }

  /** Called by the AI SDK: the whole answer. */
  async doGenerate(options: DirectOptions): Promise<object> {
    return this.#call(options, (given) => this.#model.doGenerate(given));
  }

  /** Called by the AI SDK: the answer in parts. */
  async doStream(options: DirectOptions): Promise<object> {
    return this.#call(options, (given) => this.#model.doStream(given));
  }

  #call(options: DirectOptions, ask: (given: DirectOptions) => PromiseLike<object>): PromiseLike<object> {
    const run = TextSwap.current("agent");
    return run === undefined ? ask(options) : run.call((texts) => withTexts(withoutTimes(options), texts), ask);
  }
}

interface StreamingModel extends LanguageModel {
  readonly supportedUrls?: unknown;
  readonly supportsStructuredOutputs?: unknown;
  doGenerate(options: DirectOptions): PromiseLike<object>;
  doStream(options: DirectOptions): PromiseLike<object>;
}

/** Mastra notes in messages and their parts when it made them. No provider reads it, and with it no call would be found in the records. */
function withoutTimes(options: DirectOptions): DirectOptions {
  const prompt = options.prompt.map((message) => {
    const { content, ...rest } = withoutTime(message);
    return { ...rest, content: typeof content === "string" ? content : content.map(withoutTime) };
  });
  return { ...options, prompt };
}

function withoutTime<Noted extends object>(noted: Noted): Noted {
  const { providerOptions, ...rest } = noted as { readonly providerOptions?: { readonly mastra?: unknown } };
  if (providerOptions?.mastra === undefined) return noted;
  const { mastra: _mastra, ...others } = providerOptions;
  return (Object.keys(others).length === 0 ? rest : { ...rest, providerOptions: others }) as Noted;
}
