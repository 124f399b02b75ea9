/**
 * Answers of an exported page: what a server would sort, filter, and search, made from the whole tables that the file carries.
 *
 * @module
 */
import type {
  CandidateView,
  HeatCell,
  HeatRow,
  HeatWindow,
  ModelCallView,
  RolloutBrief,
  RolloutList,
  RolloutView,
  RunView,
  SearchHit,
  SearchResult,
} from "../api.ts";

/** Answers by the path of their request. */
export type Embedded = Readonly<Record<string, unknown>>;

/** The answer to a request; `undefined` where the file does not have it. */
export function answerFrom(embedded: Embedded, path: string): unknown {
  if (Object.hasOwn(embedded, path)) return embedded[path];
  const [resource = "", search = ""] = path.split("?");
  const query = new URLSearchParams(search);
  const whole = (): unknown => embedded[resource] ?? wholeOf(embedded, resource, query);
  if (resource.endsWith("/heat")) return heatOf(whole() as HeatWindow | undefined, query);
  if (resource.endsWith("/rollouts")) return rolloutsOf(whole() as RolloutList | undefined, query);
  if (resource.endsWith("/search")) return searchIn(embedded, resource.replace(/\/search$/, ""), query.get("q") ?? "");
  if (resource.endsWith("/lineage")) return whole();
  return undefined;
}

/** The table with the same dataset and metric under any other options. */
function wholeOf(embedded: Embedded, resource: string, query: URLSearchParams): unknown {
  const names = ["dataset", "metric"].filter((name) => query.has(name));
  const found = Object.keys(embedded).find((path) => {
    const [other, search = ""] = path.split("?");
    const has = new URLSearchParams(search);
    return other === resource && names.every((name) => !has.has(name) || has.get(name) === query.get(name));
  });
  return found === undefined ? undefined : embedded[found];
}

function heatOf(whole: HeatWindow | undefined, query: URLSearchParams): HeatWindow | undefined {
  if (whole === undefined) return undefined;
  const filter = query.get("filter") ?? "all";
  const q = (query.get("q") ?? "").toLowerCase();
  const rows = whole.rows.filter((row) => (q === "" || row.id.toLowerCase().includes(q)) && passes(row, filter));
  if (query.get("rows") === "score") rows.sort((a, b) => (b.mean ?? -Infinity) - (a.mean ?? -Infinity));
  const places = whole.columns.map((_, place) => place);
  const columns = filter === "failed" ? places.filter((place) => (whole.columns[place]?.failed ?? 0) > 0) : places;
  const difficulty = (place: number): number => whole.columns[place]?.mean ?? Infinity;
  if (query.get("sort") === "difficulty") columns.sort((a, b) => difficulty(a) - difficulty(b));
  const from = Number(query.get("from") ?? 0);
  const columnsFrom = Number(query.get("columns") ?? 0);
  const shownRows = rows.slice(from, from + Number(query.get("count") ?? rows.length));
  const shownColumns = columns.slice(columnsFrom, columnsFrom + Number(query.get("width") ?? columns.length));
  return {
    ...whole,
    totalRows: rows.length,
    totalColumns: columns.length,
    from,
    columnsFrom,
    columns: shownColumns.flatMap((place) => whole.columns[place] ?? []),
    rows: shownRows.map((row) => ({
      ...row,
      cells: shownColumns.map((place): HeatCell => row.cells[place] ?? null),
      differences: shownColumns.map((place) => row.differences[place] ?? null),
    })),
  };
}

function passes(row: HeatRow, filter: string): boolean {
  if (filter === "failed") return row.failed > 0;
  if (filter !== "better" && filter !== "worse") return true;
  const known = row.differences.filter((difference) => difference !== null);
  const sum = known.reduce((total, difference) => total + difference, 0);
  return filter === "better" ? sum > 0 : sum < 0;
}

function rolloutsOf(whole: RolloutList | undefined, query: URLSearchParams): RolloutList | undefined {
  if (whole === undefined) return undefined;
  const asked = ["candidate", "dataset", "example", "status"] as const;
  const matches = (rollout: RolloutBrief): boolean =>
    asked.every((name) => !query.has(name) || String(rollout[name]) === query.get(name));
  const found = whole.rollouts.filter(matches);
  const from = Number(query.get("from") ?? 0);
  return { ...whole, total: found.length, from, rollouts: found.slice(from, from + Number(query.get("count") ?? found.length)) };
}

const mostHits = 100;
const nowhere = { candidate: null, rollout: null, position: null };

/** The run, then candidates and rollouts in the order in which the file has them. */
function searchIn(embedded: Embedded, run: string, q: string): SearchResult {
  const hits: SearchHit[] = [];
  const find: Find = (kind, value, place) => {
    const text = typeof value === "string" ? value : JSON.stringify(value ?? "");
    const at = q === "" ? -1 : text.toLowerCase().indexOf(q.toLowerCase());
    if (at < 0 || hits.length > mostHits) return;
    const match = text.slice(at, at + q.length);
    hits.push({
      kind,
      ...place,
      before: text.slice(Math.max(0, at - 80), at),
      match,
      after: text.slice(at + q.length, at + 160),
    });
  };
  for (const [path, answer] of Object.entries(embedded)) {
    if (path === run) findInRun(answer as RunView, find);
    else if (path.startsWith(`${run}/candidates/`)) findInCandidate(answer as CandidateView, find);
    else if (path.startsWith(`${run}/rollouts/`)) findInRollout(answer as RolloutView, find);
  }
  return { q, hits: hits.slice(0, mostHits), isCut: hits.length > mostHits };
}

type Find = (kind: SearchHit["kind"], value: unknown, place: Pick<SearchHit, "candidate" | "rollout" | "position">) => void;

function findInRun({ warnings, error }: RunView, find: Find): void {
  for (const { message } of warnings) find("warning", message, nowhere);
  find("error", error, nowhere);
}

function findInCandidate({ id, values, reasoning, proposal }: CandidateView, find: Find): void {
  const place = { ...nowhere, candidate: id };
  for (const value of Object.values(values)) find("candidate", value, place);
  find("reasoning", reasoning, place);
  findInCalls(proposal.calls, place, find);
}

function findInRollout(rollout: RolloutView, find: Find): void {
  const { position, candidate } = rollout;
  const place = { candidate, rollout: position, position };
  find("input", rollout.inputValue, place);
  find("output", rollout.output, place);
  find("feedback", rollout.feedback, place);
  find("error", rollout.error, place);
  findInCalls(rollout.calls, place, find);
}

function findInCalls(calls: readonly ModelCallView[], place: Parameters<Find>[2], find: Find): void {
  for (const { messages, reply, error, position } of calls) {
    const own = { ...place, position: place.position ?? position };
    for (const { text } of messages) find("prompt", text, own);
    find("reply", reply, own);
    find("error", error, own);
  }
}
