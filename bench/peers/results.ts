/**
 * What a run of the peers measured, as it is kept in `results.json`.
 *
 * @module
 */

/** One value of a table. */
export interface Cell {
  /** The median over the rounds; `null` when there is none. */
  readonly median: number | null;
  /** One value for each round that succeeded. A peer that is far behind has fewer. */
  readonly samples: readonly number[];
  /** Why there is no value, or why a round has none. */
  readonly failed?: string;
  /** Why it is not measured at all. */
  readonly without?: string;
}

/** The whole run. */
export interface Results {
  /** The day, `2026-11-25`. */
  readonly taken: string;
  readonly rounds: number;
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string; readonly python: string };
  /** By peer, and of the packages that a reader wants to know besides. */
  readonly versions: Readonly<Record<string, string>>;
  /** How late the server's replies were, 99th percentile, median over all measurements of the bare client. */
  readonly serverLateMs: number | null;
  /** The most that other work took of the processors before a round, from 0 to 1. */
  readonly otherWork?: number;
  /** By row and peer. */
  readonly rows: Readonly<Record<string, Readonly<Record<string, Cell>>>>;
}
