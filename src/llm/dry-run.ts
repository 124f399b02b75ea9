/**
 * `DryRun`: answers calls of language models without any model, to see what an agent would ask.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { isPlainObject, type JsonValue } from "../data/json.ts";
import type { DirectCall, GateRequest, ModelReply, ModelRequest, ModelRole } from "./model-request.ts";
import { requestedModel } from "./resolve-model.ts";
import { estimateInputTokens } from "./spend/estimate-tokens.ts";
import { structuredCorrection, structuredInstructions } from "./structured/structured-prompt.ts";

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

/** Schemas that contain themselves end somewhere. */
const maxDepth = 20;

/**
 * A value of the right type with the required fields, within bounds and choices. Patterns, formats and the like are not
 * heeded, so it need not fit.
 */
export function sampleJson(schema: JsonValue): JsonValue {
  return sample(schema, schema, 0);
}

function sample(schema: JsonValue | undefined, root: JsonValue, depth: number): JsonValue {
  if (!isPlainObject(schema) || depth > maxDepth) return {};
  const inner = (part: unknown): JsonValue => sample(part as JsonValue | undefined, root, depth + 1);
  if (typeof schema.$ref === "string") return inner(target(schema.$ref, root));
  if (schema.const !== undefined) return schema.const as JsonValue;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0] as JsonValue;
  for (const choice of [schema.anyOf, schema.oneOf]) if (Array.isArray(choice) && choice.length > 0) return inner(choice[0]);
  if (Array.isArray(schema.allOf)) return inner(Object.assign({}, schema, { allOf: undefined }, ...schema.allOf));

  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case "string":
      return "text".padEnd(boundOf(schema.minLength) ?? 0, ".").slice(0, boundOf(schema.maxLength));
    case "integer":
    case "number":
      return numberIn(schema);
    case "boolean":
      return false;
    case "null":
      return null;
    case "array":
      return Array.from({ length: Math.min(boundOf(schema.minItems) ?? 0, 100) }, () => inner(schema.items));
    default: {
      const properties = isPlainObject(schema.properties) ? schema.properties : {};
      const required = Array.isArray(schema.required) ? (schema.required as string[]) : [];
      return Object.fromEntries(required.map((name) => [name, inner(properties[name])]));
    }
  }
}

/** 0, or the number within the bounds that is nearest to it and whole. */
function numberIn(schema: Record<string, unknown>): number {
  const least = boundOf(schema.minimum) ?? addOne(boundOf(schema.exclusiveMinimum), 1);
  const most = boundOf(schema.maximum) ?? addOne(boundOf(schema.exclusiveMaximum), -1);
  return Math.min(Math.max(0, least ?? 0), Math.max(most ?? Number.POSITIVE_INFINITY, least ?? Number.NEGATIVE_INFINITY));
}

function addOne(bound: number | undefined, step: 1 | -1): number | undefined {
  return bound === undefined ? undefined : bound + step;
}

function boundOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** What a reference like `#/$defs/item` names. */
function target(reference: string, root: JsonValue): JsonValue | undefined {
  let found: unknown = root;
  for (const key of reference.split("/").slice(1)) {
    found = isPlainObject(found) ? found[key.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  }
  return found as JsonValue | undefined;
}
