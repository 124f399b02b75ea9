/**
 * A provider of language models in virtual time: what it takes at once or in a minute, how long it takes, how it fails.
 *
 * @module
 */
import { Random } from "../../src/data/random.ts";
import { httpError, networkError } from "../../src/testing/provider-errors.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What the provider's own limit is. */
export type ProviderLimit =
  | { readonly kind: "none" }
  /** So many at once; more are refused. */
  | { readonly kind: "in-flight"; readonly most: number }
  /** A bucket of tokens that fills at a steady rate. */
  | { readonly kind: "bucket"; readonly perMinute: number; readonly capacity: number }
  /** So many in each minute of the clock. */
  | { readonly kind: "window"; readonly perMinute: number };

/** Shares of requests, 0 to 1, that go wrong whatever the load. */
export interface ProviderFaults {
  /** Refused with status 429, half of them with `retry-after: 1`. They use up nothing. */
  readonly refused?: number;
  readonly malformed?: number;
  readonly reset?: number;
  /** Never answered; the place is taken until the client gives up. */
  readonly hang?: number;
}

export interface ProviderOptions {
  readonly limit: ProviderLimit;
  readonly faults?: ProviderFaults;
  /** Mean time of an answer in milliseconds; each takes between half and one and a half of it. */
  readonly meanMs: number;
  /** Whether a refusal by the limit says when to come again. */
  readonly retryAfter?: boolean;
  /** Whether answers have headers with what remains. */
  readonly headers?: boolean;
  readonly seed: number;
}

/** How long a request, or an answer, is on its way. */
const wayMs = 10;

export class SimulatedProvider {
  readonly #time: VirtualTime;
  readonly #options: ProviderOptions;
  readonly #random: Random;
  #tokens = 0;
  #tokensAt = 0;
  #inFlight = 0;
  #windowStart = 0;
  /** Requests that came, in all and those refused because of the limit. */
  requests = 0;
  overLimit = 0;
  answered = 0;
  /** Time that requests were being served, in milliseconds: over all of them. */
  busyMs = 0;
  mostInFlight = 0;

  constructor(time: VirtualTime, options: ProviderOptions) {
    this.#time = time;
    this.#options = options;
    this.#random = new Random(options.seed, "provider");
    if (options.limit.kind === "bucket") this.#tokens = options.limit.capacity;
    if (options.limit.kind === "window") this.#tokens = options.limit.perMinute;
  }

  /** Answers one request after a while. */
  async answer(signal: AbortSignal): Promise<{ value: string; headers: Record<string, string> }> {
    const { faults = {}, meanMs } = this.#options;
    const { refused = 0, malformed = 0, reset = 0, hang = 0 } = faults;
    const takesMs = meanMs * (0.5 + this.#random.next());
    const [chance, told, share] = [this.#random.next(), this.#random.next() < 0.5, this.#random.next()];
    await this.#time.sleep(wayMs, signal);
    this.requests += 1;
    if (chance < refused) return this.#refuse(told ? 1000 : undefined, signal);
    const over = this.#overLimit();
    if (over !== undefined) {
      this.overLimit += 1;
      return this.#refuse(this.#options.retryAfter ? over : undefined, signal);
    }
    const from = this.#time.monotonic();
    this.#inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
    try {
      if (chance < refused + hang) await this.#time.sleep(1e9, signal);
      if (chance < refused + hang + reset) {
        await this.#time.sleep(takesMs * share, signal);
        throw networkError("ECONNRESET");
      }
      await this.#time.sleep(takesMs, signal);
    } finally {
      this.#inFlight -= 1;
      this.busyMs += this.#time.monotonic() - from;
    }
    const headers = this.#headers();
    await this.#time.sleep(wayMs, signal);
    if (chance < refused + hang + reset + malformed) throw Object.assign(httpError(200, "Invalid JSON response"), {});
    this.answered += 1;
    return { value: "ok", headers };
  }

  async #refuse(retryAfterMs: number | undefined, signal: AbortSignal): Promise<never> {
    await this.#time.sleep(wayMs, signal);
    const headers = retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1000)) };
    throw httpError(429, "Too many requests", headers);
  }

  /** Milliseconds until the next request would be taken; `undefined` when this one is. */
  #overLimit(): number | undefined {
    const { limit } = this.#options;
    if (limit.kind === "none") return undefined;
    if (limit.kind === "in-flight") return this.#inFlight < limit.most ? undefined : 1000;
    this.#fill();
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return undefined;
    }
    if (limit.kind === "bucket") return ((1 - this.#tokens) * 60_000) / limit.perMinute;
    return this.#windowStart + 60_000 - this.#time.monotonic();
  }

  #fill(): void {
    const { limit } = this.#options;
    const now = this.#time.monotonic();
    if (limit.kind === "bucket") {
      this.#tokens = Math.min(limit.capacity, this.#tokens + ((now - this.#tokensAt) * limit.perMinute) / 60_000);
      this.#tokensAt = now;
    }
    if (limit.kind === "window" && now - this.#windowStart >= 60_000) {
      this.#windowStart += Math.floor((now - this.#windowStart) / 60_000) * 60_000;
      this.#tokens = limit.perMinute;
    }
  }

  #headers(): Record<string, string> {
    const { limit, headers = false } = this.#options;
    if (!headers || limit.kind === "none" || limit.kind === "in-flight") return {};
    this.#fill();
    const resetMs =
      limit.kind === "bucket"
        ? ((limit.capacity - this.#tokens) * 60_000) / limit.perMinute
        : this.#windowStart + 60_000 - this.#time.monotonic();
    return {
      "x-ratelimit-remaining-requests": String(Math.floor(this.#tokens)),
      "x-ratelimit-reset-requests": `${Math.ceil(resetMs)}ms`,
    };
  }
}
