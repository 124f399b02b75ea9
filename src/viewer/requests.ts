/**
 * The requests of the page, one function each, so that the page, the server, and the exported file write each the same way.
 *
 * @module
 */
import type { DatasetName, HeatSort } from "./api.ts";

/** What a heat map shows; what is left out is what the page opens with. */
export interface HeatQuery {
  readonly dataset: DatasetName;
  readonly metric: string;
  readonly from?: number;
  readonly count?: number;
  readonly columns?: number;
  readonly width?: number;
  readonly rows?: HeatSort;
  readonly sort?: HeatSort;
  readonly filter?: "all" | "failed" | "better" | "worse";
  readonly q?: string;
}

export interface RolloutsQuery {
  readonly candidate?: string;
  readonly dataset?: DatasetName;
  readonly example?: number;
  readonly status?: string;
  readonly from?: number;
  readonly count?: number;
}

export const viewerPath = "/api/viewer";

export const runsPath = "/api/runs";

export function runPath(run: string): string {
  return `${runsPath}/${encodeURIComponent(run)}`;
}

/** An exported file has the whole lineage under the default window. */
export function lineagePath(run: string, from = 0, count = 2000): string {
  return `${runPath(run)}/lineage${query({ from, count })}`;
}

export function candidatePath(run: string, id: string): string {
  return `${runPath(run)}/candidates/${encodeURIComponent(id)}`;
}

/** With only the dataset and the metric: the whole table, as an exported file has it. The page sorts and filters that itself. */
export function heatPath(run: string, { dataset, metric, ...window }: HeatQuery): string {
  return `${runPath(run)}/heat${query({ dataset, metric, ...window })}`;
}

/** With nothing asked for: all of them, as an exported file has them. */
export function rolloutsPath(run: string, asked: RolloutsQuery = {}): string {
  return `${runPath(run)}/rollouts${query({ ...asked })}`;
}

export function rolloutPath(run: string, position: string): string {
  return `${runPath(run)}/rollouts/${encodeURIComponent(position)}`;
}

export function searchPath(run: string, q: string, limit = 100): string {
  return `${runPath(run)}/search${query({ q, limit })}`;
}

export function comparePath(a: string, b: string): string {
  return `/api/compare${query({ a, b })}`;
}

export function eventsPath(run: string | undefined): string {
  return run === undefined ? "/api/events" : `${runPath(run)}/events`;
}

export function downloadPath(
  run: string,
  name: string,
  format: "csv" | "json",
  asked: { readonly dataset?: DatasetName } = {},
): string {
  return `${runPath(run)}/download/${name}.${format}${query({ ...asked })}`;
}

export function actionPath(run: string, action: string): string {
  return `${runPath(run)}/${action}`;
}

/** `?a=1&b=2`, without what is not set. */
function query(fields: Readonly<Record<string, string | number | undefined>>): string {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined);
  return set.length === 0 ? "" : `?${set.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&")}`;
}
