/**
 * `addressOf`: where the requests to a model go.
 *
 * @module
 */
import { environmentVariable } from "../data/environment.ts";
import { type ModelLike, originalModel } from "./language-model.ts";

/** The address of a model of OpenAI's package, or of one that is made alike; `undefined` where nobody can tell. */
export function addressOf(given: ModelLike): string | undefined {
  const model = originalModel(given);
  if (typeof model === "string") return model.startsWith("openai/") ? environmentVariable("OPENAI_BASE_URL") : undefined;
  const { config } = model as { readonly config?: { readonly url?: (request: object) => unknown } };
  try {
    const url = config?.url?.({ path: "/models", modelId: model.modelId });
    return url === undefined ? undefined : String(url).replace(/\/models$/, "");
  } catch {
    // A package that keeps its address elsewhere.
    return undefined;
  }
}
