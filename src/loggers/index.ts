/**
 * Loggers: listeners to the event stream of a run.
 *
 * @module
 */

export type { Logger } from "../trainer/logger.ts";
export { ConsoleLogger, type ConsoleLoggerOptions } from "./console-logger.ts";
export { JsonlLogger, type JsonlLoggerOptions } from "./jsonl-logger.ts";
export type { TerminalStream } from "./live-region.ts";
export { type JsonlRecord, readJsonl } from "./read-jsonl.ts";
