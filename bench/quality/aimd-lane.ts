/**
 * Plain additive increase, multiplicative decrease: what the lane of opto is compared with.
 *
 * @module
 */
import type { AttemptEnd, CallLaneOptions, CallSlot, Lane, LaneState, OnHold } from "../../src/llm/pace/lane.ts";
import { exhaustedForMs } from "../../src/llm/pace/rate-limit-headers.ts";

interface Waiting {
  readonly order: number;
  readonly start: (slot: CallSlot) => void;
}

const firstLimit = 8;

/**
 * One more request in flight for each round of answers (twice as many before the first refusal), half as many after a refusal, at most
 * once a round. Headers that leave no more requests pause the lane; a call that was asked to wait does so by itself.
 */
export class AimdLane implements Lane {
  readonly refusingSince = undefined;
  readonly refusedInRow = 0;
  hasAnswered = false;
  readonly #options: CallLaneOptions;
  readonly #queue: Waiting[] = [];
  #away = 0;
  #inFlight = 0;
  #limit = firstLimit;
  #isStarting = true;
  #decreasedAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: CallLaneOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#queue.length + this.#away;
  }

  enter(order: number, _tokens: number, _signal: AbortSignal | undefined, _onHold?: OnHold): Promise<CallSlot> {
    return new Promise((start) => {
      const before = this.#queue.findLastIndex((other) => other.order <= order);
      this.#queue.splice(before + 1, 0, { order, start });
      this.#serve();
    });
  }

  stayAway(): () => void {
    this.#away += 1;
    return () => {
      this.#away -= 1;
    };
  }

  refuseWaiting(): void {}

  state(): LaneState {
    const pausedMs = Math.max(0, this.#pausedUntil - this.#now());
    return { concurrency: this.#limit, inFlight: this.#inFlight, waiting: this.#queue.length, pausedMs };
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }

  #serve(): void {
    if (this.#pausedUntil > this.#now()) return;
    while (this.#queue.length > 0 && this.#inFlight < Math.floor(this.#limit)) {
      this.#inFlight += 1;
      const sentAt = this.#now();
      this.#queue.shift()?.start({ end: (how) => this.#ended(sentAt, how) });
    }
  }

  #ended(sentAt: number, how: AttemptEnd): void {
    this.#inFlight -= 1;
    const now = this.#now();
    if (how.kind === "answered") {
      this.hasAnswered = true;
      this.#limit += this.#isStarting ? 1 : 1 / this.#limit;
      const exhausted = exhaustedForMs(how.headers ?? {}, this.#options.clock.now());
      if (exhausted !== undefined) this.#pause(exhausted);
    }
    if (how.kind === "refused" && sentAt >= this.#decreasedAt) {
      this.#limit = Math.max(1, this.#limit / 2);
      this.#isStarting = false;
      this.#decreasedAt = now;
    }
    this.#serve();
  }

  #pause(ms: number): void {
    this.#pausedUntil = this.#now() + ms;
    this.#options.sleep(ms).then(
      () => this.#serve(),
      () => {},
    );
  }
}
