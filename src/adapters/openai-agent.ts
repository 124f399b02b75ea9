/**
 * Agents of the OpenAI Agents SDK (`@openai/agents`).
 *
 * @module
 */
import { textOf } from "../data/json.ts";
import { loadPackage } from "../data/load-package.ts";
import { ConfigurationError, InvalidArgumentError } from "../errors.ts";
import { type AgentInput, type AgentKind, hasMethods, type Members, membersOf } from "./agent-kind.ts";
import { AgentRun } from "./agent-run.ts";
import { nativeCall } from "./native-call.ts";
import {
  assistantMessage,
  type OpenAIModel,
  type OpenAIModelReply,
  type OpenAIModelRequest,
  openAICall,
  swapOpenAIRequest,
} from "./openai-calls.ts";
import { instructionTexts, toolTexts } from "./text-paths.ts";

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
      agent: () => withGatedModel(agent, model ?? membersOf(agent).model),
      async run(input, { signal }) {
        const { Runner } = await loadSdk(agent);
        const runner = new Runner({ modelProvider: await gatedProvider(agent) });
        const own = model ?? membersOf(agent).model;
        // A name is left to the runner, which knows the settings that go with it.
        const isNamed = own === undefined || typeof own === "string";
        const running = isNamed && model === undefined ? agent : await withGatedModel(agent, own);
        return runner.run(running, itemsOf(input), { signal });
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
    "This agent is of another copy of @openai/agents than the one that opto finds. Run it yourself: " +
      "fromAgent(agent, { model, call: (agent, input, { signal }) => run(agent, input, { signal }) }), with a model object",
  );
}

/** What inherits everything from the agent but its model. */
async function withGatedModel(agent: object, model: unknown): Promise<object> {
  return Object.create(agent, { model: { value: await gatedModel(agent, model) } }) as object;
}

/** @throws InvalidArgumentError for what is no model of the SDK */
async function gatedModel(agent: object, model: unknown): Promise<OpenAIModel> {
  if (model === undefined || typeof model === "string") return (await gatedProvider(agent)).getModel(model);
  if (hasMethods(model as object, "getResponse")) return new GatedModel(model as OpenAIModel, nameOf(model));
  throw new InvalidArgumentError(
    "Expected `model` for an agent of the OpenAI Agents SDK to be one of its models or a name. " +
      'Wrap a model of the AI SDK: aisdk(openai("gpt-5-mini")), of @openai/agents-extensions/ai-sdk',
  );
}

/** Looks models up by name, as the SDK would. */
async function gatedProvider(agent: object): Promise<OpenAIModelProvider> {
  const { Runner } = await loadSdk(agent);
  // What a runner uses by default is not exported.
  const provider = new Runner().config.modelProvider;
  return {
    async getModel(name) {
      const model = await provider.getModel(name === "" ? undefined : name);
      return new GatedModel(model, name === undefined || name === "" ? nameOf(model) : name);
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
    const run = AgentRun.current();
    return run === undefined ? ask(request) : run.call((texts) => swapOpenAIRequest(request, texts), ask);
  }

  /** A reply comes whole. */
  async *getStreamedResponse(request: OpenAIModelRequest): AsyncGenerator<object> {
    const { responseId = "response", ...reply } = await this.getResponse(request);
    yield { type: "response_done", response: { id: responseId, ...reply } };
  }
}

function itemsOf(input: AgentInput): unknown {
  if (typeof input === "string") return input;
  return input.map((message) => {
    const { role, content } = message;
    return role === "assistant" && typeof content === "string" ? assistantMessage(content) : message;
  });
}
