/**
 * What counts as a language model: an object of the AI SDK, or the name of one.
 *
 * @module
 */

/**
 * A language model of the AI SDK (specification v2, v3 or v4): what provider packages give, and what `generateText` takes.
 *
 * The type is structural, so it fits the objects of every supported version of `ai` and needs none to be installed.
 */
export interface LanguageModel {
  readonly specificationVersion: "v2" | "v3" | "v4";
  readonly provider: string;
  readonly modelId: string;
  /** Called by the AI SDK only. */
  doGenerate(options: never): PromiseLike<unknown>;
}

/** What is accepted wherever a language model is: the object, or `"provider/model"`. */
export type ModelLike = LanguageModel | string;

/**
 * The name of a model, the same for the object and for the string that names it.
 *
 * @example
 * modelName(openai.chat("gpt-5-mini")); // "openai/gpt-5-mini"
 */
export function modelName(model: ModelLike): string {
  if (typeof model === "string") return model;
  // Providers say which of their interfaces it is, too: "openai.responses".
  const [provider] = model.provider.split(".");
  return `${provider}/${model.modelId}`;
}
