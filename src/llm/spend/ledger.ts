/**
 * `Ledger`: counts what a run uses of language models, and keeps it within its budget.
 *
 * @module
 */
import { type Clock, systemClock } from "../../data/clock.ts";
import { anything, groupOf, type OptionTable } from "../../data/option-table.ts";
import { checkTable } from "../../data/options.ts";
import { ConfigurationError, InvalidArgumentError, StopError } from "../../errors.ts";
import type { CallLedger, Reservation, ReservationRequest } from "../call-services.ts";
import { isTokenCount, type TokenCounts } from "../model-request.ts";
import { type Budget, BudgetBalance, budgetTable, type Claim, rolloutsSpent, timeSpent } from "./budget.ts";
import { ExpectedOutput } from "./call-profile.ts";
import { nanosPerDollar, PriceList, type Prices, unknownPrice } from "./prices.ts";
import { type CallEntry, type Usage, UsageTally } from "./usage.ts";

/** What a ledger can be made with. */
export interface LedgerOptions {
  /** @default no bound */
  readonly budget?: Budget | undefined;
  /** @default those of the installed table of prices */
  readonly prices?: Prices | undefined;
  /** @default that of the machine */
  readonly clock?: Clock | undefined;
}

const ledgerTable: OptionTable<LedgerOptions> = { budget: groupOf<Budget>(budgetTable), prices: anything, clock: anything };

/**
 * Reserves before each call and counts after it. Calls and rollouts never pass their caps; tokens and dollars only by
 * what calls in flight turn out to cost beyond their reservations. A call that does not fit waits, first come first
 * served, as long as others are in flight that may settle for less.
 *
 * The first `StopError` is final: from then on nothing new is reserved, and calls in flight may still end.
 */
export class Ledger implements CallLedger {
  readonly #budget: Budget;
  readonly #prices: PriceList;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #tally = new UsageTally();
  readonly #expected = new ExpectedOutput();
  readonly #balance: BudgetBalance;
  readonly #queue: Waiting[] = [];
  #rollouts = 0;
  #elapsedBefore = 0;
  #stop: StopError | undefined;

  /** @throws InvalidArgumentError for an invalid budget or price */
  constructor(options: LedgerOptions = {}) {
    checkTable(options, ledgerTable, "Ledger", "");
    const { budget = {}, prices = {}, clock = systemClock } = options;
    this.#budget = { ...budget };
    this.#balance = new BudgetBalance(this.#budget);
    this.#prices = new PriceList(prices, clock.now());
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
  }

  /** Why nothing more can be reserved, or `undefined` as long as it can. */
  get stopped(): StopError | undefined {
    return this.#stop;
  }

  /**
   * Makes room for one call. Waits while calls in flight may still leave some.
   *
   * @throws ConfigurationError when there is a budget in dollars and the model has no known price
   * @throws StopError when a budget is spent
   * @throws the reason of the signal, unchanged
   */
  async reserve(request: ReservationRequest): Promise<Reservation> {
    const { signal, model } = request;
    signal?.throwIfAborted();
    if (this.#budget.usd !== undefined && !this.#prices.knows(model)) throw new ConfigurationError(unpriced(model));
    if (this.#stop !== undefined) throw this.#stop;
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { request, resolve, reject, stopListening: () => signal?.removeEventListener("abort", onAbort) };
      const onAbort = (): void => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        reject(signal?.reason);
        this.#serve();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#queue.push(waiting);
      this.#serve();
    });
  }

  /** A rollout begins. @throws StopError when a budget is spent */
  reserveRollout(): void {
    this.checkTime();
    const { rollouts } = this.#budget;
    if (rollouts !== undefined && this.#rollouts >= rollouts) throw this.#stopWith(rolloutsSpent(rollouts));
    this.#rollouts++;
  }

  /** @throws StopError when the time is up, and when the ledger has stopped for another reason */
  checkTime(): void {
    if (this.#stop !== undefined) throw this.#stop;
    if (this.#isTimeUp()) throw this.#stopWith(timeSpent(this.#budget.wallClockMs as number));
  }

  /** How much of the budgeted time is left, in milliseconds; infinite where there is no such budget. */
  timeLeftMs(): number {
    const { wallClockMs } = this.#budget;
    return wallClockMs === undefined ? Number.POSITIVE_INFINITY : wallClockMs - this.#elapsedMs();
  }

  /** The largest share of a budget that is used, time aside; 0 where there is none. */
  get shareUsed(): number {
    const { rollouts = Number.POSITIVE_INFINITY } = this.#budget;
    return Math.max(this.#balance.share, this.#rollouts / rollouts);
  }

  /** Takes over what a checkpoint says; replaces the count of rollouts. */
  restore({ rollouts, elapsedMs }: { readonly rollouts: number; readonly elapsedMs: number }): void {
    this.#rollouts = rollouts;
    this.#elapsedBefore = elapsedMs;
  }

  /** What a checkpoint has to keep. Calls are recorded elsewhere, one by one. */
  spent(): { readonly rollouts: number; readonly elapsedMs: number } {
    return { rollouts: this.#rollouts, elapsedMs: this.#elapsedMs() };
  }

  /** A request that an earlier process has sent. */
  recordSent(entry: CallEntry): void {
    this.#balance.useRequest();
    this.#tally.sent(entry);
  }

  /** An answer that an earlier process has got. What is no number of tokens counts as in a usual call. */
  recordAnswer(entry: CallEntry & TokenCounts): void {
    const usual = this.#expected.of(entry.model, entry.role);
    this.#count(entry, entry, { inputTokens: usual, outputTokens: usual });
  }

  /** What an answer costs in dollars; `null` when the price of the model is not known. */
  costOf(model: string, tokens: TokenCounts): number | null {
    const nanos = this.#prices.nanos(model, tokens);
    return nanos === null ? null : nanos / nanosPerDollar;
  }

  /** All that was used, as plain JSON. */
  usage(): Usage {
    return { ...this.#tally.lines(), rollouts: this.#rollouts, elapsedMs: this.#elapsedMs() };
  }

  #elapsedMs(): number {
    return this.#elapsedBefore + Math.round(this.#clock.monotonic() - this.#startedAt);
  }

  /** Grants what fits, in order; refuses when nothing is in flight that could make room. */
  #serve(): void {
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      // Estimated anew each time: replies since then have taught how long they are.
      const claim = this.#claim(first.request);
      const obstacle = this.#isTimeUp() ? timeSpent(this.#budget.wallClockMs as number) : this.#balance.obstacleTo(claim);
      if (obstacle === undefined) {
        this.#queue.shift();
        first.stopListening();
        first.resolve(this.#grant(first.request, claim));
      } else if (this.#balance.isIdle || this.#balance.isOutOfRequests || this.#isTimeUp()) {
        this.#stopWith(obstacle);
      } else {
        return;
      }
    }
  }

  #claim({ model, role, estimatedInputTokens, maxOutputTokens }: ReservationRequest): Claim {
    const inputTokens = Math.ceil(estimatedInputTokens);
    const outputTokens = maxOutputTokens ?? this.#expected.of(model, role);
    const estimated = { inputTokens, outputTokens };
    const nanos = this.#budget.usd === undefined ? 0 : (this.#prices.nanos(model, estimated) ?? 0);
    return { estimated, nanos, requests: 1 };
  }

  #isTimeUp(): boolean {
    const { wallClockMs } = this.#budget;
    return wallClockMs !== undefined && this.#elapsedMs() >= wallClockMs;
  }

  #grant(request: ReservationRequest, claim: Claim): Reservation {
    const { model, role, iteration, candidate } = request;
    const entry: CallEntry = { model, role, iteration, candidate };
    const { estimated } = claim;
    this.#balance.hold(claim);
    return {
      estimated,
      sent: () => {
        this.#refuseEnded(claim, "a request");
        // A retry takes a request of its own, and those of calls that have yet to begin are not there for it.
        const obstacle = claim.requests === 1 ? undefined : this.#balance.obstacleToRequest();
        if (obstacle !== undefined) throw this.#stopWith(obstacle);
        this.#balance.useRequest(claim);
        this.#tally.sent(entry);
        this.#prices.announce(model);
      },
      settle: (tokens) => {
        this.#refuseEnded(claim, "an answer");
        const nanos = this.#count(entry, tokens, estimated);
        this.#end(claim);
        return { usd: nanos === null ? null : nanos / nanosPerDollar };
      },
      release: () => this.#end(claim),
    };
  }

  #refuseEnded(claim: Claim, what: string): void {
    if (this.#balance.has(claim)) return;
    throw new InvalidArgumentError(`Expected ${what} of a call that is reserved, got one of a call that has ended`);
  }

  #end(claim: Claim): void {
    if (this.#balance.letGo(claim)) this.#serve();
  }

  /** Counts an answer; returns its cost in billionths of a dollar. What is no number of tokens is replaced by the estimate. */
  #count(entry: CallEntry, tokens: TokenCounts, estimated: Claim["estimated"]): number | null {
    const { model, role } = entry;
    const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens } = tokens;
    const isKnown = isTokenCount(inputTokens) && isTokenCount(outputTokens);
    const counted = {
      cachedInputTokens: isTokenCount(cachedInputTokens) ? cachedInputTokens : 0,
      cacheWriteTokens: isTokenCount(cacheWriteTokens) ? cacheWriteTokens : 0,
      inputTokens: isTokenCount(inputTokens) ? inputTokens : estimated.inputTokens,
      outputTokens: isTokenCount(outputTokens) ? outputTokens : estimated.outputTokens,
      estimated: tokens.estimated === true || !isKnown,
    };
    const nanos = this.#prices.nanos(model, counted);
    this.#tally.answered(entry, counted, nanos);
    this.#balance.use(counted.inputTokens + counted.outputTokens, nanos ?? 0);
    if (isTokenCount(outputTokens)) this.#expected.learn(model, role, outputTokens);
    return nanos;
  }

  /** Ends all reserving, also for those that wait; gives the error to throw. */
  #stopWith(message: string): StopError {
    this.#stop ??= new StopError("budget", message);
    for (const { reject, stopListening } of this.#queue.splice(0)) {
      stopListening();
      reject(this.#stop);
    }
    return this.#stop;
  }
}

interface Waiting {
  readonly request: ReservationRequest;
  readonly resolve: (reservation: Reservation) => void;
  readonly reject: (reason: unknown) => void;
  readonly stopListening: () => void;
}

function unpriced(model: string): string {
  return `\`budget.usd\` needs the price of ${model}, but ${unknownPrice(model)}`;
}
