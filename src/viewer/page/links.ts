/**
 * Addresses of the views of a run.
 *
 * @module
 */
import type { DatasetName } from "../api.ts";
import { hrefTo } from "./route.ts";

export function runHref(run: string, view?: "lineage" | "examples" | "rollouts"): string {
  return hrefTo(view === undefined ? ["run", run] : ["run", run, view]);
}

export function candidateHref(run: string, candidate: string): string {
  return hrefTo(["run", run, "candidate", candidate]);
}

export function rolloutHref(run: string, position: string): string {
  return hrefTo(["run", run, "rollout", position]);
}

/** The rollouts of a candidate on an example: where there is one alone, it is shown. */
export function exampleHref(run: string, candidate: string, dataset: DatasetName, example: number): string {
  return hrefTo(["run", run, "rollouts"], { candidate, dataset, example: String(example) });
}

export function searchHref(run: string, q: string): string {
  return hrefTo(["run", run, "search"], { q });
}

export function compareHref(a: string, b: string): string {
  return hrefTo(["compare", a, b]);
}
