/**
 * Search over everything that a run says in words: values, reasons, prompts, replies, feedback, errors, inputs, outputs, warnings.
 *
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { isPlainObject, type JsonValue } from "../data/json.ts";
import type { CallRecord } from "../runs/trace-record.ts";
import type { SearchHit, SearchResult } from "./api.ts";
import type { RolloutEntry } from "./trace-index.ts";
import type { CheckedRollout } from "./trace-shapes.ts";
import type { ViewedRun } from "./viewed-run.ts";

/** Characters around a match. */
const around = 80;
/** Lines that are read before others get a turn. */
const batch = 200;

/** What a hit is in. */
type Place = Pick<SearchHit, "kind" | "candidate" | "rollout" | "position">;

/** Case does not matter. An empty text finds nothing. */
export async function searchRun(run: ViewedRun, q: string, limit: number): Promise<SearchResult> {
  const hits: SearchHit[] = [];
  const wanted = q.toLowerCase();
  if (wanted === "") return { q, hits, isCut: false };
  const look = (text: unknown, place: Place): void => {
    if (hits.length > limit || text === undefined || text === null) return;
    const whole = typeof text === "string" ? text : JSON.stringify(text);
    const at = whole.toLowerCase().indexOf(wanted);
    if (at >= 0) hits.push({ ...place, ...excerpt(whole, at, q.length) });
  };
  const isFull = (): boolean => hits.length > limit;
  for (const search of [inRun, inCandidates, inProposals, inCalls, inRollouts]) await search(run, look, isFull);
  return { q, hits: hits.slice(0, limit), isCut: isFull() };
}

type Look = (text: unknown, place: Place) => void;
/** Searches a part of a run until there are enough hits. */
type Search = (run: ViewedRun, look: Look, isFull: () => boolean) => Promise<void>;

const nowhere = { candidate: null, rollout: null, position: null };

const inRun: Search = async ({ fold }, look) => {
  for (const { message } of fold.warnings.values()) look(message, { kind: "warning", ...nowhere });
  look(fold.end?.error, { kind: "error", ...nowhere });
};

const inCandidates: Search = ({ fold, journal }, look, isFull) => {
  return inBatches(fold.candidates.rows, isFull, (rows) => {
    for (const [index, line] of journal.read(rows.map(({ line }) => line)).entries()) {
      const place = { ...nowhere, candidate: rows[index]?.id ?? null };
      const values = line.values ?? line.parameters;
      for (const value of isPlainObject(values) ? Object.values(values) : []) look(value, { kind: "candidate", ...place });
      look(line.reasoning, { kind: "reasoning", ...place });
    }
  });
};

/** With `verbose`, the journal has prompts and replies. */
const inProposals: Search = ({ fold, journal }, look, isFull) => {
  return inBatches([...fold.atPosition], isFull, (lines) => {
    for (const [position, refs] of lines) {
      const place = { ...nowhere, candidate: fold.candidates.get(position)?.id ?? null, position };
      for (const { type, text, reason } of journal.read(refs)) {
        if (type === "prompt" || type === "reply") look(text, { kind: type, ...place });
        if (type === "proposal-rejected") look(reason, { kind: "error", ...place });
      }
    }
  });
};

const inCalls: Search = ({ fold, traces }, look, isFull) => {
  return inBatches(traces.callEntries, isFull, (entries) => {
    for (const entry of entries) {
      const { position } = entry;
      const candidate = fold.candidates.get(position.replace(/\/call\/\d+$/, ""))?.id ?? null;
      const call = traces.callOf(entry);
      if (call !== undefined) lookInCall(call, { ...nowhere, candidate, position }, look);
    }
  });
};

const inRollouts: Search = ({ fold, traces }, look, isFull) => {
  return inBatches(traces.rollouts.toReversed(), isFull, (entries) => {
    for (const entry of entries) {
      const { position, values } = entry;
      const candidate = fold.candidates.ofFingerprint(values)?.id ?? null;
      lookInRollout(entry, traces.lineOf(entry), { candidate, rollout: position, position }, look);
    }
  });
};

/** Others get a turn between two batches, so that a long search delays no other request. */
async function inBatches<T>(all: readonly T[], isFull: () => boolean, search: (some: readonly T[]) => void): Promise<void> {
  for (let from = 0; from < all.length && !isFull(); from += batch) {
    search(all.slice(from, from + batch));
    await nextTurn();
  }
}

function lookInRollout({ error }: RolloutEntry, line: CheckedRollout["line"], place: Omit<Place, "kind">, look: Look): void {
  const shown = (value: unknown): unknown => (isPlainObject(value) ? (value.value ?? value.text) : undefined);
  look(shown(line.input), { kind: "input", ...place });
  look(shown(line.output), { kind: "output", ...place });
  look(line.feedback, { kind: "feedback", ...place });
  look(error, { kind: "error", ...place });
  for (const call of line.calls) lookInCall(call, place, look);
}

function lookInCall({ messages, reply, error }: CallRecord, place: Omit<Place, "kind">, look: Look): void {
  for (const { content } of messages) look(content as JsonValue, { kind: "prompt", ...place });
  look(reply, { kind: "reply", ...place });
  look(error, { kind: "error", ...place });
}

function excerpt(text: string, at: number, length: number): Pick<SearchHit, "before" | "match" | "after"> {
  return {
    before: text.slice(Math.max(0, at - around), at),
    match: text.slice(at, at + length),
    after: text.slice(at + length, at + length + around),
  };
}
