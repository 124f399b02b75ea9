/**
 * `embed`: texts as vectors, through the gate that every model call passes.
 *
 * @module
 */
import { ConfigurationError, InfrastructureError, InvalidArgumentError } from "../errors.ts";
import { callModel } from "./call-model.ts";
import { currentDryRun } from "./dry-run.ts";
import {
  decodeVectors,
  type EmbeddingModel,
  type EmbeddingModelLike,
  embeddingAsLanguageModel,
  embeddingModelProblem,
} from "./embedding-model.ts";
import type { ModelReply, ModelRequest } from "./model-request.ts";
import { loadProvider } from "./resolve-model.ts";

/** What is embedded, and by which model. */
export interface EmbedRequest extends Pick<ModelRequest, "signal" | "role" | "maxRetries"> {
  readonly model: EmbeddingModelLike;
  /** At least one; none of them empty. */
  readonly texts: readonly string[];
}

/** The vectors, in the order of the texts. */
export interface EmbedReply extends Pick<ModelReply, "usage" | "model"> {
  readonly vectors: readonly (readonly number[])[];
}

/**
 * Embeds texts in one call. Inside a run it is counted, limited, and recorded like a call of a language model.
 *
 * @throws ConfigurationError for what is no embedding model, and whatever `callModel` throws
 * @throws InfrastructureError when the reply does not have a vector for each text
 * @example
 * const { vectors } = await embed({ model: "openai/text-embedding-3-small", texts: ["Lima", "Quito"] });
 */
export async function embed({ model, texts, ...settings }: EmbedRequest): Promise<EmbedReply> {
  if (texts.length === 0 || texts.includes("")) {
    throw new InvalidArgumentError("Expected `texts` to be embedded to be a list of at least one text, none of them empty");
  }
  const embedder = embeddingAsLanguageModel(await resolveEmbeddingModel(model));
  const prompt = JSON.stringify(texts);
  const { text, usage, model: name } = await callModel({ ...settings, model: embedder, prompt, maxOutputTokens: 1 });
  if (currentDryRun() !== undefined) return { vectors: texts.map(() => [1]), usage, model: name };
  const vectors = readVectors(text, name);
  if (vectors.length === texts.length) return { vectors, usage, model: name };
  throw new InfrastructureError(`Expected ${texts.length} vectors from ${name}, got ${vectors.length}`);
}

/**
 * The model itself, or the one that a name stands for.
 *
 * @throws ConfigurationError for what is no embedding model
 * @throws MissingPackageError naming the command that installs the provider's package
 */
async function resolveEmbeddingModel(given: EmbeddingModelLike): Promise<EmbeddingModel> {
  const problem = embeddingModelProblem(given);
  if (problem !== undefined) throw new ConfigurationError(`Expected an embedding model to be ${problem}`);
  if (typeof given !== "string") return given;
  const { provider, id } = await loadProvider(given, "the embedding model");
  const { embeddingModel = provider.textEmbeddingModel } = provider;
  const model = embeddingModel?.call(provider, id);
  if (model !== undefined) return model;
  throw new ConfigurationError(`The provider of "${given}" has no embedding models`);
}

function readVectors(text: string, name: string): readonly (readonly number[])[] {
  try {
    return decodeVectors(text);
  } catch (cause) {
    throw new InfrastructureError(`${name} returned no vectors`, { cause });
  }
}
