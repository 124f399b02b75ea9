/**
 * `scriptedModel`: a language model with replies scripted by a test.
 *
 * @module
 */
import { checkOptions } from "../data/options.ts";
import { ConfigurationError } from "../errors.ts";
import { installedVersion } from "../llm/installed-version.ts";

/** A reply: its text, or the text with what else a provider says. */
export type ScriptedReply =
  | string
  | {
      readonly text: string;
      /** Tools that are called, by name and arguments. */
      readonly toolCalls?: readonly { readonly name: string; readonly input: object }[] | undefined;
      /** @default nothing is said about tokens */
      readonly usage?: { readonly inputTokens: number; readonly outputTokens: number } | undefined;
      /** @default "stop", or "tool-calls" where there are such */
      readonly finishReason?: ScriptedFinish | undefined;
    };

/** Why a reply ends. */
export type ScriptedFinish = "stop" | "length" | "content-filter" | "tool-calls" | "error" | "other";

/** One reply for all calls; a list, one for each call; or a function of the call, which may throw to play an error. */
export type Script = ScriptedReply | readonly ScriptedReply[] | ((call: ScriptedCall) => ScriptedReply | Promise<ScriptedReply>);

/** What a scripted model can be made with. */
export interface ScriptedModelOptions {
  /** Name of the model: it is called `scripted/<id>`. @default "model" */
  readonly id?: string | undefined;
  /** What happens when a list has no more replies. @default "error" */
  readonly onExhausted?: "error" | "repeat-last" | undefined;
  /** The specification it follows. @default "v2" when `ai` 5 is installed, which knows no other, else "v3" */
  readonly specificationVersion?: "v2" | "v3" | undefined;
  /** Whether it says that it keeps its replies to a JSON Schema; the script still answers what it likes. @default false */
  readonly structuredOutput?: boolean | undefined;
}

/** A language model of the AI SDK that follows a script and keeps what it was asked. */
export interface ScriptedModel<Version extends "v2" | "v3" = "v3"> {
  readonly specificationVersion: Version;
  readonly provider: string;
  readonly modelId: string;
  readonly supportedUrls: Record<string, RegExp[]>;
  readonly supportsStructuredOutputs: boolean;
  /** Every call so far, in the order in which they began. */
  readonly calls: readonly ScriptedCall[];
  /** Called by the AI SDK: the whole reply. */
  doGenerate(options: CallOptions): Promise<ScriptedResult<Version>>;
  /** Called by the AI SDK: the reply word by word. */
  doStream(options: CallOptions): Promise<{ stream: ReadableStream<ScriptedPart<Version>> }>;
}

interface ScriptedEnd<Version> {
  finishReason: Version extends "v2" ? ScriptedFinish : { unified: ScriptedFinish; raw: string | undefined };
  usage: Version extends "v2"
    ? { inputTokens: number | undefined; outputTokens: number | undefined; totalTokens: number | undefined }
    : {
        inputTokens: { total: number | undefined; noCache: undefined; cacheRead: undefined; cacheWrite: undefined };
        outputTokens: { total: number | undefined; text: undefined; reasoning: undefined };
      };
}

interface ScriptedResult<Version> extends ScriptedEnd<Version> {
  content: ({ type: "text"; text: string } | ScriptedToolCall)[];
  warnings: never[];
}

/** `input` is JSON. */
interface ScriptedToolCall {
  type: "tool-call";
  toolCallId: string;
  toolName: string;
  input: string;
}

type ScriptedPart<Version> =
  | ScriptedToolCall
  | { type: "stream-start"; warnings: never[] }
  | { type: "text-start" | "text-end"; id: string }
  | { type: "text-delta"; id: string; delta: string }
  | ({ type: "finish" } & ScriptedEnd<Version>);

/**
 * A language model that needs no network: for tests of agents, guides and optimizers, and of programs that use the AI SDK.
 *
 * @throws ConfigurationError from a call for which the list has no reply
 * @example
 * const model = scriptedModel(["Lima", "Quito"]);
 * await generate({ model, prompt: "What is the capital of Peru?" }); // "Lima"
 * model.calls[0]?.prompt; // "What is the capital of Peru?"
 */
export function scriptedModel(
  script: Script,
  options: ScriptedModelOptions & { readonly specificationVersion: "v2" },
): ScriptedModel<"v2">;
export function scriptedModel(script: Script, options?: ScriptedModelOptions): ScriptedModel;
export function scriptedModel(script: Script, options: ScriptedModelOptions = {}): ScriptedModel<"v2" | "v3"> {
  checkOptions(options, ["id", "onExhausted", "specificationVersion", "structuredOutput"], "scriptedModel");
  const { specificationVersion = installedVersion() } = options;
  return new FollowsScript(script, options, specificationVersion);
}

/** A class, so that copies of modules and guides share the model and its calls. */
class FollowsScript<Version extends "v2" | "v3"> implements ScriptedModel<Version> {
  readonly specificationVersion: Version;
  readonly provider = "scripted";
  readonly modelId: string;
  readonly supportedUrls: Record<string, RegExp[]> = {};
  readonly supportsStructuredOutputs: boolean;
  readonly calls: ScriptedCall[] = [];
  readonly #script: Script;
  readonly #repeatsLast: boolean;

  constructor(script: Script, options: ScriptedModelOptions, specificationVersion: Version) {
    this.#script = script;
    this.#repeatsLast = options.onExhausted === "repeat-last";
    this.modelId = options.id ?? "model";
    this.supportsStructuredOutputs = options.structuredOutput ?? false;
    this.specificationVersion = specificationVersion;
  }

  async doGenerate(options: CallOptions): Promise<ScriptedResult<Version>> {
    const reply = await this.#reply(options);
    const text = reply.text === "" ? [] : [{ type: "text" as const, text: reply.text }];
    return { content: [...text, ...toolCallsOf(reply)], ...this.#end(reply), warnings: [] };
  }

  async doStream(options: CallOptions): Promise<{ stream: ReadableStream<ScriptedPart<Version>> }> {
    const reply = await this.#reply(options);
    const id = "text";
    const words = reply.text.match(/\S+\s*|\s+/g) ?? [];
    const parts: ScriptedPart<Version>[] = [
      { type: "stream-start", warnings: [] },
      { type: "text-start", id },
      ...words.map((delta) => ({ type: "text-delta" as const, id, delta })),
      { type: "text-end", id },
      ...toolCallsOf(reply),
      { type: "finish", ...this.#end(reply) },
    ];
    return { stream: ReadableStream.from(parts) };
  }

  async #reply(options: CallOptions): Promise<WholeReply> {
    const call = readCall(options, this.calls.length);
    this.calls.push(call);
    const reply = await (typeof this.#script === "function" ? this.#script(call) : this.#next(call.index));
    options.abortSignal?.throwIfAborted();
    return { ...(typeof reply === "string" ? { text: reply } : reply), index: call.index };
  }

  #next(index: number): ScriptedReply {
    const replies = this.#script as ScriptedReply | readonly ScriptedReply[];
    if (!isList(replies)) return replies;
    const reply = replies[index] ?? (this.#repeatsLast ? replies.at(-1) : undefined);
    if (reply !== undefined) return reply;
    throw new ConfigurationError(
      `Expected at most ${replies.length} calls of scripted/${this.modelId}, one for each reply, got call number ${index + 1}`,
    );
  }

  #end({ usage, toolCalls = [], finishReason = toolCalls.length > 0 ? "tool-calls" : "stop" }: WholeReply): ScriptedEnd<Version> {
    const { inputTokens, outputTokens } = usage ?? {};
    const totalTokens = usage === undefined ? undefined : usage.inputTokens + usage.outputTokens;
    const none = undefined;
    const end: ScriptedEnd<"v2"> | ScriptedEnd<"v3"> =
      this.specificationVersion === "v2"
        ? { finishReason, usage: { inputTokens, outputTokens, totalTokens } }
        : {
            finishReason: { unified: finishReason, raw: finishReason },
            usage: {
              inputTokens: { total: inputTokens, noCache: none, cacheRead: none, cacheWrite: none },
              outputTokens: { total: outputTokens, text: none, reasoning: none },
            },
          };
    return end as ScriptedEnd<Version>;
  }
}

/** With the number of the call that it answers. */
type WholeReply = Exclude<ScriptedReply, string> & { readonly index: number };

function toolCallsOf({ toolCalls = [], index }: WholeReply): ScriptedToolCall[] {
  return toolCalls.map(({ name, input }, place) => {
    return { type: "tool-call", toolCallId: `call-${index}-${place}`, toolName: name, input: JSON.stringify(input) };
  });
}

function isList(replies: ScriptedReply | readonly ScriptedReply[]): replies is readonly ScriptedReply[] {
  return Array.isArray(replies);
}

/** One call, as plain text. */
export interface ScriptedCall {
  /** Number of the call, counted from 0. */
  readonly index: number;
  /** The instructions; empty when there were none. */
  readonly system: string;
  /** The last message of the user. */
  readonly prompt: string;
  /** The conversation without the instructions. */
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly temperature: number | undefined;
  readonly maxOutputTokens: number | undefined;
  /** The form that the reply was asked to have. */
  readonly responseFormat: object | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What the AI SDK hands to a model, as far as a script sees it. */
export interface CallOptions {
  readonly prompt: readonly { readonly role: string; readonly content: string | readonly object[] }[];
  readonly temperature?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly responseFormat?: object | undefined;
  readonly abortSignal?: AbortSignal | undefined;
}

/** The call in plain text. */
function readCall(options: CallOptions, index: number): ScriptedCall {
  const { prompt, temperature, maxOutputTokens, responseFormat, abortSignal } = options;
  const all = prompt.map(({ role, content }) => ({ role, content: textOf(content) }));
  const messages = all.filter(({ role }) => role !== "system");
  const system = all.filter(({ role }) => role === "system");
  return {
    index,
    system: system.map(({ content }) => content).join("\n\n"),
    prompt: messages.findLast(({ role }) => role === "user")?.content ?? "",
    messages,
    temperature,
    maxOutputTokens,
    responseFormat,
    signal: abortSignal,
  };
}

function textOf(content: string | readonly object[]): string {
  if (typeof content === "string") return content;
  return content
    .map((part) => ("text" in part ? String(part.text) : `[${"type" in part ? String(part.type) : "part"}]`))
    .join("");
}
