/**
 * Runs: kept in a folder, so that they survive any interruption and never pay twice.
 *
 * @module
 */

export { type JournalMark, readRunEvents } from "./journal.ts";
export type { CacheMode } from "./record-file.ts";
export { type RunDirectoryOptions, runDirectory } from "./run-directory.ts";
export { type RunDescription, readRunDescription, runIds, runsFolder } from "./run-files.ts";
