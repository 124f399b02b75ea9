/**
 * `interceptModel`: a model whose `doGenerate` does something besides.
 *
 * @module
 */
import type { LanguageModel } from "./language-model.ts";

/**
 * The same model to the AI SDK, with another `doGenerate`. Made by hand, because every version of the AI SDK has its own way to wrap a
 * model.
 *
 * @param generate is given the options of the call and the original's `doGenerate`
 */
export function interceptModel<Result extends object>(
  model: LanguageModel,
  generate: (options: object, original: (options: object) => Promise<Result>) => Promise<object>,
): LanguageModel {
  const original = model as LanguageModel & { readonly supportedUrls?: unknown };
  return {
    specificationVersion: original.specificationVersion,
    provider: original.provider,
    modelId: original.modelId,
    // Methods of the AI SDK's classes need their own `this`.
    get supportedUrls() {
      return original.supportedUrls;
    },
    doGenerate: (options: object) => generate(options, async (given) => (await original.doGenerate(given as never)) as Result),
  } as LanguageModel;
}
