/**
 * How many tokens a text has, about, without the tokenizer of any model.
 *
 * @module
 */
import type { GateRequest, Message } from "./model-request.ts";

/** A text that is plain English has 4 to 5 characters a token, code about 3, lists of numbers 2 to 3, Chinese 1 or a little more. */
const asciiPerToken = 3;
/** The marks around each message, and those of the whole. */
const tokensPerMessage = 6;
/** What providers count for an image of middling size. */
const tokensPerAttachment = 1_500;

/**
 * An upper estimate of the tokens of a text: a token for every 3 ASCII characters and for every other UTF-16 unit. Prose has
 * fewer, long rows of digits or of rare signs may have more.
 *
 * @returns a whole number
 */
export function estimateTokens(text: string): number {
  let ascii = 0;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) < 128) ascii++;
  return Math.ceil(ascii / asciiPerToken) + (text.length - ascii);
}

/** An upper estimate of the tokens of all that a model is sent, tools and the schema of the reply included. An image or a file counts 1500. */
export function estimateInputTokens({ direct, system, prompt, messages = [], responseFormat }: GateRequest): number {
  if (direct !== undefined) {
    const { tools = [], responseFormat: form } = direct.options;
    return estimate([...tools, form?.schema].map(asJson), direct.options.prompt);
  }
  return estimate([system, prompt, asJson(responseFormat?.schema)], messages);
}

function asJson(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

function estimate(texts: readonly (string | undefined)[], messages: readonly Message[]): number {
  const given = texts.filter((text) => text !== undefined && text !== "");
  let tokens = given.reduce((sum, text) => sum + estimateTokens(text as string) + tokensPerMessage, tokensPerMessage);
  for (const { content } of messages) {
    tokens += tokensPerMessage;
    if (typeof content === "string") tokens += estimateTokens(content);
    else for (const part of content) tokens += estimatePart(part);
  }
  return tokens;
}

function estimatePart(part: object): number {
  const { type, text } = part as { readonly type?: unknown; readonly text?: unknown };
  if (typeof text === "string") return estimateTokens(text);
  // Calls of tools and their results are JSON; the bytes of an image say nothing about its tokens.
  return type === "tool-call" || type === "tool-result" ? estimateTokens(JSON.stringify(part)) : tokensPerAttachment;
}
