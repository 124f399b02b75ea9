/**
 * `LeanResponse`: a `Response` whose text and JSON are read without a stream in between.
 *
 * @module
 */
import { nodeStream } from "../../data/load-on-demand.ts";
import { announcedBytes } from "./exchange.ts";
import type { IncomingBody } from "./incoming-body.ts";

/** What is known of a response besides its body. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly url: string;
  readonly redirected: boolean;
  /** `cors` after a redirect to another server. */
  readonly type: "basic" | "cors";
}

/** A body that has not been looked at, a stream of it, or none. */
type Body = IncomingBody | ReadableStream<Uint8Array> | null;

/** As the built-in one takes them. */
type Bytes = ConstructorParameters<typeof Response>[0];

const utf8 = new TextDecoder();

/** Ends the requests of responses that nobody reads and nobody has any more. */
const forgotten = new FinalizationRegistry<IncomingBody>((body) => body.discard());

/**
 * Makes a response.
 *
 * @param body `null` for a response that has none
 */
export function leanResponse(head: ResponseHead, body: IncomingBody | null): Response {
  // So that it is an instance of `Response`; not while this file is loaded, as Node loads all of its client for that name.
  if (!(LeanResponse.prototype instanceof Response)) Object.setPrototypeOf(LeanResponse.prototype, Response.prototype);
  const response = new LeanResponse(head, body);
  if (body !== null && !body.isComplete && announcedBytes(head.headers) > smallBytes) forgotten.register(response, body);
  return response as unknown as Response;
}

/** So little comes whether somebody reads it or not. */
const smallBytes = 32 * 1024;

class LeanResponse {
  readonly #head: ResponseHead;
  #body: Body;
  #isUsed = false;

  constructor(head: ResponseHead, body: Body) {
    this.#head = head;
    this.#body = body;
  }

  get type(): ResponseHead["type"] {
    return this.#head.type;
  }

  get url(): string {
    return this.#head.url;
  }

  get redirected(): boolean {
    return this.#head.redirected;
  }

  get status(): number {
    return this.#head.status;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  get statusText(): string {
    return this.#head.statusText;
  }

  get headers(): Headers {
    return this.#head.headers;
  }

  get body(): ReadableStream<Uint8Array> | null {
    if (this.#body === null || this.#body instanceof ReadableStream) return this.#body;
    // What somebody reads, or has read, is not taken away from them.
    this.#body = this.#isUsed ? readStream() : this.#body.stream(this.#contentEncoding);
    return this.#body;
  }

  get bodyUsed(): boolean {
    return this.#isUsed || (this.#body instanceof ReadableStream && nodeStream().Readable.isDisturbed(this.#body as never));
  }

  async text(): Promise<string> {
    return utf8.decode(await this.#read());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return new Uint8Array(await this.#read()).buffer;
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await this.#read());
  }

  async blob(): Promise<Blob> {
    return new Response((await this.#read()) as Bytes, { headers: this.headers }).blob();
  }

  async formData(): Promise<FormData> {
    return new Response((await this.#read()) as Bytes, { headers: this.headers }).formData();
  }

  clone(): Response {
    const { body } = this;
    if (this.bodyUsed || body?.locked) throw new TypeError("Response.clone: Body has already been consumed.");
    const [own, other] = body?.tee() ?? [null, null];
    this.#body = own;
    const head = { ...this.#head, headers: new Headers(this.headers) };
    return new LeanResponse(head, other) as unknown as Response;
  }

  get #contentEncoding(): string | null {
    return this.headers.get("content-encoding");
  }

  async #read(): Promise<Uint8Array> {
    const body = this.#body;
    if (this.bodyUsed || (body instanceof ReadableStream && body.locked)) {
      throw new TypeError("Body is unusable: Body has already been read");
    }
    if (body === null) return new Uint8Array();
    this.#isUsed = true;
    if (body instanceof ReadableStream) return new Uint8Array(await new Response(body).arrayBuffer());
    return body.all(this.#contentEncoding);
  }
}

/** A stream of which nothing is left. */
function readStream(): ReadableStream<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>();
  void stream.cancel();
  return stream;
}
