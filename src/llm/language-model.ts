/**
 * What counts as a language model: an object of the AI SDK, or the name of one.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { ConfigurationError } from "../errors.ts";

/**
 * A language model of the AI SDK (specification v2, v3 or v4): what provider packages give, and what `generateText` takes.
 *
 * The type is structural, so it fits the objects of every supported version of `ai` and needs none to be installed.
 */
export interface LanguageModel {
  readonly specificationVersion: "v2" | "v3" | "v4";
  readonly provider: string;
  readonly modelId: string;
  /** Called by opto and by the AI SDK. */
  doGenerate(options: never): PromiseLike<unknown>;
}

/** A model that every version of the AI SDK takes; which specification it follows is decided by what is installed. */
export interface NamedLanguageModel {
  readonly specificationVersion: never;
  readonly provider: string;
  readonly modelId: string;
  readonly supportedUrls: never;
  /** Called by the AI SDK only. */
  doGenerate(options: never): PromiseLike<never>;
  /** Called by the AI SDK only. */
  doStream(options: never): PromiseLike<never>;
}

/** What is accepted wherever a language model is: the object, or `"provider/model"`. */
export type ModelLike = LanguageModel | string;

const originals = new WeakMap<object, ModelLike>();

/** Says what a model stands for that sends the calls of another through the gate. */
export function standsFor(model: LanguageModel, original: ModelLike): void {
  originals.set(model, original);
}

/** The model that one stands for, for what passes the gate by itself; every other model is returned as it is. */
export function originalModel<M extends ModelLike | undefined>(model: M): M {
  return typeof model === "object" ? ((originals.get(model) ?? model) as M) : model;
}

/**
 * The name of a model, the same for the object and for the string that names it.
 *
 * @throws ConfigurationError for what is no model
 * @example
 * modelName(openai.chat("gpt-5-mini")); // "openai/gpt-5-mini"
 */
export function modelName(model: ModelLike): string {
  if (typeof model === "string") return model;
  const problem = modelProblem(model);
  if (problem !== undefined) throw new ConfigurationError(`Expected a model to be ${problem}`);
  return modelObjectName(model);
}

/** The name of any model of the AI SDK, also of one that embeds. */
export function modelObjectName({ provider, modelId }: Pick<LanguageModel, "provider" | "modelId">): string {
  // Providers say which of their interfaces it is, too: "openai.responses".
  return `${provider.split(".")[0]}/${modelId}`;
}

/** What a model has to be and what was given instead; `undefined` for a model, and for a name, which is read where it is used. */
export function modelProblem(given: unknown): string | undefined {
  if (typeof given === "string" || isLanguageModel(given)) return undefined;
  const name = typeof given === "function" && given.name !== "" ? given.name : "openai";
  // What a provider's package exports makes models; it is none.
  const hint = typeof given === "function" ? `. Call the provider with a model name, like ${name}("gpt-5-mini")` : "";
  return `"provider/model" or a language model of the AI SDK, got ${describeValue(given)}${hint}`;
}

function isLanguageModel(value: unknown): value is LanguageModel {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const { doGenerate, provider, modelId } = value as Partial<Record<keyof LanguageModel, unknown>>;
  return typeof doGenerate === "function" && typeof provider === "string" && typeof modelId === "string";
}
