/**
 * Tails of iterations: what follows the training of an iteration (test, logs, checkpoint), done beside the training of the next.
 *
 * @module
 */
import { StopError } from "../errors.ts";
import { type EventChannel, forkEvents } from "../graph/scope.ts";
import { HeldChannel } from "../trainer/held-channel.ts";
import type { RunControl } from "../trainer/run-control.ts";

/** One iteration: its events, and its turn to tell of them. */
export interface IterationTurn {
  readonly events: EventChannel;
  /** Resolves when all earlier iterations are over; from then on events are heard as they happen. */
  readonly isFirst: Promise<void>;
}

/** How many tails may be under way when another iteration begins: a slow end of one test holds nobody up. */
const mostUnderWay = 1;

/**
 * Lets iterations overlap, and everybody believe that they did not: the events of one are held until the one before is over, and
 * the tail of one is finished before that of the next. The first tail that fails ends all that came after it.
 */
export class IterationTails {
  readonly #control: RunControl;
  readonly #signal: AbortSignal | undefined;
  readonly #turns: { readonly held: HeldChannel; readonly lane: EventChannel | undefined; begin: () => void }[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(control: RunControl, signal: AbortSignal | undefined) {
    this.#control = control;
    this.#signal = signal;
  }

  /** An iteration begins. */
  begin(): IterationTurn {
    const held = new HeldChannel();
    const [lane] = forkEvents(1) ?? [];
    const turn = { held, lane, begin: (): void => {} };
    const isFirst = new Promise<void>((resolve) => {
      turn.begin = resolve;
    });
    this.#turns.push(turn);
    if (this.#turns.length === 1) this.#give();
    return { events: held, isFirst };
  }

  /** Does the tail of the latest iteration. It is over when its tail is. */
  add(tail: () => Promise<void>): void {
    const work = tail().then(
      () => this.#over(),
      (error: unknown) => {
        this.#failure ??= { error };
        // What trains ahead would never have begun.
        this.#control.stop(new StopError("interrupted", "An earlier iteration has failed"));
      },
    );
    this.#underWay.add(work);
    void work.then(() => this.#underWay.delete(work));
  }

  /** How many iterations have been trained and are not over. */
  get size(): number {
    return this.#underWay.size;
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
    const [first, ...others] = this.#turns.splice(0);
    first?.held.close();
    for (const { held, lane } of others) {
      held.discard();
      lane?.close();
    }
  }

  #over(): void {
    this.#turns.shift()?.held.close();
    this.#give();
  }

  /** The turn of the first in the row. */
  #give(): void {
    const [first] = this.#turns;
    // After an abort nothing more is told: without overlap the next iteration would not have begun.
    if (first === undefined || this.#signal?.aborted) return;
    if (first.lane === undefined) first.held.discard();
    else first.held.attach(first.lane);
    first.begin();
  }
}
