/**
 * Lanes of events: what concurrent work emits, put into logical order.
 *
 * @module
 */
import type { AmbientEvent, EventChannel } from "../graph/scope.ts";

/** Where the events of a lane go. */
export interface LaneOutlets {
  /** Hears every event as it happens. */
  readonly live: (event: AmbientEvent) => void;
  /** Hears the same events in logical order: all of one lane before those of the next. */
  readonly ordered: (event: AmbientEvent) => void;
}

/**
 * One lane. Its events are released at once while everything before it is done, and are kept until then otherwise, so the
 * order of what is released depends on nothing but the order of the lanes. What is kept is at most what came after the
 * slowest piece of work in flight.
 */
export class EventLane implements EventChannel {
  readonly #outlets: LaneOutlets;
  readonly #parent: EventLane | undefined;
  /** Events and lanes that are still to be released, in order; what stands before `#next` already was. */
  #queue: (AmbientEvent | EventLane)[] = [];
  #next = 0;
  /** Whether all that stands before this lane was released. */
  #isFirst: boolean;
  #isClosed = false;

  /** @param parent without one, this is the root, whose events are released at once */
  constructor(outlets: LaneOutlets, parent?: EventLane) {
    this.#outlets = outlets;
    this.#parent = parent;
    this.#isFirst = parent === undefined;
  }

  emit(event: AmbientEvent): void {
    this.#outlets.live(event);
    if (this.#isFirst && this.#isDrained) this.#outlets.ordered(event);
    else this.#queue.push(event);
  }

  fork(count: number): EventLane[] {
    const lanes = Array.from({ length: count }, () => new EventLane(this.#outlets, this));
    for (const lane of lanes) {
      // What is begun after the end is waited for by nobody.
      lane.#isClosed = this.#isClosed;
      this.#queue.push(lane);
    }
    this.#drain();
    return lanes;
  }

  /** Ends this lane and those within it: work that was given up may never say that it is done. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const inner of this.#queue.slice(this.#next)) if (inner instanceof EventLane) inner.close();
    if (this.#isFirst && this.#isDrained && this.#parent !== undefined) this.#parent.#advance();
  }

  get #isDrained(): boolean {
    return this.#next === this.#queue.length;
  }

  /** Releases what can be released. */
  #drain(): void {
    if (!this.#isFirst) return;
    while (!this.#isDrained) {
      const head = this.#queue[this.#next] as AmbientEvent | EventLane;
      if (head instanceof EventLane && !head.#takeTurn()) {
        this.#forget();
        return;
      }
      this.#next++;
      if (!(head instanceof EventLane)) this.#outlets.ordered(head);
    }
    this.#queue = [];
    this.#next = 0;
  }

  /** Lets go of what was released: a task of a million pieces has never all of them released before its end. */
  #forget(): void {
    if (this.#next < 1_024 || this.#next < this.#queue.length / 2) return;
    this.#queue = this.#queue.slice(this.#next);
    this.#next = 0;
  }

  /** Goes on after a lane of this one was closed. */
  #advance(): void {
    this.#drain();
    if (this.#isClosed && this.#isFirst && this.#isDrained && this.#parent !== undefined) this.#parent.#advance();
  }

  /** Lets this lane be the first; true when there is nothing more to wait for in it. */
  #takeTurn(): boolean {
    if (!this.#isFirst) {
      this.#isFirst = true;
      this.#drain();
    }
    return this.#isClosed && this.#isDrained;
  }
}
