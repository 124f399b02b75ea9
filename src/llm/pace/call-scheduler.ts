/**
 * `CallScheduler`: lets calls of models through at the pace that each provider can take, and repeats those that fail.
 *
 * @module
 */
import { setMaxListeners } from "node:events";
import { type Clock, systemClock } from "../../data/clock.ts";
import type { Filled } from "../../data/option-table.ts";
import { checkTable, checkValue, withDefaults } from "../../data/options.ts";
import { Random, type Seed } from "../../data/random.ts";
import type { CallPacer, ScheduledCall } from "../call-services.ts";
import { redactText } from "../redact-secrets.ts";
import { type CallFailure, callFailure } from "./call-failure.ts";
import { CallLane } from "./call-lane.ts";
import {
  type CallSchedulerOptions,
  checkLimits,
  type LimitsByModel,
  limitsOf,
  type RetryOptions,
  retryTable,
  schedulerTable,
} from "./call-options.ts";
import type { AttemptEnd, CallLaneOptions, CallSlot, Lane, LaneState } from "./lane.ts";
import { LimitWait, type Sleep, type StartTimer, sleep as sleepByTimer, type WaitReport } from "./limit-wait.ts";
import { type Course, longestPauseMs, retryDelayMs } from "./retry.ts";
import { timedAttempt, timerBy } from "./timed-attempt.ts";

/** So many attempts of a call find nothing where the model should be before that is believed, and nothing has ever answered there. */
const attemptsAtAddress = 3;
/** So many calls in a row are refused for their key, model or address before that is believed of a model that has answered. */
const refusalsInRow = 5;

/** An attempt of a call that has failed, and the slot that it had. */
interface Attempted<T> {
  readonly call: ScheduledCall<T>;
  readonly course: Course;
  readonly lane: Lane;
  readonly slot: CallSlot;
}

/**
 * One lane for each model; within it calls go in the order in which they came, as many concurrently as the provider accepts.
 *
 * @example
 * const scheduler = new CallScheduler({ limits: { openai: { requestsPerMinute: 500 } } });
 * const text = await scheduler.run({ model: "openai/gpt-5-mini", label: "call/0", estimatedTokens: 200, attempt });
 */
export class CallScheduler implements CallPacer {
  readonly #limits: LimitsByModel;
  readonly #retry: Filled<RetryOptions, keyof RetryOptions>;
  readonly #timeoutMs: number;
  readonly #seed: Seed;
  readonly #clock: Clock;
  readonly #sleep: Sleep;
  readonly #startTimer: StartTimer;
  readonly #makeLane: (options: CallLaneOptions) => Lane;
  readonly #lanes = new Map<string, Lane>();
  readonly #waits = new Map<string, LimitWait>();
  #calls = 0;

  /**
   * @param makeLane makes the lane of a model, which keeps its pace
   * @throws InvalidArgumentError when an option is unknown or out of range
   */
  constructor(options: CallSchedulerOptions = {}, makeLane = (lane: CallLaneOptions): Lane => new CallLane(lane)) {
    checkTable(options, schedulerTable, "CallScheduler", "");
    const { limits = {}, retry, timeoutMs, seed = 0, clock = systemClock, sleep = sleepByTimer } = settingsOf(options);
    checkLimits(limits);
    this.#limits = limits;
    this.#retry = retry;
    this.#timeoutMs = timeoutMs;
    this.#seed = seed;
    this.#clock = clock;
    this.#sleep = sleep;
    this.#startTimer = timerBy(sleep);
    this.#makeLane = makeLane;
  }

  /**
   * Makes a call: waits in line, sends, and sends again after failures that may pass.
   *
   * @throws the reason of the call's signal, unchanged, whatever the state of the call
   * @throws StopError with the reason `quota` when the account has nothing left
   * @throws what `setUpError` gives when the set-up is wrong
   * @throws InfrastructureError when the retries or the patience with rate limits are used up
   * @throws what the attempt throws, without keys, when another attempt would not help
   */
  async run<T>(call: ScheduledCall<T>): Promise<T> {
    const { model, label, signal, maxRetries = this.#retry.maxRetries } = call;
    checkValue(maxRetries, retryTable.maxRetries, "`maxRetries`");
    // Hundreds of calls listen to the signal of their run, each for as long as it is under way: no leak, no warning.
    if (signal !== undefined) setMaxListeners(0, signal);
    const lane = this.#laneOf(model);
    const course = new CallCourse(this.#calls++, this.#clock.monotonic(), maxRetries, () => new Random(this.#seed, label));
    const onHold = (hold: Omit<WaitReport, "waitedMs">): void => this.#report(call, hold);
    const bounds = { timeoutMs: this.#timeoutMs, startTimer: this.#startTimer, signal };
    let release: (() => void) | undefined;
    for (;;) {
      const entered = lane.enter(course.order, call.estimatedTokens, signal, onHold);
      // It is in line again, before the calls that came later.
      release?.();
      const slot = entered instanceof Promise ? await entered : entered;
      course.attempts += 1;
      try {
        const result = await timedAttempt((own) => call.attempt(own, course.attempts), bounds);
        this.#endWait(call, true);
        slot.end({ kind: "answered", headers: result.headers, tokens: result.tokens });
        return result.value;
      } catch (error) {
        if (signal?.aborted) {
          slot.end({ kind: "void" });
          throw signal.reason;
        }
        release = await this.#beforeRetry(error, { call, course, lane, slot });
      }
    }
  }

  /**
   * Waits until the next attempt.
   *
   * @returns what makes the slot free, where it is kept until then: as long as nothing has ever answered where the model should be,
   * the first calls find out whether something does, and no others come in between
   * @throws when there is none
   */
  async #beforeRetry<T>(error: unknown, { call, course, lane, slot }: Attempted<T>): Promise<() => void> {
    const failure = callFailure(error, this.#clock.now());
    const free = (): void => slot.end(endOf(failure, error));
    const comeBack = failure.kind === "rate-limit" ? lane.stayAway() : undefined;
    try {
      // Before the slot is free, so that no call in line takes it.
      const setUp = this.#setUpError(failure, call, course, lane, error);
      if (setUp !== undefined) throw setUp;
      if (failure.problem === undefined || lane.hasAnswered) free();
      const now = this.#clock.monotonic();
      const { refusingSince } = lane;
      const delayMs = retryDelayMs({ failure, error, call, course, retry: this.#retry, now, refusingSince });
      const reason = redactText(failure.reason);
      if (comeBack !== undefined) {
        this.#report(call, { reason, calls: lane.waiting, delayMs: Math.max(delayMs, lane.state().pausedMs) });
      }
      call.onRetry?.({ attempt: course.attempts, delayMs, reason });
      await this.#sleep(delayMs, call.signal);
      return free;
    } catch (reason) {
      free();
      // The last that gives up leaves no one waiting.
      if (lane.waiting === (comeBack === undefined ? 0 : 1)) this.#endWait(call, false);
      throw reason;
    } finally {
      comeBack?.();
    }
  }

  #report<T>({ model, onWait }: ScheduledCall<T>, wait: Omit<WaitReport, "waitedMs">): void {
    const report = this.#waitOf(model).note(wait, this.#clock.monotonic());
    if (report !== undefined) onWait?.(report);
  }

  #endWait<T>({ model, onWaitEnd }: ScheduledCall<T>, isAnswered: boolean): void {
    const waitedMs = this.#waitOf(model).end(this.#clock.monotonic());
    if (waitedMs !== undefined) onWaitEnd?.(waitedMs, isAnswered);
  }

  #waitOf(model: string): LimitWait {
    const known = this.#waits.get(model);
    if (known !== undefined) return known;
    const wait = new LimitWait();
    this.#waits.set(model, wait);
    return wait;
  }

  /** How each lane stands, for showing. */
  lanes(): ({ readonly model: string } & LaneState)[] {
    return [...this.#lanes].map(([model, lane]) => ({ model, ...lane.state() }));
  }

  #laneOf(model: string): Lane {
    const known = this.#lanes.get(model);
    if (known !== undefined) return known;
    const { initialDelayMs } = this.#retry;
    const pauses = new Random(this.#seed, `lane/${model}/pause`);
    const lane = this.#makeLane({
      limits: limitsOf(model, this.#limits),
      clock: this.#clock,
      sleep: this.#sleep,
      // Never much less than the whole: a pause exists to be quiet.
      pauseMs: (count) => Math.min(longestPauseMs(this.#retry), initialDelayMs * 2 ** (count - 1)) * (0.75 + pauses.next() / 4),
    });
    this.#lanes.set(model, lane);
    return lane;
  }

  /**
   * What to throw when the failure shows that something is set up wrongly; then the calls in line end with it, too. A model that has answered is believed longer: its key may be renewed,
   * its server started again.
   */
  #setUpError<T>(failure: CallFailure, call: ScheduledCall<T>, course: Course, lane: Lane, error: unknown): Error | undefined {
    const { kind, problem } = failure;
    if (problem === undefined) return undefined;
    const { hasAnswered } = lane;
    if (kind === "fatal" && hasAnswered && lane.refusedInRow + 1 < refusalsInRow) return undefined;
    const tries = Math.min(attemptsAtAddress, course.maxRetries + 1);
    if (kind === "transient" && (hasAnswered || course.failures + 1 < tries)) return undefined;
    const setUp = call.setUpError?.(failure, error);
    if (setUp !== undefined && (!hasAnswered || kind === "fatal")) lane.refuseWaiting(setUp);
    return setUp;
  }
}

/** How a call has gone so far. Only what fails has delays to draw. */
class CallCourse implements Course {
  readonly order: number;
  readonly startedAt: number;
  readonly maxRetries: number;
  attempts = 0;
  failures = 0;
  refusals = 0;
  refusedSince: number | undefined;
  readonly #makeRandom: () => Random;
  #random: Random | undefined;

  constructor(order: number, startedAt: number, maxRetries: number, makeRandom: () => Random) {
    this.order = order;
    this.startedAt = startedAt;
    this.maxRetries = maxRetries;
    this.#makeRandom = makeRandom;
  }

  get random(): Random {
    this.#random ??= this.#makeRandom();
    return this.#random;
  }
}

function settingsOf(
  options: CallSchedulerOptions,
): Filled<Omit<CallSchedulerOptions, "retry">, "timeoutMs"> & { readonly retry: Filled<RetryOptions, keyof RetryOptions> } {
  return withDefaults<CallSchedulerOptions, "timeoutMs" | "retry">(options, schedulerTable) as ReturnType<typeof settingsOf>;
}

function endOf({ kind, retryAfterMs, problem, reason }: CallFailure, error: unknown): AttemptEnd {
  if (kind === "rate-limit") return { kind: "refused", retryAfterMs, reason: redactText(reason) };
  if (kind === "transient") return { kind: "failed", late: error instanceof DOMException && error.name === "TimeoutError" };
  // The provider did answer, or was never asked.
  return { kind: "void", isSetUp: kind === "fatal" && problem !== undefined };
}
