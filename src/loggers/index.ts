/**
 * Loggers: listeners to the event stream of a run.
 *
 * @module
 */
export { ConsoleLogger, type ConsoleLoggerOptions } from "./console-logger.ts";
export { JsonlLogger, type JsonlLoggerOptions } from "./jsonl-logger.ts";
export type { TerminalStream } from "./live-region.ts";
export type { Logger } from "./logger.ts";
export { type JsonlRecord, readJsonl } from "./read-jsonl.ts";
