/**
 * `JsonEndpoint`: an address that JSON is posted to, with what each request has in common made once.
 *
 * @module
 */
import { processClient } from "./built-in-client.ts";
import { fastFetch } from "./fast-fetch.ts";
import { type FetchRequest, readRequest } from "./requests.ts";
import { type Answered, sendRequest } from "./send-request.ts";

/** A response, with a body that is read once: whole or as a stream. */
export interface JsonResponse {
  readonly status: number;
  readonly statusText: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** @throws what ends the body early */
  text(): Promise<string>;
  /** `null` where there is no body. */
  stream(): ReadableStream<Uint8Array> | null;
}

const utf8 = new TextDecoder();
const decoded = (bytes: Uint8Array): string => utf8.decode(bytes);

function jsonResponse({ incoming }: Answered): JsonResponse {
  const { status, statusText, body } = incoming;
  const headers = incoming.headerRecord();
  const coding = headers["content-encoding"] ?? null;
  return { status, statusText, headers, text: () => body.all(coding).then(decoded), stream: () => body.stream(coding) };
}

/** Requests go out by `fastFetch`, or by what it consists of where no `Response` is needed. */
export class JsonEndpoint {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #fetch: typeof globalThis.fetch | undefined;
  /** `null` for what only `fetch` knows what to do with. */
  #prepared: FetchRequest | null | undefined;

  /**
   * @param headers names in small letters
   * @param fetch sends the requests. @default as said above
   */
  constructor(url: string, headers: Readonly<Record<string, string>>, fetch?: typeof globalThis.fetch) {
    this.#url = url;
    this.#headers = headers;
    this.#fetch = fetch;
  }

  /**
   * Posts a text that is JSON.
   *
   * @param headers for this request alone, names in small letters
   * @throws what `fetch` throws
   */
  post(body: string, signal: AbortSignal | undefined, headers?: Readonly<Record<string, string>>): Promise<JsonResponse> {
    const client = this.#fetch === undefined ? processClient() : undefined;
    const request = client === undefined ? null : this.#request(headers);
    if (client === undefined || request === null) return this.#fetched(body, signal, headers);
    return sendRequest({ ...request, body, signal }, client).then(jsonResponse);
  }

  #request(headers: Readonly<Record<string, string>> | undefined): FetchRequest | null {
    if (headers !== undefined) return this.#prepare(headers);
    this.#prepared ??= this.#prepare({});
    return this.#prepared;
  }

  #prepare(headers: Readonly<Record<string, string>>): FetchRequest | null {
    return readRequest(this.#url, this.#options("", undefined, headers)) ?? null;
  }

  async #fetched(
    body: string,
    signal: AbortSignal | undefined,
    headers: Readonly<Record<string, string>> | undefined,
  ): Promise<JsonResponse> {
    const response = await (this.#fetch ?? fastFetch)(this.#url, this.#options(body, signal, headers));
    return {
      status: response.status,
      statusText: response.statusText,
      headers: Object.fromEntries(response.headers),
      text: () => response.text(),
      stream: () => response.body,
    };
  }

  #options(body: string, signal: AbortSignal | undefined, headers: Readonly<Record<string, string>> | undefined): RequestInit {
    const init = { method: "POST", headers: { ...this.#headers, ...headers }, body };
    return signal === undefined ? init : { ...init, signal };
  }
}
