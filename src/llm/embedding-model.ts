/**
 * What counts as an embedding model, and how one passes the gate that is made for language models.
 *
 * @module
 */
import { describeValue, isPlainObject } from "../data/json.ts";
import type { LanguageModel } from "./language-model.ts";

/** An embedding model of the AI SDK (specification v2, v3 or v4), by what all of them have. */
export interface EmbeddingModel {
  readonly specificationVersion: "v2" | "v3" | "v4";
  readonly provider: string;
  readonly modelId: string;
  /** Called by opto only. */
  doEmbed(options: never): PromiseLike<unknown>;
}

/** What is accepted wherever an embedding model is: the object, or `"provider/model"`. */
export type EmbeddingModelLike = EmbeddingModel | string;

/** What an embedding model has to be and what was given instead; `undefined` for one, and for a name, which is read where it is used. */
export function embeddingModelProblem(given: unknown): string | undefined {
  if (typeof given === "string") return undefined;
  const { doEmbed, provider, modelId } = (given ?? {}) as Partial<Record<keyof EmbeddingModel, unknown>>;
  if (typeof doEmbed === "function" && typeof provider === "string" && typeof modelId === "string") return undefined;
  return `"provider/model" or an embedding model of the AI SDK, got ${describeValue(given)}`;
}

/**
 * The model in the form of a language model: its prompt is a JSON list of texts, its reply the vectors in single precision, one on each line in
 * base64. So embeddings are budgeted, paced, retried, recorded, and aborted like every other call.
 */
export function embeddingAsLanguageModel(model: EmbeddingModel): LanguageModel {
  const { provider, modelId, specificationVersion } = model;
  const doGenerate = async ({ prompt, abortSignal }: GenerateOptions): Promise<object> => {
    const values = JSON.parse(
      prompt
        .at(-1)
        ?.content.map(({ text = "" }) => text)
        .join("") ?? "[]",
    ) as string[];
    const { vectors, tokens, headers } = await embedAll(model as EmbeddingModel & Embedding, values, abortSignal);
    const usage = { inputTokens: tokens, outputTokens: 0, totalTokens: tokens };
    const isFlat = specificationVersion === "v2";
    return {
      content: [{ type: "text", text: vectors.map(encodeVector).join("\n") }],
      finishReason: isFlat ? "stop" : { unified: "stop", raw: undefined },
      usage: isFlat ? usage : { inputTokens: { total: tokens }, outputTokens: { total: 0 } },
      warnings: [],
      response: { headers },
    };
  };
  return { specificationVersion, provider, modelId, supportedUrls: {}, generatesText: false, doGenerate } as LanguageModel;
}

/** Whether the reply of a model is text, and not what stands for something else, which has no tokens. */
export function generatesText(model: LanguageModel): boolean {
  return (model as { readonly generatesText?: boolean }).generatesText !== false;
}

/** The vectors in a reply. @throws when a line is not a vector */
export function decodeVectors(text: string): readonly (readonly number[])[] {
  return text.split("\n").map((line) => {
    const bytes = Buffer.from(line, "base64");
    if (bytes.length === 0 || bytes.length % 4 !== 0) throw new Error("The reply of an embedding model is not a list of vectors");
    return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
  });
}

function encodeVector(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}

interface GenerateOptions {
  readonly prompt: readonly { readonly content: readonly { readonly text?: string }[] }[];
  readonly abortSignal?: AbortSignal | undefined;
}

interface Embedding {
  readonly maxEmbeddingsPerCall?: number | undefined | PromiseLike<number | undefined>;
  doEmbed(options: { values: readonly string[]; abortSignal?: AbortSignal | undefined }): PromiseLike<{
    readonly embeddings: readonly (readonly number[])[];
    readonly usage?: { readonly tokens?: number };
    readonly response?: { readonly headers?: unknown };
  }>;
}

async function embedAll(
  model: Embedding,
  values: readonly string[],
  abortSignal: AbortSignal | undefined,
): Promise<{ vectors: readonly (readonly number[])[]; tokens: number | undefined; headers: unknown }> {
  const most = (await model.maxEmbeddingsPerCall) ?? values.length;
  const vectors: (readonly number[])[] = [];
  let tokens: number | undefined;
  let headers: unknown;
  for (let start = 0; start < values.length; start += most) {
    const part = values.slice(start, start + most);
    const { embeddings, usage, response } = await model.doEmbed({ values: part, abortSignal });
    vectors.push(...embeddings);
    if (usage?.tokens !== undefined) tokens = (tokens ?? 0) + usage.tokens;
    headers = isPlainObject(response?.headers) ? response.headers : headers;
  }
  return { vectors, tokens, headers };
}
