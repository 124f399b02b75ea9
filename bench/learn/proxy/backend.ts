/**
 * `Backend`: who answers the calls of one role: a server, a person, or a record.
 *
 * @module
 */

import { patientFetch } from "./patient-fetch.ts";

/** The body of a request for a chat completion, as far as it is read here. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly [setting: string]: unknown;
}

/** What a backend replied: a chat completion in the form of OpenAI's protocol, or an error in its form. */
export interface BackendReply {
  readonly status: number;
  readonly body: unknown;
}

/** Answers requests for chat completions. */
export interface Backend {
  answer(request: ChatRequest, signal: AbortSignal): Promise<BackendReply>;
}

/** What a server needs. */
export interface ServerBackendOptions {
  /** Up to and including `/v1`. */
  readonly baseUrl: string;
  /** Replaces the name of the model in every request. */
  readonly model: string;
  /** Sent as a bearer token; never recorded. @default none */
  readonly apiKey?: string | undefined;
  /** The longest reply, in tokens: requests for longer ones, or without a limit, are made with this one. @default as requested */
  readonly maxOutputTokens?: number | undefined;
  /** Where the key comes from, for the message when it is refused. @default "the environment" */
  readonly keyVariable?: string | undefined;
}

/** A server that speaks the OpenAI protocol. */
export function serverBackend(options: ServerBackendOptions): Backend {
  const { baseUrl, model, apiKey, maxOutputTokens, keyVariable = "the environment" } = options;
  const headers = { "content-type": "application/json", ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}) };
  return {
    async answer(request, signal) {
      const body = JSON.stringify({ ...request, model, ...limitOf(request, maxOutputTokens) });
      const url = `${baseUrl.replace(/\/$/, "")}/chat/completions`;
      try {
        const response = await patientFetch(url, { method: "POST", headers, body, signal });
        const reply = { status: response.status, body: jsonOr(await response.text()) };
        return reply.status === 401 ? withOrigin(reply, baseUrl, keyVariable) : reply;
      } catch (error) {
        signal.throwIfAborted();
        throw unreachable(baseUrl, error);
      }
    },
  };
}

function limitOf({ max_tokens: wanted }: ChatRequest, most: number | undefined): { readonly max_tokens?: number } {
  if (most === undefined) return {};
  return { max_tokens: typeof wanted === "number" ? Math.min(wanted, most) : most };
}

/** A chat completion with this text. */
export function completionOf(model: string, text: string): object {
  return {
    id: "chatcmpl-recorded",
    object: "chat.completion",
    created: 0,
    model,
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
  };
}

/** An error in the form of the protocol. */
export function errorReply(status: number, message: string, code: string | null = null): BackendReply {
  return { status, body: { error: { message, type: code ?? "invalid_request_error", param: null, code } } };
}

/** What an error reply says. */
export function messageOf({ status, body }: BackendReply): string {
  const { error } = (body ?? {}) as { readonly error?: { readonly message?: unknown } };
  return `HTTP ${status}: ${typeof error?.message === "string" ? error.message : JSON.stringify(body)}`;
}

/** The error of a server that could not be asked, with what the system said. */
export function unreachable(baseUrl: string, error: unknown): Error {
  const { cause, name, message } = error as Error & { readonly cause?: { readonly code?: string; readonly message?: string } };
  const reason = name === "TimeoutError" ? "no reply in time" : (cause?.code ?? cause?.message ?? message);
  return new Error(`No answer at ${baseUrl}: ${reason}`, { cause: error });
}

/** A refused key, with where it was sent and where it came from. */
function withOrigin(reply: BackendReply, baseUrl: string, keyVariable: string): BackendReply {
  const { error } = (reply.body ?? {}) as { readonly error?: { readonly code?: unknown } };
  const code = typeof error?.code === "string" ? error.code : null;
  return errorReply(reply.status, `${baseUrl} refused the key in ${keyVariable}: ${messageOf(reply)}`, code);
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { error: { message: text.slice(0, 500), type: "server_error", param: null, code: null } };
  }
}
