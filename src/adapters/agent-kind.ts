/**
 * `AgentKind`: what an adapter for agents of one framework does.
 *
 * @module
 */
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
