/**
 * Adapters: what exists outside opto, such as agents of other frameworks and prompts in files and stores, as parts of a run.
 *
 * @module
 */

export type { AgentInput, AgentMessage, AgentModel, AgentTexts } from "./agent-kind.ts";
export { type AgentTextsOptions, agentTexts } from "./agent-texts.ts";
export { trackedChatModel } from "./chat-model.ts";
export { type AgentCallOptions, type AgentResult, type FromAgentOptions, fromAgent, type OpenAIRunResult } from "./from-agent.ts";
export { type FunctionPrompts, fromFunction } from "./from-function.ts";
export { type LangfuseClientLike, type LangfusePrompt, type LangfuseStoreOptions, langfuseStore } from "./langfuse-store.ts";
export { type FilePlace, type PromptFileOptions, promptFile } from "./prompt-file.ts";
export type { ValuePath } from "./prompt-shape.ts";
export { type PromptStore, type PromptVersion, promptFrom, type StoredPrompt, type WritePromptOptions } from "./prompt-store.ts";
export { type WriteBackOptions, writeBack } from "./write-back.ts";
export type { WriteBackTarget } from "./write-back-target.ts";
