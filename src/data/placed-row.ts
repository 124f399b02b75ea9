/**
 * The contract of readers of rows.
 *
 * @module
 */
import type { ReadTextOptions } from "./read-text.ts";

/** One row of a file. `place` says where it is, for messages: `mails.csv:12`. */
export interface PlacedRow {
  readonly place: string;
  readonly row: unknown;
}

/** How files are read. */
export interface ReadRowsOptions extends ReadTextOptions {
  /** What separates the fields of CSV files. @default the one that the header has most of */
  readonly delimiter?: string | undefined;
}
