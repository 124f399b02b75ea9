/**
 * Rollouts as they are kept: a list of them, and one in full.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { GraphRecord, Shown } from "../runs/trace-record.ts";
import type { DatasetName, GraphNodeView, RolloutBrief, RolloutGraph, RolloutList, RolloutView } from "./api.ts";
import { RequestError } from "./api-error.ts";
import { callView } from "./call-view.ts";
import { missingTraces } from "./run-view.ts";
import type { RolloutEntry } from "./trace-index.ts";
import type { CheckedRollout } from "./trace-shapes.ts";
import type { ViewedRun } from "./viewed-run.ts";

/** What is asked for. */
export interface RolloutQuery {
  readonly candidate: string | undefined;
  readonly dataset: string | undefined;
  readonly example: number | undefined;
  readonly status: string | undefined;
  readonly from: number;
  readonly count: number;
}

/** Characters of an input in a list. */
const shortInput = 300;
/** Nodes of a graph that are drawn; the last come first, because they are next to the output. */
const mostNodes = 400;

/** Those that match, the newest first. */
export function rolloutList(run: ViewedRun, { candidate, dataset, example, status, from, count }: RolloutQuery): RolloutList {
  const row = run.fold.candidates.get(candidate ?? "");
  const values = row === undefined ? undefined : run.fold.candidates.fingerprintOf(row);
  const found = run.traces.rollouts.filter((entry) => {
    if (candidate !== undefined && entry.values !== values) return false;
    if (dataset !== undefined && entry.dataset !== dataset) return false;
    return (example === undefined || entry.example === example) && (status === undefined || entry.status === status);
  });
  const window = found.toReversed().slice(from, from + count);
  return {
    total: found.length,
    from,
    rollouts: window.map((entry) => brief(run, entry, run.traces.lineOf(entry).input)),
    missing: missingTraces(run),
  };
}

/** @throws RequestError when it is not kept */
export async function rolloutView(run: ViewedRun, position: string): Promise<RolloutView> {
  const entry = run.traces.find(position);
  const found = entry === undefined ? undefined : await run.traces.read(entry);
  if (entry === undefined || found === undefined) {
    const why = missingTraces(run) ?? "It was not run, or newer ones replaced it: `run.traces` sets how much is kept";
    throw new RequestError("not-found", `The rollout at ${position} is not kept. ${why}`);
  }
  const { line } = found;
  const graph = line.graph === undefined ? null : graphView(line.graph);
  return {
    ...brief(run, entry, line.input),
    inputValue: valueIn(line.input),
    expected: valueIn(line.expected),
    output: line.output === undefined ? null : valueIn(line.output),
    feedback: line.feedback ?? null,
    scores: line.scores ?? {},
    graph,
    calls: line.calls.map((record) => callView(record, run.prices)),
    correction: run.notes.correctionOf(entry.dataset, entry.example) ?? null,
    missing: missingIn(found, entry.status),
  };
}

function missingIn({ line, misfits }: CheckedRollout, status: RolloutEntry["status"]): string[] {
  const missing: string[] = [];
  if (misfits.length > 0) {
    const names = misfits.map((name) => `\`${name}\``).join(", ");
    missing.push(`Left out, because this version of opto does not know their form: ${names}`);
  }
  const isAbsent = (name: "graph" | "output" | "feedback"): boolean => line[name] === undefined && !misfits.includes(name);
  if (isAbsent("graph")) missing.push("There is no graph: rollouts that only score are not traced");
  if (isAbsent("output"))
    missing.push(status === "scored" ? "The output is not kept" : "There is no output, because the rollout failed");
  if (isAbsent("feedback") && status === "scored") missing.push("There is no feedback: the guide was asked for a score alone");
  return missing;
}

function brief(run: ViewedRun, entry: RolloutEntry, input: Shown | undefined): RolloutBrief {
  const { position, dataset, example, sample, status, score, ms, at, error, values } = entry;
  const isDataset = dataset === "train" || dataset === "validate" || dataset === "test";
  return {
    position,
    candidate: run.fold.candidates.ofFingerprint(values)?.id ?? null,
    dataset: isDataset ? (dataset as DatasetName) : null,
    example: example ?? exampleIn(position),
    sample,
    status,
    score,
    durationMs: ms,
    at,
    input: input === undefined ? "" : textOf(input).slice(0, shortInput),
    error,
  };
}

/** Rollouts of an algorithm of the user's own say no more than their position. */
function exampleIn(position: string): number | null {
  const [, example] = /\/example\/(\d+)(?:\/|$)/.exec(position) ?? [];
  return example === undefined ? null : Number(example);
}

/** What it was as JSON, or as a text. */
function valueIn(shown: Shown | undefined): JsonValue {
  if (shown === undefined) return null;
  return "value" in shown ? shown.value : shown.text;
}

function textOf(shown: Shown): string {
  const value = valueIn(shown);
  return typeof value === "string" ? value : JSON.stringify(value);
}

function graphView({ nodes, omitted }: GraphRecord): RolloutGraph {
  const dropped = Math.max(0, nodes.length - mostNodes);
  const drawn = nodes.slice(dropped);
  return {
    nodes: drawn.map(({ name, kind, operation = null, description = null, path = null, is }): GraphNodeView => {
      return { name, kind, operation, description, path, text: textOf(is) };
    }),
    edges: drawn.flatMap(({ inputs = [] }, to) =>
      inputs.flatMap(([from, name]) => (from < dropped ? [] : [{ from: from - dropped, to, name }])),
    ),
    target: drawn.length === 0 ? null : drawn.length - 1,
    omitted: omitted + dropped,
  };
}
