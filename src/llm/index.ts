/**
 * Language models: traced and plain calls, replies as data, models by name. The AI SDK is the interface to all of them.
 *
 * @module
 */
export { askStructured, type StructuredRequest } from "./ask-structured.ts";
export type { Budget } from "./budget.ts";
export type { CallLimits } from "./call-limits.ts";
export { callModel } from "./call-model.ts";
export type { CallOptions, CallSchedulerOptions, RetryOptions } from "./call-options.ts";
export type { CallProfile } from "./call-profile.ts";
export { CallScheduler } from "./call-scheduler.ts";
export type { GatedCall, LiveAnswer, ModelGate } from "./call-services.ts";
export { type EmbedReply, type EmbedRequest, embed } from "./embed.ts";
export type { EmbeddingModel, EmbeddingModelLike } from "./embedding-model.ts";
export { type GenerateRequest, generate } from "./generate.ts";
export { type LanguageModel, type ModelLike, modelName } from "./language-model.ts";
export type { DirectCall, DirectOptions, GateRequest, Message, ModelReply, ModelRequest, ModelRole } from "./model-request.ts";
export {
  type ChatReply,
  type ChatReplyMessage,
  type EmbeddingReply,
  type OpenAIClient,
  type OpenAIClientOptions,
  type OpenAIRequestOptions,
  openAIClient,
  type ResponseReply,
} from "./openai/openai-client.ts";
export type { OpenAIBody } from "./openai/openai-request.ts";
export type { ModelPrice, Prices } from "./prices.ts";
export { configuredModel, resolveModel } from "./resolve-model.ts";
export { offersStructuredOutput, type ResponseFormat } from "./response-format.ts";
export { type NamedLanguageModel, type TrackedOptions, tracked } from "./tracked.ts";
export type { Usage, UsageLine } from "./usage.ts";
