/**
 * Language models: traced and plain calls, replies as data, models by name. The AI SDK is the interface to all of them.
 *
 * @module
 */

export { callModel } from "./call-model.ts";
export type { GatedCall, LiveReply, ModelGate } from "./call-services.ts";
export { type ChatModelOptions, chatModel } from "./chat-completions/chat-model.ts";
export { type EmbedReply, type EmbedRequest, embed } from "./embed.ts";
export type { EmbeddingModel, EmbeddingModelLike } from "./embedding-model.ts";
export { type GenerateRequest, generate } from "./generate.ts";
export { fastFetch } from "./http/fast-fetch.ts";
export { type LanguageModel, type ModelLike, modelName, type NamedLanguageModel } from "./language-model.ts";
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
export type { CallLimits, CallOptions, CallSchedulerOptions, RetryOptions } from "./pace/call-options.ts";
export { CallScheduler } from "./pace/call-scheduler.ts";
export { configuredModel, resolveModel } from "./resolve-model.ts";
export type { Budget } from "./spend/budget.ts";
export type { CallProfile } from "./spend/call-profile.ts";
export type { ModelPrice, Prices } from "./spend/prices.ts";
export type { Usage, UsageLine } from "./spend/usage.ts";
export { askStructured, type StructuredRequest } from "./structured/ask-structured.ts";
export { offersStructuredOutput, type ResponseFormat } from "./structured/response-format.ts";
export { type TrackedOptions, tracked } from "./tracked.ts";
