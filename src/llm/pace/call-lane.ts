/**
 * `CallLane`: the line of calls that wait for one model, and the places they wait for.
 *
 * @module
 */
import type { Clock } from "../../data/clock.ts";
import { AdaptiveWindow, BlockDetector } from "./adaptive-window.ts";
import type { CallLimits } from "./call-options.ts";
import type { Sleep, WaitReport } from "./limit-wait.ts";
import { exhaustedForMs, PerMinute, type ReplyHeaders, Spacing } from "./rate-limit-headers.ts";

/** What a lane is made of. */
export interface CallLaneOptions {
  readonly limits: CallLimits;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** How long to pause, for the n-th time since an answer, when the provider does not say. Milliseconds. */
  readonly pauseMs: (pauses: number) => number;
}

/** How an attempt ended, as far as it concerns the other calls. `void`: it was cut short and says nothing of the load. */
export type AttemptEnd =
  | { readonly kind: "answered"; readonly headers?: ReplyHeaders | undefined; readonly tokens?: number | undefined }
  | { readonly kind: "refused"; readonly retryAfterMs?: number | undefined; readonly reason?: string | undefined }
  | { readonly kind: "failed"; readonly late?: boolean }
  | { readonly kind: "void"; readonly isSetUp?: boolean };

/** A place in flight. It has to be ended, once. */
export interface Place {
  end(end: AttemptEnd): void;
}

/** How a lane stands, for showing. */
export interface LaneState {
  /** How many requests the lane would have in flight at most. */
  readonly concurrency: number;
  readonly inFlight: number;
  readonly waiting: number;
  /** For how long nothing will be sent, in milliseconds. */
  readonly pausedMs: number;
}

interface Waiting {
  readonly order: number;
  readonly tokens: number;
  readonly start: (place: Place) => void;
  readonly refuse: (reason: unknown) => void;
  readonly onHold: OnHold | undefined;
}

/** Hears that a call in line is held by a limit. */
export type OnHold = (hold: Omit<WaitReport, "waitedMs">) => void;

/** In flight at most before the first answer: what is set up wrongly costs a handful of requests, not one for each example. */
const mostUnproven = 4;

/** Before the first answer nobody knows how long one takes. */
const unknownLatencyMs = 500;
/** A place is never kept longer than this for a request that is not there. */
const longestHoldMs = 5000;
/** What headers ask for beyond this is not believed before it was tried again. */
const longestPauseMs = 60_000;

/**
 * Calls are served in the order of their numbers. One is served when a place is free, no pause is on, and the user's limits
 * have room.
 *
 * A place whose request failed stays closed for as long as an answer would have taken. Otherwise the places above what a
 * provider takes would turn into a stream of refusals: each is over at once, and would be tried again at once.
 */
export class CallLane {
  readonly #options: CallLaneOptions;
  readonly #window = new AdaptiveWindow();
  readonly #blocks = new BlockDetector();
  readonly #requests: PerMinute | undefined;
  readonly #tokens: PerMinute | undefined;
  readonly #queue: Waiting[] = [];
  /** Calls that were refused by a limit and stay away before they get in line again. */
  #away = 0;
  /** What was said of the limit last. */
  #limitReason = "the headers of its last reply leave no more requests";
  #hasAnswered = false;
  #refusedInRow = 0;
  #inFlight = 0;
  /** When places of failed requests open again, in order. */
  #closedUntil: number[] = [];
  #pausedUntil = Number.NEGATIVE_INFINITY;
  readonly #spacing = new Spacing();
  #sentAt = Number.NEGATIVE_INFINITY;
  #spacedUntil = Number.NEGATIVE_INFINITY;
  #latencyMs: number | undefined;
  #alarm: { readonly at: number; readonly cancel: AbortController } | undefined;

  constructor(options: CallLaneOptions) {
    const { requestsPerMinute, tokensPerMinute } = options.limits;
    const now = options.clock.monotonic();
    this.#options = options;
    if (requestsPerMinute !== undefined) this.#requests = new PerMinute(requestsPerMinute, now);
    if (tokensPerMinute !== undefined) this.#tokens = new PerMinute(tokensPerMinute, now);
  }

  /** Since when the provider has refused everything; `undefined` when it does not. Milliseconds of the monotonic clock. */
  get refusingSince(): number | undefined {
    return this.#blocks.refusingSince;
  }

  /** How many requests were refused for the set-up since the last answer. */
  get refusedInRow(): number {
    return this.#refusedInRow;
  }

  /** Whether any request was ever answered. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /**
   * Waits in line for a place.
   *
   * @param order place in the line; a lower number is served first, so a call that comes again keeps its turn
   * @param tokens how many the request will use, for the limit of tokens
   * @param onHold hears when the call is first in line and a limit holds it
   * @throws the reason of the signal, unchanged; the error of `refuseWaiting`
   */
  enter(order: number, tokens: number, signal: AbortSignal | undefined, onHold?: OnHold): Promise<Place> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const start = (place: Place): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve(place);
      };
      const refuse = (reason: unknown): void => {
        signal?.removeEventListener("abort", onAbort);
        reject(reason);
      };
      const waiting: Waiting = { order, tokens, start, refuse, onHold };
      const onAbort = (): void => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        this.#serve();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      const before = this.#queue.findLastIndex((other) => other.order <= order);
      this.#queue.splice(before + 1, 0, waiting);
      this.#serve();
    });
  }

  /** A call that was refused by a limit stays away until the returned function is called. */
  stayAway(): () => void {
    this.#away += 1;
    return () => {
      this.#away -= 1;
    };
  }

  /** How many calls wait: in line, or for their next attempt. */
  get waiting(): number {
    return this.#queue.length + this.#away;
  }

  /** Ends the wait of all calls in line: none of them would be answered. Later ones are let in again. */
  refuseWaiting(reason: unknown): void {
    for (const { refuse } of this.#queue.splice(0)) refuse(reason);
  }

  state(): LaneState {
    const { concurrency = Number.POSITIVE_INFINITY } = this.#options.limits;
    return {
      concurrency: Math.min(concurrency, this.#places()),
      inFlight: this.#inFlight,
      waiting: this.#queue.length,
      pausedMs: Math.max(0, this.#pausedUntil - this.#now()),
    };
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }

  #places(): number {
    const places = Math.max(1, Math.round(this.#window.limit));
    return this.#hasAnswered ? places : Math.min(mostUnproven, places);
  }

  /** For how long a request takes a place, whatever becomes of it. */
  #holdMs(): number {
    return Math.min(longestHoldMs, this.#latencyMs ?? unknownLatencyMs);
  }

  #serve(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const now = this.#now();
      const wait = this.#waitMs(next, now);
      if (wait > 0) {
        if (wait === Number.POSITIVE_INFINITY) return;
        this.#serveAt(now + wait);
        // A place that is closed for a moment is none of a limit's.
        const held = this.#heldMs(next.tokens, now);
        if (held > 0) next.onHold?.({ delayMs: held, calls: this.waiting, reason: this.#reasonToHold(next.tokens, now) });
        return;
      }
      this.#queue.shift();
      next.start(this.#send(next.tokens, now));
    }
    // Nobody waits, so nothing has to happen later, and no timer keeps the process alive.
    this.#alarm?.cancel.abort();
    this.#alarm = undefined;
  }

  /** 0: now. Infinity: not before an attempt ends. */
  #waitMs({ tokens }: Waiting, now: number): number {
    const { concurrency = Number.POSITIVE_INFINITY } = this.#options.limits;
    if (this.#inFlight >= concurrency) return Number.POSITIVE_INFINITY;
    while (this.#closedUntil[0] !== undefined && this.#closedUntil[0] <= now) this.#closedUntil.shift();
    if (this.#inFlight + this.#closedUntil.length >= this.#places()) {
      this.#window.press();
      return (this.#closedUntil[0] ?? Number.POSITIVE_INFINITY) - now;
    }
    if (this.#spacedUntil > now) this.#window.press();
    return Math.max(this.#spacedUntil - now, this.#heldMs(tokens, now));
  }

  /** For how long a pause or a limit of the user's holds a request. */
  #heldMs(tokens: number, now: number): number {
    return Math.max(this.#pausedUntil - now, this.#requests?.waitMs(1, now) ?? 0, this.#tokens?.waitMs(tokens, now) ?? 0);
  }

  #reasonToHold(tokens: number, now: number): string {
    const { requestsPerMinute, tokensPerMinute } = this.#options.limits;
    const held = this.#heldMs(tokens, now);
    if (this.#requests !== undefined && this.#requests.waitMs(1, now) >= held)
      return `\`requestsPerMinute: ${requestsPerMinute}\``;
    if (this.#tokens !== undefined && this.#tokens.waitMs(tokens, now) >= held) return `\`tokensPerMinute: ${tokensPerMinute}\``;
    return this.#limitReason;
  }

  /** Serves again at a moment, unless it happens earlier anyway. */
  #serveAt(at: number): void {
    if (this.#alarm !== undefined && this.#alarm.at <= at) return;
    this.#alarm?.cancel.abort();
    const alarm = { at, cancel: new AbortController() };
    this.#alarm = alarm;
    const onTime = (): void => {
      if (this.#alarm !== alarm) return;
      this.#alarm = undefined;
      this.#serve();
    };
    this.#options.sleep(at - this.#now(), alarm.cancel.signal).then(onTime, () => {});
  }

  #send(estimatedTokens: number, now: number): Place {
    this.#inFlight += 1;
    this.#requests?.use(1, now);
    this.#tokens?.use(estimatedTokens, now);
    const evenGap = this.#holdMs() / this.#window.limit;
    const gap = (now - this.#sentAt) / evenGap;
    this.#sentAt = now;
    // With less than one place, the one there is stays closed for the rest of the time.
    if (this.#window.limit < 1 || this.#spacing.even) this.#spacedUntil = now + evenGap;
    const round = this.#window.sent(this.#inFlight + this.#closedUntil.length);
    const request = this.#blocks.sent(now);
    let open = true;
    const end = (how: AttemptEnd): void => {
      if (!open) return;
      open = false;
      this.#inFlight -= 1;
      const at = this.#now();
      if (how.kind === "answered") {
        this.#hasAnswered = true;
        this.#refusedInRow = 0;
        this.#learnLatency(at - now);
        this.#blocks.answered(at);
        if (how.tokens !== undefined) this.#tokens?.use(how.tokens - estimatedTokens, at);
        const exhausted = exhaustedForMs(how.headers ?? {}, this.#options.clock.now());
        if (exhausted !== undefined) this.#pause(exhausted, at);
      }
      if (how.kind === "refused") {
        this.#limitReason = how.reason ?? this.#limitReason;
        // What was refused has used no tokens.
        this.#tokens?.use(-estimatedTokens, at);
        const others = { now: at, inFlight: this.#inFlight, usualMs: this.#holdMs() };
        if (this.#blocks.refused(request, others)) {
          this.#window.blocked();
          this.#pause(how.retryAfterMs ?? this.#options.pauseMs(this.#blocks.pauses), at);
        }
      }
      if (how.kind === "refused" || how.kind === "failed") this.#close(now + this.#holdMs(), at);
      if (how.kind === "failed" && how.late) this.#window.late();
      if (how.kind === "void" && how.isSetUp) this.#refusedInRow += 1;
      if (how.kind !== "void") this.#spacing.ended(gap, how.kind === "refused");
      if (how.kind !== "void") this.#window.ended(round, how.kind !== "answered");
      this.#serve();
    };
    return { end };
  }

  #pause(ms: number, now: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, now + Math.min(ms, longestPauseMs));
  }

  #close(until: number, now: number): void {
    if (until <= now) return;
    const before = this.#closedUntil.findLastIndex((other) => other <= until);
    this.#closedUntil.splice(before + 1, 0, until);
  }

  #learnLatency(ms: number): void {
    this.#latencyMs = this.#latencyMs === undefined ? ms : this.#latencyMs + (ms - this.#latencyMs) * 0.1;
  }
}
