/**
 * One candidate in full: its values beside those it came from, what it scored, and the call that proposed it.
 *
 * @module
 */
import { type JsonValue, ownValue } from "../data/json.ts";
import type { CandidateResult, CandidateView, DatasetName, ModelCallView, ProposalView } from "./api.ts";
import { RequestError } from "./api-error.ts";
import { callView } from "./call-view.ts";
import type { CandidateRow } from "./candidate-table.ts";
import { compareCandidates } from "./compare-candidates.ts";
import { candidateNode } from "./lineage-view.ts";
import { meanInterval, ScoreSums } from "./mean-interval.ts";
import { missingTraces } from "./run-view.ts";
import type { ViewedRun } from "./viewed-run.ts";

/** @throws RequestError when there is no such candidate */
export function candidateView(run: ViewedRun, id: string): CandidateView {
  const row = candidateOf(run, id);
  const { candidates } = run.fold;
  const parents = row.parents.flatMap((parent) => candidates.get(parent) ?? []);
  const { reasoning } = run.journal.one(row.line);
  const [parent] = parents;
  const datasets = [...row.measured.keys()];
  const against =
    parent === undefined ? [] : datasets.map((dataset) => compareCandidates({ run, row: parent }, { run, row }, dataset));
  return {
    ...candidateNode(run, row),
    values: run.valuesOf(row),
    parentValues: parents.map((one) => ({ id: one.id, values: run.valuesOf(one) })),
    startValues: run.valuesOf(candidates.get("start")),
    reasoning: typeof reasoning === "string" ? reasoning : null,
    mark: run.notes.marks.find(({ candidate }) => candidate === id) ?? null,
    children: row.children,
    results: datasets.flatMap((dataset) => resultsOf(run, row, dataset)),
    againstParent: against.filter((comparison) => comparison !== undefined),
    proposal: proposalOf(run, row),
    history: row.history,
  };
}

/** @throws RequestError when there is no such candidate */
export function candidateOf(run: ViewedRun, id: string): CandidateRow {
  const row = run.fold.candidates.get(id);
  if (row === undefined) throw new RequestError("not-found", `The run ${run.id} has no candidate "${id}"`);
  return row;
}

function resultsOf(run: ViewedRun, row: CandidateRow, dataset: DatasetName): CandidateResult[] {
  const measured = row.measured.get(dataset);
  if (measured === undefined) return [];
  const metrics = measured.sums.size === 0 ? ["score"] : [...measured.sums.keys()];
  const table = run.tableOf(row, dataset);
  return metrics.map((metric) => {
    const lowest = Math.min(0, run.fold.candidates.ranges.get(`${dataset} ${metric}`)?.[0] ?? 0);
    // The samples of an example are not independent of each other: it counts once, by their mean.
    const sums = new ScoreSums();
    for (const example of table.examples()) {
      const value = table.value(metric, example, lowest);
      if (!Number.isNaN(value)) sums.add(value);
    }
    const interval = measured.blank === 0 ? meanInterval(sums) : null;
    const { failed, unscored } = measured;
    return { dataset, metric, mean: sums.mean, interval, examples: sums.count, failed, unscored };
  });
}

function proposalOf(run: ViewedRun, { id }: CandidateRow): ProposalView {
  if (id === "start") return { position: id, calls: [], rejections: [], missing: "These are the values at the start" };
  const lines = run.journal.read(run.fold.atPosition.get(id) ?? []);
  const rejections = lines.flatMap((line) => {
    if (line.type === "proposal-rejected") return [rejection(line, Number(line.attempt))];
    if (line.type !== "proposal-failed" || !Array.isArray(line.rejections)) return [];
    return (line.rejections as Readonly<Record<string, unknown>>[]).map((one) => rejection(one, null));
  });
  const kept = run.traces.calls(id).map((record) => callView(record, run.prices));
  const calls = kept.length > 0 ? kept : printedCalls(id, lines);
  const missing = missingTraces(run) ?? "No model call is kept at this position: the values were made without one";
  return { position: id, calls, rejections, missing: calls.length > 0 ? null : missing };
}

function rejection(
  { name, reason }: Readonly<Record<string, unknown>>,
  attempt: number | null,
): ProposalView["rejections"][number] {
  return { name: typeof name === "string" ? name : null, reason: String(reason), attempt };
}

/** With `verbose`, the journal has prompts and replies. */
function printedCalls(position: string, lines: readonly Readonly<Record<string, unknown>>[]): ModelCallView[] {
  const texts = (type: string): string[] => lines.flatMap((line) => (line.type === type ? [String(line.text)] : []));
  const replies = texts("reply");
  const unknown = { inputTokens: null, outputTokens: null, cachedInputTokens: null, reasoningTokens: null, usd: null };
  return texts("prompt").map((text, index) => ({
    position,
    role: "optimizer",
    model: "",
    messages: [{ role: "user", text, toolCalls: [] }],
    reply: replies[index] ?? null,
    toolCalls: [],
    finishReason: null,
    ...unknown,
    isEstimated: false,
    at: "",
    durationMs: 0,
    error: null,
  }));
}

/** What two sets of values have in common and what not. */
export function valuePairs(
  a: Readonly<Record<string, JsonValue>>,
  b: Readonly<Record<string, JsonValue>>,
): { readonly path: string; readonly a: JsonValue | null; readonly b: JsonValue | null; readonly isSame: boolean }[] {
  const paths = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return paths.map((path) => {
    const [left, right] = [ownValue(a, path) ?? null, ownValue(b, path) ?? null];
    return { path, a: left, b: right, isSame: JSON.stringify(left) === JSON.stringify(right) };
  });
}
