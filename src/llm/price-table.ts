/**
 * The table of prices and context windows: the package `@pydantic/genai-prices`, read offline.
 *
 * @module
 */
import type { calcPrice, findProvider, PriceCalculation, PriceCalculationResult, Provider } from "@pydantic/genai-prices";
import { environmentVariable } from "../data/environment.ts";
import { loadOnDemand } from "../data/load-on-demand.ts";
import type { ModelPrice } from "./model-price.ts";

/**
 * Looks prices up by `"provider/model"`, where the provider is named as the AI SDK names it.
 *
 * Only providers that are exactly known count: the package itself takes any name with "openai" in it for OpenAI, which
 * would price the models of a self-hosted server. Models that are also paid by the request have no price here.
 */
export class PriceTable {
  readonly #at: Date;
  readonly #priceOf = new Map<string, PriceBySize>();

  /** @param at milliseconds since 1970 at which prices hold */
  constructor(at: number) {
    this.#at = new Date(at);
  }

  /** Dollars per million tokens of a prompt of that many tokens, or `undefined` when there is no such model. */
  price(model: string, inputTokens: number): ModelPrice | undefined {
    let priceOf = this.#priceOf.get(model);
    if (priceOf === undefined) {
      priceOf = this.#lookUp(model);
      this.#priceOf.set(model, priceOf);
    }
    return priceOf(inputTokens);
  }

  /** Tokens that prompt and reply of the model may have together; `undefined` when the table does not say. */
  contextWindow(model: string): number | undefined {
    return this.#finder(model)?.(1)?.model.context_window;
  }

  /** Looks the model up, as asked with a prompt of that many tokens; `undefined` when nothing is known of its provider. */
  #finder(model: string): ((inputTokens: number) => PriceCalculationResult) | undefined {
    const slash = model.indexOf("/");
    const id = model.slice(slash + 1);
    const provider = providerOf(model.slice(0, slash));
    const calculate = loadPackage()?.calcPrice;
    if (provider === undefined || calculate === undefined) return undefined;
    return (inputTokens) => calculate({ input_tokens: inputTokens, output_tokens: 1 }, id, { provider, timestamp: this.#at });
  }

  #lookUp(model: string): PriceBySize {
    const find = this.#finder(model);
    if (find === undefined) return unknown;
    const found = find(1)?.model_price ?? {};
    const { input_mtok: input, output_mtok: output, requests_kcount: fee } = found;
    if (input === undefined || output === undefined || fee !== undefined) return unknown;
    if (typeof input === "number" && typeof output === "number") {
      // Asked once and not for every call: the package takes its time to find a model.
      const price: ModelPrice = {
        inputPerMillion: input,
        outputPerMillion: output,
        ...(typeof found.cache_read_mtok === "number" ? { cachedInputPerMillion: found.cache_read_mtok } : {}),
        ...(typeof found.cache_write_mtok === "number" ? { cacheWritePerMillion: found.cache_write_mtok } : {}),
      };
      return () => price;
    }
    // Long prompts of this model cost more.
    return (inputTokens) => {
      const tokens = Math.max(1, inputTokens);
      const found = find(tokens) as PriceCalculation;
      return { inputPerMillion: (found.input_price * 1e6) / tokens, outputPerMillion: found.output_price * 1e6 };
    };
  }
}

type PriceBySize = (inputTokens: number) => ModelPrice | undefined;

const unknown: PriceBySize = () => undefined;

/** Names of the AI SDK for which the table has its own. */
const namesInTable: Readonly<Record<string, string>> = {
  "amazon-bedrock": "aws",
  "google-vertex": "google",
  togetherai: "together",
  xai: "x-ai",
};

function providerOf(name: string): Provider | undefined {
  const find = loadPackage()?.findProvider;
  const baseURL = name === "openai" ? environmentVariable("OPENAI_BASE_URL") : undefined;
  // Whose server answers decides what it costs, and nobody knows that of a self-hosted server.
  if (baseURL !== undefined) return find?.({ providerApiUrl: baseURL });
  const id = Object.hasOwn(namesInTable, name) ? (namesInTable[name] as string) : name;
  const found = find?.({ providerId: id });
  return found?.id === id ? found : undefined;
}

interface PricePackage {
  readonly calcPrice: typeof calcPrice;
  readonly findProvider: typeof findProvider;
}

/** At once and not by `import()`, so that what a call has cost can be told without waiting. */
function loadPackage(): PricePackage | undefined {
  return loadOnDemand<PricePackage>("@pydantic/genai-prices");
}
