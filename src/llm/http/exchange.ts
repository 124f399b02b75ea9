/**
 * One request and the response to it, over the client under the built-in `fetch`.
 *
 * @module
 */
import type { Dispatch, Dispatcher, DispatchHandler } from "./built-in-client.ts";
import { IncomingBody } from "./incoming-body.ts";

/** A response: its head, and its body as it comes. Its headers are made into what is asked for. */
export class Incoming {
  readonly status: number;
  readonly statusText: string;
  readonly body: IncomingBody;
  readonly #raw: readonly Uint8Array[];
  #headers: Headers | undefined;

  constructor(status: number, statusText: string, raw: readonly Uint8Array[], body: IncomingBody) {
    this.status = status;
    this.statusText = statusText;
    this.#raw = raw;
    this.body = body;
  }

  /** As `fetch` gives them. */
  get headers(): Headers {
    this.#headers ??= readHeaders(this.#raw);
    return this.#headers;
  }

  /** The same as an object: names in small letters. Made anew each time. */
  headerRecord(): Record<string, string> {
    const record: Record<string, string> = {};
    for (let index = 0; index + 1 < this.#raw.length; index += 2) {
      const name = latin1(this.#raw[index]).toLowerCase();
      const value = latin1(this.#raw[index + 1]);
      const before = record[name];
      record[name] = before === undefined || name === "set-cookie" ? value : `${before}, ${value}`;
    }
    return record;
  }
}

/**
 * Sends a request.
 *
 * @throws the reason of the signal, unchanged, and what the client throws as the cause of a `TypeError`, as `fetch` does
 */
export function exchange(dispatcher: Dispatcher, request: Dispatch, signal: AbortSignal | undefined): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    dispatcher.dispatch(request, new Exchange(signal, resolve, reject));
  });
}

class Exchange implements DispatchHandler {
  readonly #signal: AbortSignal | undefined;
  readonly #resolve: (incoming: Incoming) => void;
  readonly #reject: (reason: unknown) => void;
  #abort: ((reason?: unknown) => void) | undefined;
  #body: IncomingBody | undefined;

  constructor(signal: AbortSignal | undefined, resolve: (incoming: Incoming) => void, reject: (reason: unknown) => void) {
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    signal?.addEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#signal?.reason;
    this.#end();
    this.#reject(reason);
    this.#body?.fail(reason);
    this.#abort?.(reason);
  };

  onConnect(abort: (reason?: unknown) => void): void {
    this.#abort = abort;
    if (this.#signal?.aborted) abort(this.#signal.reason);
  }

  onHeaders(status: number, raw: readonly Uint8Array[], resume: () => void, statusText: string): boolean {
    // An announcement: the response is still to come.
    if (status < 200) return true;
    const body = new IncomingBody({ resume, abort: () => this.#abort?.() });
    this.#body = body;
    this.#resolve(new Incoming(status, statusText, raw, body));
    return true;
  }

  onData(chunk: Buffer): boolean {
    return this.#body?.push(chunk) ?? true;
  }

  onComplete(): void {
    this.#end();
    // The connection is free after what the client puts off until then; a request made before would open another one.
    queueMicrotask(() => setImmediate(() => this.#body?.end()));
  }

  onError(error: unknown): void {
    this.#end();
    if (this.#body !== undefined) this.#body.fail(new TypeError("terminated", { cause: error }));
    else this.#reject(new TypeError("fetch failed", { cause: error }));
  }

  /** Signals of a run outlive its requests. */
  #end(): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}

/** How large a body is by its headers; `Infinity` where they do not say so. */
export function announcedBytes(headers: Headers): number {
  return Number(headers.get("content-length") ?? Number.POSITIVE_INFINITY);
}

function readHeaders(raw: readonly Uint8Array[]): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < raw.length; index += 2) addHeader(headers, latin1(raw[index]), latin1(raw[index + 1]));
  return headers;
}

/** The client takes more than `Headers` does, names with a blank for example. */
function addHeader(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value);
  } catch {
    // Nobody can ask for a name that is none.
  }
}

function latin1(bytes: Uint8Array | string | undefined = ""): string {
  return typeof bytes === "string" ? bytes : (bytes as Buffer).toString("latin1");
}
