/**
 * `trainedModel`: the model of an agent of the AI SDK: its calls have the texts of the candidate and pass opto's gate.
 *
 * @module
 */
import type { LanguageModel, ModelLike } from "../llm/language-model.ts";
import type { DirectOptions } from "../llm/model-request.ts";
import { TextSwap, withTexts } from "../llm/text-swap.ts";
import { tracked } from "../llm/tracked.ts";

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
