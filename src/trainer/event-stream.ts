/**
 * The event stream of a run: hands every event to every logger.
 *
 * @module
 */
import { describeValue, type JsonValue } from "../data/json.ts";
import { isPromiseLike } from "../data/promise-like.ts";
import { errorText, InfrastructureError, InvalidArgumentError } from "../errors.ts";
import { type AmbientEvent, currentRun, type EventChannel, emitEvent, noListeners, plainChannel } from "../graph/scope.ts";
import { EventLane } from "./event-lane.ts";
import { isMark, type RunEvent } from "./events.ts";
import { LimitedWork } from "./limited-work.ts";
import type { Logger } from "./logger.ts";

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
