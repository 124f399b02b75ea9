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
  for await (const search of searches(run, look)) {
    search();
    if (hits.length > limit) break;
  }
  return { q, hits: hits.slice(0, limit), isCut: hits.length > limit };
}

type Look = (text: unknown, place: Place) => void;

/** One step after the other, so that a long search stops nobody else. */
async function* searches(run: ViewedRun, look: Look): AsyncGenerator<() => void> {
  const { fold, traces } = run;
  yield () => {
    for (const { message } of fold.warnings.values())
      look(message, { kind: "warning", candidate: null, rollout: null, position: null });
    const text = { candidate: null, rollout: null, position: null };
    look(fold.end?.error, { kind: "error", ...text });
  };
  for (const rows of batches(fold.candidates.rows)) {
    yield () => {
      for (const [index, line] of run.journal.read(rows.map(({ line }) => line)).entries()) {
        const place = { candidate: rows[index]?.id ?? null, rollout: null, position: null };
        const values = line.values ?? line.parameters;
        for (const value of isPlainObject(values) ? Object.values(values) : []) look(value, { kind: "candidate", ...place });
        look(line.reasoning, { kind: "reasoning", ...place });
      }
    };
    await nextTurn();
  }
  for (const lines of batches([...fold.atPosition])) {
    yield () => {
      for (const [position, refs] of lines) {
        const place = { candidate: fold.candidates.get(position)?.id ?? null, rollout: null, position };
        for (const { type, text, reason } of run.journal.read(refs)) {
          if (type === "prompt" || type === "reply") look(text, { kind: type, ...place });
          if (type === "proposal-rejected") look(reason, { kind: "error", ...place });
        }
      }
    };
    await nextTurn();
  }
  for (const entries of batches(traces.callEntries)) {
    yield () => {
      for (const entry of entries) {
        const position = entry.position.replace(/\/call\/\d+$/, "");
        const candidate = fold.candidates.get(position)?.id ?? null;
        const call = traces.callOf(entry);
        if (call !== undefined) lookInCall(call, { candidate, rollout: null, position: entry.position }, look);
      }
    };
    await nextTurn();
  }
  for (const entries of batches(traces.rollouts.toReversed())) {
    yield () => {
      for (const entry of entries) {
        const candidate = fold.candidates.ofValues(entry.values)?.id ?? null;
        const place = { candidate, rollout: entry.position, position: entry.position };
        lookInRollout(entry, traces.lineOf(entry), place, look);
      }
    };
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

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += batch) yield all.slice(from, from + batch);
}
