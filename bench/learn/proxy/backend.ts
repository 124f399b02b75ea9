/**
 * `Backend`: who answers the calls of one role: a server, a person, or a record.
 *
 * @module
 */

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
}

/** A server that speaks the OpenAI protocol. */
export function serverBackend({ baseUrl, model, apiKey }: ServerBackendOptions): Backend {
  const headers = { "content-type": "application/json", ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}) };
  return {
    async answer(request, signal) {
      const body = JSON.stringify({ ...request, model });
      const response = await fetch(`${baseUrl.replace(/\/$/, "")}/chat/completions`, { method: "POST", headers, body, signal });
      return { status: response.status, body: jsonOr(await response.text()) };
    },
  };
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

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { error: { message: text.slice(0, 500), type: "server_error", param: null, code: null } };
  }
}
