/**
 * How much a model can read and write in one call.
 *
 * @module
 */
import { type ModelLike, modelName } from "./language-model.ts";
import { PriceTable } from "./price-table.ts";
import { requestedModel } from "./resolve-model.ts";

/** Windows do not change with time, as prices do. */
const table = new PriceTable(0);

/**
 * Tokens that prompt and reply of a model may have together, as the installed `@pydantic/genai-prices` has it; `undefined`
 * when it does not say, as for the models of a self-hosted server (`OPENAI_BASE_URL`).
 *
 * @param model @default the environment variable `OPTO_MODEL`
 * @throws ConfigurationError when no model is named
 */
export function contextWindow(model: ModelLike | undefined): number | undefined {
  return table.contextWindow(model === undefined ? requestedModel(model) : modelName(model));
}
