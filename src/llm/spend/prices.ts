/**
 * What calls of language models cost: prices from the user, else those of a table that comes as a package, which also knows context windows.
 *
 * @module
 */

import type { calcPrice, findProvider, PriceCalculation, PriceCalculationResult, Provider } from "@pydantic/genai-prices";
import { environmentVariable } from "../../data/environment.ts";
import { describeValue } from "../../data/json.ts";
import { loadOnDemand, loadWhileWaiting } from "../../data/load-on-demand.ts";
import { numberWithin, type OptionTable } from "../../data/option-table.ts";
import { checkTable, checkValue } from "../../data/options.ts";
import { InvalidArgumentError } from "../../errors.ts";
import { type ModelLike, modelName } from "../language-model.ts";
import type { TokenCounts } from "../model-request.ts";
import { requestedModel } from "../resolve-model.ts";
import { shownUrl } from "../set-up-error.ts";

/** Dollars are counted in whole billionths: sums are exact, whatever their order. */
export const nanosPerDollar = 1e9;

/**
 * Tells what calls cost. The table is loaded when a price is first asked for that the user has not given.
 *
 * Works offline: a price is as fresh as the installed `@pydantic/genai-prices`.
 */
export class PriceList {
  readonly #given: Prices;
  readonly #table: PriceTable;

  /**
   * @param at milliseconds since 1970: of prices that change, those of this moment hold
   * @throws InvalidArgumentError for an invalid price
   */
  constructor(given: Prices, at: number) {
    checkPrices(given);
    this.#given = given;
    this.#table = new PriceTable(at);
  }

  /** Whether the model has a price. */
  knows(model: string): boolean {
    return this.nanos(model, { inputTokens: 0, outputTokens: 0 }) !== null;
  }

  /** Says that the price of a model will be asked for when its answer has come: the table takes a tenth of a second to load. */
  announce(model: string): void {
    if (!Object.hasOwn(this.#given, model)) loadWhileWaiting(pricePackage);
  }

  /** Billionths of a dollar, rounded; `null` when the price is not known, or the number of tokens that it is paid by. */
  nanos(model: string, { inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteTokens = 0 }: TokenCounts): number | null {
    const price = Object.hasOwn(this.#given, model) ? this.#given[model] : this.#table.price(model, inputTokens ?? 0);
    if (price === undefined) return null;
    const { inputPerMillion, cachedInputPerMillion = inputPerMillion, cacheWritePerMillion = inputPerMillion } = price;
    const input = part(inputTokens, inputPerMillion);
    const output = part(outputTokens, price.outputPerMillion);
    if (input === null || output === null) return null;
    // What caches cost more or less than the rest of the input.
    const cached = cachedInputTokens * (cachedInputPerMillion - inputPerMillion);
    const written = cacheWriteTokens * (cacheWritePerMillion - inputPerMillion);
    return Math.round(input + output + (cached + written) * nanosPerMicro);
  }
}

/** Why the price of a model is not known, and how to give it. No number is suggested: that of another model would be taken for its own. */
export function unknownPrice(model: string): string {
  const server = model.startsWith("openai/") ? environmentVariable("OPENAI_BASE_URL") : undefined;
  const reason =
    server === undefined
      ? "it is in no price table"
      : `OPENAI_BASE_URL names another server (${shownUrl(server)}), and no price table covers it`;
  const fields = "{ inputPerMillion: …, outputPerMillion: … }";
  return `${reason}. Give calls: { prices: { ${JSON.stringify(model)}: ${fields} } }, in dollars per million tokens; 0 for a model that costs nothing`;
}

/** Billionths of a dollar in what a token costs at a dollar per million. */
const nanosPerMicro = nanosPerDollar / 1e6;

/** What costs nothing costs nothing also when nobody says how much it was. */
function part(tokens: number | null, perMillion: number): number | null {
  if (perMillion === 0) return 0;
  return tokens === null ? null : tokens * perMillion * nanosPerMicro;
}

/** Dollars per million tokens; 0 for a model that costs nothing. */
export interface ModelPrice {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
  /** Of tokens read from a cache. @default that of the input */
  readonly cachedInputPerMillion?: number | undefined;
  /** Of tokens written to a cache. @default that of the input */
  readonly cacheWritePerMillion?: number | undefined;
}

/** Prices by `"provider/model"`. They win over those of the table. */
export type Prices = Readonly<Record<string, ModelPrice>>;

/**
 * Rejects invalid prices.
 *
 * @throws InvalidArgumentError naming the model
 */
export function checkPrices(prices: Prices): void {
  if (typeof prices !== "object" || prices === null || Array.isArray(prices)) {
    throw new InvalidArgumentError(`Expected \`prices\` to be an object keyed by "provider/model", got ${describeValue(prices)}`);
  }
  for (const [model, price] of Object.entries(prices)) {
    if (!/^[^/]+\/./.test(model)) {
      throw new InvalidArgumentError(`Expected \`prices\` to name models as "provider/model", got ${describeValue(model)}`);
    }
    const owner = `the price of ${model}`;
    checkTable(price, priceTable, owner);
    for (const name of ["inputPerMillion", "outputPerMillion"] as const)
      checkValue(price[name], dollars, `\`${name}\` of ${owner}`);
  }
}

const dollars = { ...numberWithin({ least: 0 }), expected: "dollars per million tokens, 0 or more" };
const priceTable: OptionTable<ModelPrice> = {
  inputPerMillion: dollars,
  outputPerMillion: dollars,
  cachedInputPerMillion: dollars,
  cacheWritePerMillion: dollars,
};

/**
 * Looks prices up by `"provider/model"`, where the provider is named as the AI SDK names it.
 *
 * Only providers that are exactly known count: the package itself takes any name with "openai" in it for OpenAI, which
 * would price the models of a self-hosted server. Models that are also paid by the request have no price here.
 */
class PriceTable {
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

const pricePackage = "@pydantic/genai-prices";

interface PricePackage {
  readonly calcPrice: typeof calcPrice;
  readonly findProvider: typeof findProvider;
}

/** At once and not by `import()`, so that what a call has cost can be told without waiting. */
function loadPackage(): PricePackage | undefined {
  return loadOnDemand<PricePackage>(pricePackage);
}

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
