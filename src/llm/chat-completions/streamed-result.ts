/**
 * `streamedResult`: the result of a reply that a server streams although it was asked for whole, as some gateways do with every reply.
 *
 * @module
 */
import type { JsonResponse } from "../http/json-endpoint.ts";
import { type AboutCall, noCompletion, unreadable } from "./chat-failure.ts";
import { openPieces, partsOf } from "./chat-pieces.ts";
import type { Completion } from "./completion.ts";
import { apiCallError } from "./sdk-error.ts";
import { type ErrorFrame, streamError } from "./stream-error.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Whether a body is a stream of server-sent events, which no JSON begins like. */
export function isEventStream(text: string): boolean {
  return /^\s*(?:data|event|id|retry)?:/.test(text);
}

/** How a result is made. */
export interface StreamedReply {
  readonly text: string;
  readonly response: JsonResponse;
  readonly about: AboutCall;
  /** Names a call of a tool that the server has not named, by its place. */
  makeId(completion: Pick<Completion, "id" | "created">, index: number): string;
}

/**
 * The result that the pieces make together, in the words of specification v3 of the AI SDK, with what the reply says of itself as `response`.
 *
 * @throws an `APICallError` of the AI SDK when the server reports an error, and when the stream cannot be read or ends early
 */
export async function streamedResult(reply: StreamedReply): Promise<Fields & { readonly response: object }> {
  const { text, response, about, makeId } = reply;
  const whole = { ...response, stream: () => ReadableStream.from([new TextEncoder().encode(text)]) };
  const pieces = await openPieces(whole, about);
  const content: { text?: string }[] = [];
  const open = new Map<unknown, { text: string }>();
  let said: Fields = {};
  let ended: Fields = {};
  for await (const part of partsOf(pieces, { warnings: [], withRaw: false, makeId: (index) => makeId(pieces.about, index) })) {
    const { type, id, ...rest } = part;
    if (type === "error") throw failureOf(part.error, reply);
    if (type === "text-start" || type === "reasoning-start") {
      const opened = { type: type === "text-start" ? "text" : "reasoning", text: "", ...rest };
      open.set(id, opened);
      content.push(opened);
    } else if (type === "text-delta" || type === "reasoning-delta") {
      const opened = open.get(id);
      if (opened !== undefined) opened.text += part.delta;
    } else if (type === "tool-call" || type === "source") content.push(part);
    else if (type === "response-metadata") said = { id, ...rest };
    else if (type === "finish") ended = rest;
  }
  refuseEarlyEnd(ended, content, reply);
  return { content: content.filter((part) => part.text !== ""), ...ended, response: { ...said, body: text } };
}

function failureOf(error: unknown, { text, response, about }: StreamedReply): Error {
  if (error instanceof Error) return unreadable(error, text, response, about);
  return streamError({ error: error as ErrorFrame["error"] }, { ...about, responseHeaders: response.headers });
}

/** A reply without its end may lack more than that. */
function refuseEarlyEnd({ finishReason }: Fields, content: readonly object[], { text, response, about }: StreamedReply): void {
  const isEnded = (finishReason as { readonly raw?: string }).raw !== undefined;
  if (isEnded) return;
  const hasMark = /^data: ?\[DONE\]/m.test(text);
  if (hasMark && content.length === 0) throw noCompletion("the stream holds none", text, response, about);
  if (hasMark) return;
  const { status: statusCode, headers: responseHeaders } = response;
  const failed = { ...about, statusCode, responseHeaders, responseBody: text, isRetryable: true };
  throw apiCallError("The stream of the reply ended before the reply did", failed);
}
