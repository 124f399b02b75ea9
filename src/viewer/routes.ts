/**
 * Which request gets which answer.
 *
 * @module
 */
import type { DatasetName, HeatSort, ViewerInfo } from "./api.ts";
import { RequestError } from "./api-error.ts";
import { candidateView } from "./candidate-view.ts";
import { compareRuns } from "./compare-runs.ts";
import { heatView } from "./heat-view.ts";
import { lineageView } from "./lineage-view.ts";
import { rolloutList, rolloutView } from "./rollout-view.ts";
import type { RunLibrary } from "./run-library.ts";
import { runView } from "./run-view.ts";
import { searchRun } from "./search-run.ts";
import type { ViewedRun } from "./viewed-run.ts";

/** A path without its query, in parts, and the query. */
export interface ApiPath {
  /** Below `/api`. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

/** @throws RequestError for a path that is not encoded as a URL */
export function apiPath(url: string): ApiPath {
  const at = url.indexOf("?");
  const path = at < 0 ? url : url.slice(0, at);
  try {
    const parts = path.split("/").slice(2).map(decodeURIComponent);
    return { parts, query: new URLSearchParams(at < 0 ? "" : url.slice(at + 1)) };
  } catch {
    throw new RequestError("invalid", "Expected a percent-encoded path");
  }
}

/**
 * The answer to a request that changes nothing.
 *
 * @throws RequestError when there is none
 */
export async function answer(library: RunLibrary, info: ViewerInfo, { parts, query }: ApiPath): Promise<unknown> {
  const [what, id, part, inner, ...rest] = parts;
  if (rest.length > 0) throw nothingHere();
  if (what === "viewer" && id === undefined) return info;
  if (what === "compare" && id === undefined) {
    const [a, b] = [query.get("a"), query.get("b")];
    if (a === null || b === null) throw new RequestError("invalid", "Expected two runs: `?a=` and `?b=`");
    return compareRuns(await library.open(a), await library.open(b));
  }
  if (what !== "runs") throw nothingHere();
  if (id === undefined) return library.list();
  const run = await library.open(id);
  return part === undefined ? runView(run) : answerOf(run, part, inner, query);
}

async function answerOf(run: ViewedRun, part: string, inner: string | undefined, query: URLSearchParams): Promise<unknown> {
  if (part === "candidates" && inner !== undefined) return candidateView(run, inner);
  if (part === "rollouts" && inner !== undefined) return rolloutView(run, inner);
  if (inner !== undefined) throw nothingHere();
  const from = wholeIn(query, "from", 0, Number.MAX_SAFE_INTEGER);
  if (part === "lineage") return lineageView(run, from, wholeIn(query, "count", 2_000, 5_000));
  if (part === "corrections") return run.notes.corrections;
  if (part === "search") return searchRun(run, query.get("q") ?? "", wholeIn(query, "limit", 100, 1_000));
  if (part === "rollouts") {
    const example = query.get("example");
    return rolloutList(run, {
      candidate: query.get("candidate") ?? undefined,
      dataset: datasetIn(query),
      example: example === null ? undefined : wholeIn(query, "example", 0, Number.MAX_SAFE_INTEGER),
      status: query.get("status") ?? undefined,
      from,
      count: wholeIn(query, "count", 100, 1_000),
    });
  }
  if (part !== "heat") throw nothingHere();
  const sorts = ["proposed", "score", "difficulty", "example"] as const;
  return heatView(run, {
    dataset: datasetIn(query),
    metric: query.get("metric") ?? "score",
    from,
    count: wholeIn(query, "count", 100, 500),
    columns: wholeIn(query, "columns", 0, Number.MAX_SAFE_INTEGER),
    width: wholeIn(query, "width", 200, 2_000),
    rows: wordIn<HeatSort>(query, "rows", sorts, "proposed"),
    sort: wordIn<HeatSort>(query, "sort", sorts, "example"),
    filter: wordIn(query, "filter", ["all", "failed", "better", "worse"] as const, "all"),
    q: query.get("q") ?? "",
  });
}

/** The dataset that a query names. */
export function datasetIn(query: URLSearchParams): DatasetName | undefined {
  return query.get("dataset") === null ? undefined : wordIn(query, "dataset", ["train", "validate", "test"] as const, "train");
}

function wholeIn(query: URLSearchParams, name: string, otherwise: number, most: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (!/^\d{1,15}$/.test(text)) throw new RequestError("invalid", `Expected \`${name}\` to be a whole number from 0`);
  return Math.min(most, Number(text));
}

function wordIn<Word extends string>(query: URLSearchParams, name: string, words: readonly Word[], otherwise: Word): Word {
  const text = query.get(name) ?? otherwise;
  const word = words.find((one) => one === text);
  if (word === undefined) throw new RequestError("invalid", `Expected \`${name}\` to be one of ${words.join(", ")}`);
  return word;
}

function nothingHere(): RequestError {
  return new RequestError("not-found", "There is nothing at this path");
}
