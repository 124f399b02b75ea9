/**
 * A logger that keeps everything it receives, for tests to inspect.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { Logger, RunEvent, RunEventType } from "../trainer/events.ts";

/** A named value that was logged. */
export interface LoggedValue {
  readonly name: string;
  readonly data: JsonValue;
  readonly step: number;
}

/**
 * Keeps every event and every logged value of a run, in order.
 *
 * @example
 * const logger = new RecordingLogger();
 * await new MinibatchAlgorithm(agent, optimizer, { logger }).train(guide, dataset);
 * logger.ofType("update-accepted").length;
 */
export class RecordingLogger implements Logger {
  readonly events: RunEvent[] = [];
  readonly logs: LoggedValue[] = [];
  /** How often the run said that it is over. */
  closed = 0;

  log(name: string, data: JsonValue, step: number): void {
    this.logs.push({ name, data, step });
  }

  onEvent(event: RunEvent): void {
    this.events.push(event);
  }

  close(): void {
    this.closed++;
  }

  /** The events of one type, in order. */
  ofType<Type extends RunEventType>(type: Type): Extract<RunEvent, { readonly type: Type }>[] {
    return this.events.filter((event): event is Extract<RunEvent, { readonly type: Type }> => event.type === type);
  }
}
