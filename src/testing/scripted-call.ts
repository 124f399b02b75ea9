/**
 * A call of a model as a script sees it: plain text.
 *
 * @module
 */

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
export function readCall(options: CallOptions, index: number): ScriptedCall {
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
