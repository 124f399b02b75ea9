/**
 * The event stream of a run: hands every event to every logger.
 *
 * @module
 */
import { describeValue, type JsonValue } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { AmbientEvent } from "../graph/scope.ts";
import type { Logger } from "../loggers/logger.ts";
import type { RunEvent } from "./events.ts";

/** Hands events to loggers, in the order in which they happen. A logger that throws is reported once and never stops the run. */
export class EventStream {
  readonly #loggers: readonly Logger[];
  readonly #reported = new Set<Logger>();

  /** @throws InvalidArgumentError for something that cannot be told anything */
  constructor(loggers: readonly Logger[]) {
    for (const logger of loggers) {
      if (typeof logger?.log === "function" || typeof logger?.onEvent === "function") continue;
      throw new InvalidArgumentError(`Expected a logger with \`log\` or \`onEvent\`, got ${describeValue(logger)}`);
    }
    this.#loggers = loggers;
  }

  /** Tells every logger of an event. */
  emit(event: RunEvent): void {
    for (const logger of this.#loggers) {
      this.#guard(logger, () => {
        logger.onEvent?.(event);
        if (event.type === "log") logger.log?.(event.name, event.data, event.step);
      });
    }
  }

  /** The same for what is emitted deep inside a run, by optimizers and model calls. */
  readonly emitAmbient = (event: AmbientEvent): void => this.emit(event as unknown as RunEvent);

  /** A named value at an iteration. */
  log(name: string, data: JsonValue, step: number): void {
    this.emit({ type: "log", name, data, step });
  }

  /** Lets every logger flush and close. */
  async close(): Promise<void> {
    for (const logger of this.#loggers) {
      try {
        await logger.close?.();
      } catch (error) {
        this.#report(logger, error);
      }
    }
  }

  #guard(logger: Logger, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#report(logger, error);
    }
  }

  #report(logger: Logger, error: unknown): void {
    if (this.#reported.has(logger)) return;
    this.#reported.add(logger);
    const message = error instanceof Error ? error.message : String(error);
    process.emitWarning(
      `The logger ${logger.constructor.name} failed: ${message}. Its later failures are not reported.`,
      "OptoWarning",
    );
  }
}
