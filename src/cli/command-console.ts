/**
 * `CommandConsole`: the console of a run that a command has begun, where options that have a flag are named by it.
 *
 * @module
 */
import { ConsoleLogger } from "../loggers/console-logger.ts";
import type { RunEvent } from "../trainer/events.ts";
import { withFlagNames } from "./train-flags.ts";

/** The console of a run that a command has begun. */
export class CommandConsole extends ConsoleLogger {
  override onEvent(event: RunEvent): void {
    if (event.type === "warning") super.onEvent({ ...event, message: withFlagNames(event.message) });
    else if (event.type === "run-end" && event.error !== undefined)
      super.onEvent({ ...event, error: withFlagNames(event.error) });
    else super.onEvent(event);
  }
}
