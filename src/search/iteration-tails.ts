/**
 * Tails of iterations: what follows the training of an iteration (test, logs, checkpoint), done beside the training of the next.
 *
 * @module
 */
import { untilAborted } from "../data/shared-work.ts";
import { StopError } from "../errors.ts";
import { type EventChannel, forkEvents, noListeners } from "../graph/scope.ts";
import { HeldChannel } from "../trainer/event-stream.ts";
import { waitedFor } from "../trainer/limited-work.ts";
import type { RunControl } from "../trainer/run-control.ts";
import type { WorkPool } from "../trainer/work-pool.ts";

/** One iteration: its events, and its turn to report them. */
export interface IterationTurn {
  readonly events: EventChannel;
  /** Resolves when all earlier iterations are over; from then on events are reported as they happen. Rejects when one of them fails. */
  readonly isFirst: Promise<void>;
}

interface Turn {
  readonly held: HeldChannel;
  readonly lane: EventChannel | undefined;
  isGiven: boolean;
  give: () => void;
  refuse: (reason: unknown) => void;
}

/** How many tails may be under way when another iteration begins: a slow end of one test delays nothing. */
const mostUnderWay = 1;

/**
 * Lets iterations overlap without anyone noticing: the events of one are held until the one before is over, and
 * the tail of one is finished before that of the next. The first tail that fails ends all that came after it.
 */
export class IterationTails {
  readonly #control: RunControl;
  readonly #signal: AbortSignal | undefined;
  readonly #turns: Turn[] = [];
  readonly #underWay = new Set<Promise<void>>();
  /** The latest tail. */
  #latest: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(control: RunControl, signal: AbortSignal | undefined) {
    this.#control = control;
    this.#signal = signal;
  }

  /** An iteration begins. */
  begin(): IterationTurn {
    const held = new HeldChannel();
    const [lane] = forkEvents(1) ?? [];
    const turn: Turn = { held, lane, isGiven: false, give: () => {}, refuse: () => {} };
    const isFirst = new Promise<void>((resolve, reject) => {
      turn.give = resolve;
      turn.refuse = reject;
    });
    // An iteration that is cut short in its training never asks.
    isFirst.catch(() => undefined);
    this.#turns.push(turn);
    if (this.#turns.length === 1) this.#give();
    return { events: lane === undefined ? noListeners : held, isFirst };
  }

  /** Does the tail of the latest iteration. It is over when its tail is. */
  add(tail: () => Promise<void>): void {
    const earlier = this.#latest;
    const work = tail().then(
      () => this.#over(),
      async (error: unknown) => {
        // Those that came before would have come to their end.
        await earlier;
        this.#fail(error);
      },
    );
    this.#latest = work;
    this.#underWay.add(work);
    void work.then(() => this.#underWay.delete(work));
  }

  /** Waits until another iteration may begin. @throws what a tail has thrown */
  async room(): Promise<void> {
    while (this.#underWay.size > mostUnderWay && this.#failure === undefined) await Promise.race(this.#underWay);
    if (this.#failure !== undefined) await this.all();
  }

  /** Waits for all tails. @throws what the first that failed has thrown */
  async all(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.race(this.#underWay);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Ends all turns; what was held of iterations that should never have begun is forgotten. */
  abandon(): void {
    for (const { held, lane, isGiven } of this.#turns.splice(0)) {
      if (!isGiven) held.discard();
      lane?.close();
    }
  }

  /**
   * Waits for work that was begun ahead of its turn and never asked for: it is paid for all the same. An abort does not wait for it, so that it
   * has no place in the order of the events either: the end of the run would come after it.
   */
  async idle(pool: Pick<WorkPool, "idle">): Promise<void> {
    const isIdle = waitedFor(() => pool.idle(), "", { emit: () => {} });
    await untilAborted(
      isIdle.catch(() => undefined),
      this.#signal,
    );
  }

  #over(): void {
    this.#turns.shift()?.held.close();
    this.#give();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    // What is trained ahead would never have begun, and what waits for its turn would wait forever.
    this.#control.stop(new StopError("interrupted", "An earlier iteration has failed"));
    for (const turn of this.#turns) turn.refuse(error);
  }

  /** The turn of the first in the row. */
  #give(): void {
    const [first] = this.#turns;
    if (first === undefined) return;
    // After an abort nothing more is reported: without overlap the next iteration would not have begun.
    if (this.#signal?.aborted) {
      first.refuse(this.#signal.reason);
      return;
    }
    first.isGiven = true;
    if (first.lane === undefined) first.held.discard();
    else first.held.attach(first.lane);
    first.give();
  }
}
