/**
 * The event stream of a run: hands every event to every logger.
 *
 * @module
 */
import { describeValue, type JsonValue } from "../data/json.ts";
import { isPromiseLike } from "../data/shared-work.ts";
import { errorText, InfrastructureError, InvalidArgumentError } from "../errors.ts";
import { type AmbientEvent, currentRun, type EventChannel, emitEvent, noListeners, plainChannel } from "../graph/scope.ts";
import { isMark, type Logger, type RunEvent } from "./events.ts";
import { LimitedWork } from "./limited-work.ts";

/** How long a logger may take to close, in milliseconds. */
const closeTimeoutMs = 30_000;

/**
 * Hands events to loggers, as they happen or in logical order, as each asks. A logger that throws, or whose promise is rejected,
 * is reported once and never stops the run.
 */
export class EventStream {
  readonly #loggers: readonly Logger[];
  readonly #reported = new Set<Logger>();

  /** @throws InvalidArgumentError for something that cannot receive events */
  constructor(loggers: readonly Logger[]) {
    for (const logger of loggers) {
      if (typeof logger?.log === "function" || typeof logger?.onEvent === "function") continue;
      throw new InvalidArgumentError(`Expected a logger with \`log\` or \`onEvent\`, got ${describeValue(logger)}`);
    }
    this.#loggers = loggers;
  }

  /** The channel of a run that begins. */
  open(further: readonly Logger[] = []): EventChannel {
    const all = [...this.#loggers, ...further];
    if (all.length === 0) return noListeners;
    const live = all.filter(({ order }) => order !== "logical");
    const logical = all.filter(({ order }) => order === "logical");
    const tell = (event: AmbientEvent): void => this.#tell(live, event);
    if (logical.length === 0) return plainChannel(tell);
    const lane = new EventLane({
      live: (event) => {
        tell(event);
        // Marks have no place in the logical order: they tell of this machine and this moment.
        if (isMark(event.type)) this.#tell(logical, event);
      },
      ordered: (event) => {
        if (!isMark(event.type)) this.#tell(logical, event);
      },
    });
    return lane;
  }

  /** Reports an event of the current run, or of none, to every logger. */
  emit(event: RunEvent): void {
    if (currentRun()?.events === undefined) this.#tell(this.#loggers, event as unknown as AmbientEvent);
    else emitEvent(event as unknown as AmbientEvent);
  }

  /** A named value at an iteration. */
  log(name: string, data: JsonValue, step: number): void {
    this.emit({ type: "log", name, data, step });
  }

  /** Lets every logger flush and close. */
  async close(): Promise<void> {
    for (const logger of this.#loggers) {
      try {
        await new LimitedWork(closeTimeoutMs).run(async () => logger.close?.(), closesTooLong);
      } catch (error) {
        this.#report(logger, error);
      }
    }
  }

  #tell(loggers: readonly Logger[], ambient: AmbientEvent): void {
    const event = ambient as unknown as RunEvent;
    for (const logger of loggers) {
      try {
        this.#catch(logger, logger.onEvent?.(event));
        if (event.type === "log") this.#catch(logger, logger.log?.(event.name, event.data, event.step));
      } catch (error) {
        this.#report(logger, error);
      }
    }
  }

  /** A promise is not waited for, but a rejection that nothing handles would end the process. */
  #catch(logger: Logger, returned: unknown): void {
    if (isPromiseLike(returned)) returned.then(undefined, (error: unknown) => this.#report(logger, error));
  }

  #report(logger: Logger, error: unknown): void {
    if (this.#reported.has(logger)) return;
    this.#reported.add(logger);
    process.emitWarning(
      `The logger ${this.#nameOf(logger)} failed: ${errorText(error).replace(/^Error: /, "")}. Its later failures are not reported.`,
      "OptoWarning",
    );
  }

  /** The name of its class; of an object literal its place among the loggers. */
  #nameOf(logger: Logger): string {
    const name = (logger as Partial<Logger>).constructor?.name ?? "";
    return name === "" || name === "Object" ? `${this.#loggers.indexOf(logger) + 1} of ${this.#loggers.length}` : name;
  }
}

function closesTooLong(limitMs: number): Error {
  return new InfrastructureError(`it did not close within ${limitMs / 1000} s`);
}

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
    const lanes: EventLane[] = [];
    for (let index = 0; index < count; index++) {
      const lane = new EventLane(this.#outlets, this);
      // What is begun after the end is waited for by nobody.
      lane.#isClosed = this.#isClosed;
      lanes.push(lane);
      this.#queue.push(lane);
    }
    this.#drain();
    return lanes;
  }

  /** Ends this lane and those within it: work that was given up may never say that it is done. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Of most lanes everything was released: a rollout has several of them.
    const left = this.#isDrained ? [] : this.#queue.slice(this.#next);
    for (const inner of left) if (inner instanceof EventLane) inner.close();
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

/** Keeps events, also of channels forked from it, until it is attached; from then on it hands them on at once. */
export class HeldChannel implements EventChannel {
  #target: EventChannel | undefined;
  #kept: (AmbientEvent | readonly HeldChannel[])[] = [];
  #isClosed = false;

  emit(event: AmbientEvent): void {
    if (this.#target === undefined) this.#kept.push(event);
    else this.#target.emit(event);
  }

  fork(count: number): readonly EventChannel[] {
    if (this.#target !== undefined) return this.#target.fork(count);
    const forks = Array.from({ length: count }, () => new HeldChannel());
    this.#kept.push(forks);
    return forks;
  }

  close(): void {
    this.#isClosed = true;
    this.#target?.close();
  }

  /** Hands on all that was kept, and what comes. */
  attach(target: EventChannel): void {
    this.#target = target;
    for (const kept of this.#kept.splice(0)) {
      if (!Array.isArray(kept)) target.emit(kept as AmbientEvent);
      else for (const [index, channel] of target.fork(kept.length).entries()) kept[index]?.attach(channel);
    }
    if (this.#isClosed) target.close();
  }

  /** Forgets what was kept: it does not count. */
  discard(): void {
    this.attach(noListeners);
  }
}

/** Reports an event of the run that the code here is part of. */
export function emitRunEvent(event: RunEvent): void {
  emitEvent(event as unknown as AmbientEvent);
}
