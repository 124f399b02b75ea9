/**
 * `AgentKind`: what an adapter for agents of one framework does, and the paths of an agent's texts: which there are, which are meant, and where in a
 * call each is found.
 *
 * @module
 */

import { isPlainObject } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import { propertiesOf, type TextPlace } from "../llm/call-texts.ts";
import type { ModelLike } from "../llm/language-model.ts";

/** A message of a conversation. */
export interface AgentMessage {
  readonly role: "system" | "user" | "assistant";
  /** A text, or parts as the framework has them. */
  readonly content: string | readonly object[];
}

/** What every agent takes: a question, or a conversation that ends with one. */
export type AgentInput = string | readonly AgentMessage[];

/**
 * Texts of an agent by path: `"instructions"` (`"instructions.0"`, … where there are several), `"tools.<name>.description"`,
 * `"tools.<name>.input.<property>.description"`, and `"examples.0"`, … for the messages before the first of the user.
 */
export type AgentTexts = Readonly<Record<string, string>>;

/** A model that answers in the place of the agent's: one of the AI SDK, or of the agent's framework, or a name. */
export type AgentModel = ModelLike | object;

/** An agent that is ready to run with its model calls passing opto's gate. */
export interface OpenedAgent {
  /** What its settings say in so many words. */
  readonly texts: AgentTexts;
  /** Paths of texts that a function composes at call time, so that no text is known. */
  readonly composed: readonly string[];
  /** Functions of its tools, by which a change of the agent is noticed. */
  readonly code: Readonly<Record<string, unknown>>;
  /** Whether the calls of its model can only be seen when its author has wrapped the model. */
  readonly needsTrackedModel?: boolean;
  /** The agent, or a copy that shares everything but the model. The agent itself is never changed. */
  agent(): object | Promise<object>;
  /** Runs the agent as its framework does by default. */
  run(input: AgentInput, options: { readonly signal: AbortSignal }): Promise<unknown>;
  /** The text of what a run returned; `undefined` where there is none. */
  textOf(result: unknown): string | undefined;
}

/** Agents of one framework, recognised by their shape. */
export interface AgentKind {
  /** For messages: `"a ToolLoopAgent of the AI SDK"`. */
  readonly name: string;
  recognises(agent: object): boolean;
  /** @throws InvalidArgumentError for a model that such an agent cannot have */
  open(agent: object, options: { readonly model: AgentModel | undefined }): OpenedAgent;
}

/** The members of an object of another library, none of which is taken for granted. */
export type Members = Readonly<Record<string, unknown>>;

/** Looks into an object of another library. */
export function membersOf(value: unknown): Members {
  return (typeof value === "object" || typeof value === "function") && value !== null ? (value as Members) : {};
}

/** Calls a method of an object of another library. */
export function callMethod(owner: object, name: string, ...args: readonly unknown[]): unknown {
  return Reflect.apply(membersOf(owner)[name] as (...given: unknown[]) => unknown, owner, args);
}

/** Whether an object has all of these methods. */
export function hasMethods(value: object, ...names: readonly string[]): boolean {
  return names.every((name) => typeof membersOf(value)[name] === "function");
}

/** A path, read: its parts, and the place that it names. */
export interface TextPath {
  readonly segments: readonly string[];
  readonly place: Exclude<TextPlace, { readonly kind: "anywhere" }>;
}

/** @throws InvalidArgumentError for a path of no text that an agent has */
export function readPath(path: string): TextPath {
  const [, tool, property] = /^tools\.(.+?)(?:\.input\.([^.]+))?\.description$/.exec(path) ?? [];
  if (tool !== undefined && property !== undefined) {
    return { segments: ["tools", tool, "input", property, "description"], place: { kind: "tool", tool, property } };
  }
  if (tool !== undefined) return { segments: ["tools", tool, "description"], place: { kind: "tool", tool } };
  const [, head, index] = /^(instructions|examples)(?:\.(\d+))?$/.exec(path) ?? [];
  if (head === "instructions") {
    return { segments: index === undefined ? [head] : [head, index], place: { kind: "instructions" } };
  }
  if (head === "examples" && index !== undefined) return { segments: [head, index], place: { kind: "example" } };
  throw new InvalidArgumentError(
    `Expected the path of an agent's text, got "${path}". Texts are: "instructions", "instructions.0", "examples.0", "tools.<name>.description", ` +
      '"tools.<name>.input.<property>.description"',
  );
}

/** The patterns of what is trained when nothing is said about it. */
export const defaultPatterns: readonly string[] = ["instructions", "instructions.*", "tools.*.description"];

/** Whether a pattern means a path. `*` stands for one part of it: a name, a number. */
export function isMeant(pattern: string, path: string): boolean {
  if (pattern === path) return true;
  const { segments } = readPath(path);
  const wanted = pattern.split(".");
  return (
    wanted.length === segments.length && segments.every((segment, index) => ["*", segment].includes(wanted[index] as string))
  );
}

/** The text of instructions, or each of several messages with such. */
export function instructionTexts(given: unknown): AgentTexts {
  const texts = [given].flat().flatMap((one) => {
    const text = typeof one === "string" ? one : membersOf(one).content;
    return typeof text === "string" && text.trim() !== "" ? [text] : [];
  });
  const [only] = texts;
  if (only !== undefined && texts.length === 1) return { instructions: only };
  return Object.fromEntries(texts.map((text, index) => [`instructions.${index}`, text]));
}

/** The texts of a tool: its description, and those of its arguments, where its schema says them. @param schema in any form that tools have */
export function toolTexts(name: string, description: unknown, schema: unknown): AgentTexts {
  const own = isText(description) ? { [`tools.${name}.description`]: description } : {};
  const ofInput = Object.entries(propertiesOf(jsonSchemaOf(schema))).flatMap(([property, { description: text }]) => {
    // A dot in the name of an argument would make another path.
    return isText(text) && !property.includes(".") ? [[`tools.${name}.input.${property}.description`, text] as const] : [];
  });
  return { ...own, ...Object.fromEntries(ofInput) };
}

/** A JSON Schema itself, one that a schema of the AI SDK holds, or one that a Standard Schema (Zod 4.2) makes of itself. */
function jsonSchemaOf(schema: unknown): unknown {
  const { jsonSchema, "~standard": standard, properties } = membersOf(schema);
  if (isPlainObject(jsonSchema)) return jsonSchema;
  const { input } = membersOf(membersOf(standard).jsonSchema);
  if (typeof input !== "function") return isPlainObject(properties) ? schema : undefined;
  try {
    return input({ target: "draft-07" });
  } catch {
    // Something in it has no JSON Schema: then its descriptions are not known.
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}
