/**
 * `CallLane`: the line of calls that wait for one model, and the slots they wait for.
 *
 * @module
 */
import type { MaybePromise } from "../../data/maybe-promise.ts";
import { AdaptiveWindow, BlockDetector, type RoundMark, type SentRequest } from "./adaptive-window.ts";
import type { AttemptEnd, CallLaneOptions, CallSlot, Lane, LaneState, OnHold } from "./lane.ts";
import { exhaustedForMs, PerMinute, Spacing } from "./rate-limit-headers.ts";

/** An attempt under way, as far as its end tells something of the provider. */
interface SentAttempt {
  readonly at: number;
  readonly estimatedTokens: number;
  /** How close it followed the one before, as a share of the even gap. */
  readonly gap: number;
  readonly round: RoundMark;
  readonly request: SentRequest;
}

interface Waiting {
  readonly order: number;
  readonly tokens: number;
  readonly start: (slot: CallSlot) => void;
  readonly refuse: (reason: unknown) => void;
  readonly onHold: OnHold | undefined;
}

/** In flight at most before the first answer: what is set up wrongly costs a handful of requests, not one for each example. */
const mostUnproven = 4;

/** Before the first answer nobody knows how long one takes. */
const unknownLatencyMs = 500;
/** A slot is never kept longer than this for a request that is not there. */
const longestHoldMs = 5000;
/** What headers ask for beyond this is not believed before it was tried again. */
const longestPauseMs = 60_000;

/**
 * Calls are served in the order of their numbers. One is served when a slot is free, no pause is on, and the user's limits
 * have room.
 *
 * A slot whose request failed stays closed for as long as an answer would have taken. Otherwise the slots above what a
 * provider takes would turn into a stream of refusals: each is over at once, and would be tried again at once.
 */
export class CallLane implements Lane {
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
  /** When slots of failed requests open again, in order. */
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

  get refusingSince(): number | undefined {
    return this.#blocks.refusingSince;
  }

  get refusedInRow(): number {
    return this.#refusedInRow;
  }

  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  enter(order: number, tokens: number, signal: AbortSignal | undefined, onHold?: OnHold): MaybePromise<CallSlot> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#queue.length === 0 && this.#waitMs(tokens, this.#now()) <= 0) return this.#send(tokens, this.#now());
    return this.#inLine(order, tokens, signal, onHold);
  }

  #inLine(order: number, tokens: number, signal: AbortSignal | undefined, onHold: OnHold | undefined): Promise<CallSlot> {
    return new Promise((resolve, reject) => {
      const start = (slot: CallSlot): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve(slot);
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

  stayAway(): () => void {
    this.#away += 1;
    return () => {
      this.#away -= 1;
    };
  }

  get waiting(): number {
    return this.#queue.length + this.#away;
  }

  refuseWaiting(reason: unknown): void {
    for (const { refuse } of this.#queue.splice(0)) refuse(reason);
    this.#serve();
  }

  state(): LaneState {
    const { concurrency = Number.POSITIVE_INFINITY } = this.#options.limits;
    return {
      concurrency: Math.min(concurrency, this.#slots()),
      inFlight: this.#inFlight,
      waiting: this.#queue.length,
      pausedMs: Math.max(0, this.#pausedUntil - this.#now()),
    };
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }

  #slots(): number {
    const slots = Math.max(1, Math.round(this.#window.limit));
    return this.#hasAnswered ? slots : Math.min(mostUnproven, slots);
  }

  /** For how long a request takes a slot, whatever becomes of it. */
  #holdMs(): number {
    return Math.min(longestHoldMs, this.#latencyMs ?? unknownLatencyMs);
  }

  #serve(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const now = this.#now();
      const wait = this.#waitMs(next.tokens, now);
      if (wait > 0) {
        if (wait === Number.POSITIVE_INFINITY) return;
        this.#serveAt(now + wait);
        // A slot that is closed for a moment is none of a limit's.
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
  #waitMs(tokens: number, now: number): number {
    const { concurrency = Number.POSITIVE_INFINITY } = this.#options.limits;
    if (this.#inFlight >= concurrency) return Number.POSITIVE_INFINITY;
    while (this.#closedUntil[0] !== undefined && this.#closedUntil[0] <= now) this.#closedUntil.shift();
    if (this.#inFlight + this.#closedUntil.length >= this.#slots()) {
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

  #send(estimatedTokens: number, now: number): CallSlot {
    this.#inFlight += 1;
    this.#requests?.use(1, now);
    this.#tokens?.use(estimatedTokens, now);
    const evenGap = this.#holdMs() / this.#window.limit;
    const gap = (now - this.#sentAt) / evenGap;
    this.#sentAt = now;
    // With less than one slot, the one there is stays closed for the rest of the time.
    if (this.#window.limit < 1 || this.#spacing.even) this.#spacedUntil = now + evenGap;
    const round = this.#window.sent(this.#inFlight + this.#closedUntil.length);
    const request = this.#blocks.sent(now);
    const sent = { at: now, estimatedTokens, gap, round, request };
    let open = true;
    const end = (how: AttemptEnd): void => {
      if (!open) return;
      open = false;
      this.#ended(sent, how);
    };
    return { end };
  }

  #ended(sent: SentAttempt, how: AttemptEnd): void {
    this.#inFlight -= 1;
    const at = this.#now();
    if (how.kind === "answered") this.#learnAnswer(sent, how, at);
    if (how.kind === "refused") this.#learnRefusal(sent, how, at);
    if (how.kind === "refused" || how.kind === "failed") this.#close(sent.at + this.#holdMs(), at);
    if (how.kind === "failed" && how.late) this.#window.late();
    if (how.kind === "void" && how.isSetUp) this.#refusedInRow += 1;
    if (how.kind !== "void") this.#spacing.ended(sent.gap, how.kind === "refused");
    if (how.kind !== "void") this.#window.ended(sent.round, how.kind !== "answered");
    this.#serve();
  }

  #learnAnswer(sent: SentAttempt, { tokens, headers }: Extract<AttemptEnd, { kind: "answered" }>, at: number): void {
    this.#hasAnswered = true;
    this.#refusedInRow = 0;
    this.#learnLatency(at - sent.at);
    this.#blocks.answered(at);
    if (tokens !== undefined) this.#tokens?.use(tokens - sent.estimatedTokens, at);
    const exhausted = exhaustedForMs(headers ?? {}, this.#options.clock.now());
    if (exhausted !== undefined) this.#pause(exhausted, at);
  }

  #learnRefusal(sent: SentAttempt, { reason, retryAfterMs }: Extract<AttemptEnd, { kind: "refused" }>, at: number): void {
    this.#limitReason = reason ?? this.#limitReason;
    // What was refused has used no tokens.
    this.#tokens?.use(-sent.estimatedTokens, at);
    const others = { now: at, inFlight: this.#inFlight, usualMs: this.#holdMs() };
    if (!this.#blocks.refused(sent.request, others)) return;
    this.#window.blocked();
    this.#pause(retryAfterMs ?? this.#options.pauseMs(this.#blocks.pauses), at);
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
