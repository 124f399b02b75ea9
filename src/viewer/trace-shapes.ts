/**
 * Lines of traces as they are expected: what has another shape, because another version or another program wrote it, is left out and named.
 *
 * @module
 */
import { isPlainObject, type JsonValue } from "../data/json.ts";
import type { CallRecord, GraphRecord, NodeRecord, RolloutLine, Shown } from "../runs/trace-record.ts";
import type { Fields } from "./line-store.ts";

/** A rollout, and the names of its fields that could not be taken. */
export interface CheckedRollout {
  readonly line: Partial<Pick<RolloutLine, "input" | "expected" | "output" | "feedback" | "scores" | "graph">> &
    Pick<RolloutLine, "calls">;
  readonly misfits: readonly string[];
}

/** What a line says of a rollout beyond what the index knows of it. */
export function checkedRollout(fields: Fields): CheckedRollout {
  const misfits: string[] = [];
  const take = <T>(name: string, read: (value: unknown) => T | undefined): T | undefined => {
    const value = fields[name];
    const taken = value === undefined ? undefined : read(value);
    if (value !== undefined && taken === undefined) misfits.push(name);
    return taken;
  };
  const [input, expected, output] = [take("input", shownIn), take("expected", shownIn), take("output", shownIn)];
  const [feedback, scores, graph] = [take("feedback", textIn), take("scores", scoresIn), take("graph", graphIn)];
  const calls = take("calls", callsIn) ?? [];
  const line = {
    ...(input !== undefined && { input }),
    ...(expected !== undefined && { expected }),
    ...(output !== undefined && { output }),
    ...(feedback !== undefined && { feedback }),
    ...(scores !== undefined && { scores }),
    ...(graph !== undefined && { graph }),
    calls,
  };
  return { line, misfits };
}

/** A call of a model; `undefined` for what is none. */
export function checkedCall(value: unknown): CallRecord | undefined {
  if (!isPlainObject(value)) return undefined;
  const { position, role, model, at, ms, messages, reply, parts, finishReason, usage, error } = value;
  if (messages !== undefined && !isListOf(messages, isMessage)) return undefined;
  return {
    position: textIn(position) ?? "",
    role: textIn(role) ?? "",
    model: textIn(model) ?? "",
    at: textIn(at) ?? "",
    ms: typeof ms === "number" ? ms : 0,
    messages: (messages ?? []) as CallRecord["messages"],
    ...(typeof reply === "string" && { reply }),
    ...(parts !== undefined && { parts: parts as JsonValue }),
    ...(typeof finishReason === "string" && { finishReason }),
    ...(isPlainObject(usage) && { usage: usage as JsonValue }),
    ...(typeof error === "string" && { error }),
  };
}

function callsIn(value: unknown): CallRecord[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const calls = value.map(checkedCall);
  return calls.includes(undefined) ? undefined : (calls as CallRecord[]);
}

function isMessage(value: unknown): boolean {
  return isPlainObject(value) && typeof value.role === "string" && value.content !== undefined;
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function shownIn(value: unknown): Shown | undefined {
  if (!isPlainObject(value)) return undefined;
  return Object.hasOwn(value, "value") || typeof value.text === "string" ? (value as unknown as Shown) : undefined;
}

function scoresIn(value: unknown): RolloutLine["scores"] {
  return isPlainObject(value) && Object.values(value).every(isNumberOrNull) ? (value as RolloutLine["scores"]) : undefined;
}

/** JSON has no infinite numbers. */
function isNumberOrNull(value: unknown): boolean {
  return value === null || typeof value === "number";
}

function graphIn(value: unknown): GraphRecord | undefined {
  if (!isPlainObject(value) || typeof value.omitted !== "number") return undefined;
  return isListOf(value.nodes, isNode) ? (value as unknown as GraphRecord) : undefined;
}

function isNode(value: unknown, place: number): value is NodeRecord {
  if (!isPlainObject(value)) return false;
  const { kind, name, is, inputs, operation, description, path } = value;
  const areTexts = [operation, description, path].every((text) => text === undefined || typeof text === "string");
  if (typeof kind !== "string" || typeof name !== "string" || !areTexts || shownIn(is) === undefined) return false;
  return inputs === undefined || isListOf(inputs, (input) => isInput(input, place));
}

/** Inputs come before what uses them. */
function isInput(value: unknown, place: number): boolean {
  const [from, name] = Array.isArray(value) ? (value as unknown[]) : [];
  return Number.isSafeInteger(from) && (from as number) >= 0 && (from as number) < place && typeof name === "string";
}

function isListOf(value: unknown, isOne: (one: unknown, place: number) => boolean): value is readonly unknown[] {
  return Array.isArray(value) && value.every(isOne);
}
