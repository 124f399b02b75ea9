/**
 * Agents of the OpenAI Agents SDK (`@openai/agents`).
 *
 * @module
 */
import { textOf } from "../data/json.ts";
import { loadPackage } from "../data/load-package.ts";
import { ConfigurationError, InvalidArgumentError } from "../errors.ts";
import { TextSwap } from "../llm/text-swap.ts";
import {
  type AgentInput,
  type AgentKind,
  type AgentModel,
  hasMethods,
  instructionTexts,
  type Members,
  membersOf,
  toolTexts,
} from "./agent-kind.ts";
import { nativeCall } from "./native-call.ts";
import {
  assistantMessage,
  type OpenAIModel,
  type OpenAIModelReply,
  type OpenAIModelRequest,
  openAICall,
  swapOpenAIRequest,
} from "./openai-calls.ts";

/** Recognised by `asTool`, `clone`, and lists of `tools` and `handoffs`. */
export const openAIAgent: AgentKind = {
  name: "an Agent of the OpenAI Agents SDK",

  recognises: (agent) => {
    const { tools, handoffs } = membersOf(agent);
    return hasMethods(agent, "asTool", "clone") && Array.isArray(tools) && Array.isArray(handoffs);
  },

  open(agent, { model }) {
    const { instructions, tools } = membersOf(agent);
    const functions = (tools as readonly unknown[]).map(membersOf).filter(({ type }) => type === "function");
    return {
      texts: Object.assign(
        { ...instructionTexts(instructions) },
        ...functions.map(({ name, description, parameters }) => toolTexts(String(name), description, parameters)),
      ),
      composed: typeof instructions === "function" ? ["instructions"] : [],
      code: Object.fromEntries(functions.map(({ name, invoke }) => [String(name), invoke])),
      agent: () => gatedAgent(agent, { provider: gatedProvider(agent), model }),
      async run(input, { signal }) {
        const { Runner } = await loadSdk(agent);
        // Models that have names are left to the runner, which knows the settings that go with them.
        return new Runner({ modelProvider: gatedProvider(agent) }).run(gatedAgent(agent, { model }), itemsOf(input), { signal });
      },
      textOf: (result) => {
        const { finalOutput } = membersOf(result);
        return finalOutput === undefined || finalOutput === null ? undefined : textOf(finalOutput);
      },
    };
  },
};

interface Sdk {
  readonly Agent: abstract new (...args: never[]) => object;
  readonly Runner: new (config?: object) => Runner;
  readonly getDefaultModel?: () => string;
}

interface Runner {
  readonly config: { readonly modelProvider: OpenAIModelProvider };
  run(agent: object, input: unknown, options: object): Promise<unknown>;
}

interface OpenAIModelProvider {
  getModel(name?: string): OpenAIModel | Promise<OpenAIModel>;
}

/** @throws ConfigurationError when the agent is of another copy of the package, which has settings of its own */
async function loadSdk(agent: object): Promise<Sdk> {
  const sdk = (await loadPackage("@openai/agents", "Running this agent")) as unknown as Sdk;
  if (agent instanceof sdk.Agent) return sdk;
  throw new ConfigurationError(
    "This agent comes from another copy of @openai/agents than the one that opto loads. Run it yourself: " +
      "fromAgent(agent, { model, call: (agent, input, { signal }) => run(agent, input, { signal }) }), with a model object",
  );
}

/** Which models take the places of an agent's. */
interface Gate {
  /** Looks up models by their names, where the runner does not. */
  readonly provider?: OpenAIModelProvider | undefined;
  /** In the place of the agent's own. */
  readonly model: AgentModel | undefined;
}

/**
 * What inherits everything from an agent but its model, and the models of those that it hands over to, which may hand back.
 *
 * @throws InvalidArgumentError for what is no model of the SDK
 */
function gatedAgent(agent: object, { provider, model }: Gate, copies: Map<object, object> = new Map()): object {
  const known = copies.get(agent);
  if (known !== undefined) return known;
  const copy = Object.create(agent) as object;
  copies.set(agent, copy);
  const { model: own, handoffs } = membersOf(agent);
  const gated = gatedModel(model ?? own, provider);
  if (gated !== undefined) Object.defineProperty(copy, "model", { value: gated });
  const others = (handoffs as readonly object[]).map((to) =>
    gatedHandoff(to, (next) => gatedAgent(next, { provider, model: undefined }, copies)),
  );
  Object.defineProperty(copy, "handoffs", { value: others });
  return copy;
}

/** An agent, or a handoff, which returns one. */
function gatedHandoff(to: object, gate: (agent: object) => object): object {
  const { onInvokeHandoff: invoke } = membersOf(to);
  if (typeof invoke !== "function") return gate(to);
  const onInvokeHandoff = async (...args: unknown[]): Promise<object> => gate((await Reflect.apply(invoke, to, args)) as object);
  return Object.create(to, { onInvokeHandoff: { value: onInvokeHandoff } }) as object;
}

/** `undefined` for a name that the runner looks up. */
function gatedModel(model: unknown, provider: OpenAIModelProvider | undefined): OpenAIModel | string | undefined {
  if (model === undefined || typeof model === "string") {
    return provider === undefined ? model : new NamedModel(provider, model);
  }
  if (hasMethods(model as object, "getResponse")) return new GatedModel(model as OpenAIModel, nameOf(model));
  throw new InvalidArgumentError(
    "Expected `model` for an agent of the OpenAI Agents SDK to be one of its models or a name. " +
      'Wrap a model of the AI SDK: aisdk(openai("gpt-5-mini")), of @openai/agents-extensions/ai-sdk',
  );
}

/** Looks models up by name, as the SDK would. */
function gatedProvider(agent: object): OpenAIModelProvider {
  return {
    async getModel(given) {
      const { Runner, getDefaultModel } = await loadSdk(agent);
      const name = given === "" ? undefined : given;
      // What a runner uses by default is not exported.
      const model = await new Runner().config.modelProvider.getModel(name);
      return new GatedModel(model, name ?? getDefaultModel?.() ?? nameOf(model));
    },
  };
}

/** The SDK's models keep their name in a field that only TypeScript hides. */
function nameOf(model: unknown): string {
  const { _model, model: plain, modelId, name } = membersOf(model);
  const found = [_model, plain, modelId, name].find((one) => typeof one === "string" && one !== "");
  return typeof found === "string" ? found : (model as object).constructor.name;
}

/** A model whose calls have the texts of the candidate and pass the gate. */
class GatedModel implements OpenAIModel {
  readonly #model: OpenAIModel;
  readonly #name: string;

  constructor(model: OpenAIModel, name: string) {
    this.#model = model;
    this.#name = name;
  }

  /** Whether a stored prompt may choose the model. */
  get supportsPromptModelSelection(): unknown {
    return (this.#model as Members & OpenAIModel).supportsPromptModelSelection;
  }

  async getResponse(request: OpenAIModelRequest): Promise<OpenAIModelReply> {
    const ask = (asked: OpenAIModelRequest): Promise<OpenAIModelReply> =>
      nativeCall(openAICall(this.#model, this.#name, asked), asked.signal);
    const run = TextSwap.current("agent");
    return run === undefined ? ask(request) : run.call((texts) => swapOpenAIRequest(request, texts), ask);
  }

  /** A reply comes whole, so that it is recorded. */
  async *getStreamedResponse(request: OpenAIModelRequest): AsyncGenerator<object> {
    const { responseId = "response", ...reply } = await this.getResponse(request);
    yield { type: "response_done", response: { id: responseId, ...reply } };
  }
}

/** A gated model that is looked up when it is first called. */
class NamedModel implements OpenAIModel {
  readonly #provider: OpenAIModelProvider;
  readonly #name: string | undefined;

  constructor(provider: OpenAIModelProvider, name: string | undefined) {
    this.#provider = provider;
    this.#name = name;
  }

  async getResponse(request: OpenAIModelRequest): Promise<OpenAIModelReply> {
    return (await this.#provider.getModel(this.#name)).getResponse(request);
  }

  async *getStreamedResponse(request: OpenAIModelRequest): AsyncGenerator<object> {
    yield* (await this.#provider.getModel(this.#name)).getStreamedResponse(request);
  }
}

function itemsOf(input: AgentInput): unknown {
  if (typeof input === "string") return input;
  return input.map((message) => {
    const { role, content } = message;
    return role === "assistant" && typeof content === "string" ? assistantMessage(content) : message;
  });
}
