/**
 * What a program already has, as parts of opto: agents of other frameworks.
 *
 * @module
 */
export type { AgentInput, AgentMessage, AgentModel, AgentTexts } from "./agent-kind.ts";
export { type AgentTextsOptions, agentTexts } from "./agent-texts.ts";
export { trackedChatModel } from "./chat-model.ts";
export { type AgentCallOptions, type AgentResult, type FromAgentOptions, fromAgent, type OpenAIRunResult } from "./from-agent.ts";
