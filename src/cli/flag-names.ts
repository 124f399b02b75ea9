/**
 * Messages of the library as they read on the command line: options that have a flag are named by it.
 *
 * @module
 */
import { ConsoleLogger } from "../loggers/console-logger.ts";
import type { RunEvent } from "../trainer/events.ts";

const flags: readonly (readonly [option: string, flag: string])[] = [
  ["`resume: false`", "`--no-resume`"],
  ['`cache: "replay"`', "`--cache replay`"],
  ['`cache: "record"`', "`--cache record`"],
  ['`cache: "off"`', "`--cache off`"],
  ["`budget.calls`", "`--max-calls`"],
  ["`budget.usd`", "`--budget`"],
  ["another `run` or", "another `name` in the config or"],
  ["another `runDir` (`null` keeps nothing)", "another folder with `--run-dir` (`runDir: null` in the config keeps nothing)"],
];

/** The text with flags in place of options. */
export function withFlagNames(text: string): string {
  return flags.reduce((told, [option, flag]) => told.replaceAll(option, flag), text);
}

/** The console of a run that a command has begun. */
export class CommandConsole extends ConsoleLogger {
  override onEvent(event: RunEvent): void {
    if (event.type === "warning") super.onEvent({ ...event, message: withFlagNames(event.message) });
    else if (event.type === "run-end" && event.error !== undefined)
      super.onEvent({ ...event, error: withFlagNames(event.error) });
    else super.onEvent(event);
  }
}
