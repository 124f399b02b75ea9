/**
 * `DryRun`: answers calls of language models without any model, to see what an agent would ask.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { JsonValue } from "../data/json.ts";
import { estimateInputTokens } from "./estimate-tokens.ts";
import type { DirectCall, GateRequest, ModelReply, ModelRequest, ModelRole } from "./model-request.ts";
import { structuredCorrection, structuredInstructions } from "./prompts/structured-reply.ts";
import { requestedModel } from "./resolve-model.ts";
import { sampleJson } from "./sample-json.ts";

/** Takes the place of all providers. */
export interface DryRun {
  /** The reply to a call, immediately and without a provider. */
  answer(request: GateRequest): ModelReply;
}

/** A call that would have been made. */
export interface DryCall {
  /** `"provider/model"`. */
  readonly model: string;
  readonly role: ModelRole;
  /** Tokens of the prompt, an upper estimate. */
  readonly inputTokens: number;
  /** The longest reply, in tokens, if it is bounded. */
  readonly maxOutputTokens: number | undefined;
  /** Whether it asks again, because the previous reply was unusable. */
  readonly isCorrection: boolean;
}

/** What a reply says that has no form to keep to. */
export const placeholderReply = "The reply of the model would be here.";

/**
 * Records calls and answers each with a short text; where JSON is asked for and its schema shown, with a value that fits
 * as far as types, required fields, choices and bounds go.
 */
export class DryRunRecorder implements DryRun {
  readonly calls: DryCall[] = [];

  /** @throws ConfigurationError when no model is named, as the call itself would */
  answer(request: GateRequest): ModelReply {
    const model = requestedModel(request.model);
    const { role = "agent", direct } = request;
    const maxOutputTokens = request.maxOutputTokens ?? direct?.options.maxOutputTokens;
    const inputTokens = estimateInputTokens(request);
    this.calls.push({ model, role, inputTokens, maxOutputTokens, isCorrection: isCorrection(request) });
    const text = direct === undefined ? replyTo(request.system ?? "") : directReply(direct);
    return { text, finishReason: "stop", usage: { inputTokens, outputTokens: null }, model };
  }
}

/** Runs `fn`, and all that it starts, with `dryRun` in the place of all providers. */
export function withDryRun<R>(dryRun: DryRun, fn: () => R): R {
  return storage.run(dryRun, fn);
}

/** What answers calls here and now, or `undefined` where they go to providers. */
export function currentDryRun(): DryRun | undefined {
  return storage.getStore();
}

const storage = new AsyncLocalStorage<DryRun>();

function replyTo(system: string): string {
  const schema = schemaIn(system);
  return schema === undefined ? placeholderReply : JSON.stringify(sampleJson(schema));
}

function directReply({ options: { prompt, responseFormat } }: DirectCall): string {
  if (responseFormat?.type === "json") return JSON.stringify(sampleJson(responseFormat.schema ?? {}));
  return replyTo(prompt.flatMap(({ role, content }) => (role === "system" ? [String(content)] : [])).join("\n\n"));
}

function isCorrection({ messages = [] }: ModelRequest): boolean {
  const [lead = ""] = structuredCorrection("\n").split("\n");
  const content = messages.at(-1)?.content;
  return messages.length > 1 && typeof content === "string" && content.startsWith(lead);
}

/** The JSON Schema at the end of instructions; `{}` when JSON is asked for without one. */
function schemaIn(system: string): JsonValue | undefined {
  const lead = structuredInstructions("");
  const start = system.lastIndexOf(lead);
  if (start < 0) return system.includes(structuredInstructions(undefined)) ? {} : undefined;
  try {
    return JSON.parse(system.slice(start + lead.length)) as JsonValue;
  } catch {
    return {};
  }
}
