/**
 * `trainedModel`: the model of an agent of the AI SDK: its calls have the texts of the candidate and pass opto's gate.
 *
 * @module
 */
import type { LanguageModel, ModelLike } from "../llm/language-model.ts";
import type { DirectOptions, Message } from "../llm/model-request.ts";
import { tracked } from "../llm/tracked.ts";
import { AgentRun, type CallTexts } from "./agent-run.ts";

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
    const run = AgentRun.current();
    return run === undefined ? ask(options) : run.call((texts) => swapTexts(options, texts), ask);
  }
}

interface StreamingModel extends LanguageModel {
  readonly supportedUrls?: unknown;
  readonly supportsStructuredOutputs?: unknown;
  doGenerate(options: DirectOptions): PromiseLike<object>;
  doStream(options: DirectOptions): PromiseLike<object>;
}

function swapTexts(options: DirectOptions, texts: CallTexts): DirectOptions {
  const { prompt, tools } = options;
  return {
    ...options,
    prompt: prompt.map((message) => swapMessage(message, texts)),
    ...(tools === undefined ? {} : { tools: texts.tools(tools) }),
  };
}

function swapMessage(message: Message, texts: CallTexts): Message {
  const { role, content, ...rest } = withoutTimes(message) as Message;
  if (typeof content === "string") return { ...rest, role, content: role === "system" ? texts.instructions(content) : content };
  return { ...rest, role, content: content.map((part) => swapPart(withoutTimes(part), role, texts)) };
}

function swapPart(part: object, role: string, texts: CallTexts): object {
  const { type, text } = part as { readonly type?: unknown; readonly text?: unknown };
  const isText = type === "text" && typeof text === "string" && role !== "tool";
  return isText ? { ...part, text: texts.example(text) } : part;
}

/** Mastra notes here when it made a message. No provider reads it, and with it no call would be found in the records. */
function withoutTimes(noted: object): object {
  const { providerOptions, ...rest } = noted as { readonly providerOptions?: { readonly mastra?: unknown } };
  if (providerOptions?.mastra === undefined) return noted;
  const { mastra: _mastra, ...others } = providerOptions;
  return Object.keys(others).length === 0 ? rest : { ...rest, providerOptions: others };
}
