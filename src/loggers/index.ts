/**
 * Loggers: listeners to the event stream of a run.
 *
 * @module
 */

export type { Logger } from "../trainer/events.ts";
export { ConsoleLogger, type ConsoleLoggerOptions } from "./console-logger.ts";
export { JsonlLogger, type JsonlLoggerOptions, type JsonlRecord, readJsonl } from "./jsonl-logger.ts";
export type { TerminalStream } from "./progress-frame.ts";
