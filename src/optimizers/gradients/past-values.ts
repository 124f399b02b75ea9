/**
 * Momentum of TextGrad: what each variable was before, and what was said of it then.
 *
 * @module
 */
import {
  canonicalJson,
  describeValue,
  isJsonValue,
  isPlainObject,
  type JsonValue,
  jsonEqual,
  ownValue,
} from "../../data/json.ts";
import { InvalidArgumentError } from "../../errors.ts";
import type { Parameter } from "../../graph/parameter.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";
import type { HistoryView, PastAttempt } from "../optimizer.ts";
import type { Gradients } from "./gradient-pass.ts";

/** A value that a variable had. */
export interface PastValue extends Pick<PastAttempt, "scores" | "estimate" | "examples"> {
  readonly value: JsonValue;
  readonly feedback: string;
  /** What the values scored that it was one of. @default unknown */
  readonly score?: number | null;
}

/** The last different values of a variable in a history, oldest first, without the current one. */
export function pastIn(history: HistoryView, name: string, current: unknown, count: number): readonly PastValue[] {
  const values = new Map<string, PastValue>();
  if (count === 0) return [];
  for (const { values: all, ...attempt } of history.latest(mostLookedAt).toReversed()) {
    const value = ownValue(all, name);
    if (value === undefined || jsonEqual(value, current as JsonValue)) continue;
    const key = canonicalJson(value);
    if (!values.has(key)) values.set(key, { ...attempt, value });
    if (values.size === count) break;
  }
  return [...values.values()].reverse();
}

/** Attempts, of which many may have the same value of one variable. */
const mostLookedAt = 100;

/** Keeps the last values of each variable, as many as momentum asks for. */
export class PastValues {
  readonly #size: number;
  readonly #recorded = new WeakSet<TraceGraph>();
  #values: ReadonlyMap<string, readonly PastValue[]> = new Map();

  /** @param size values of each variable; 0 keeps none */
  constructor(size: number) {
    this.#size = size;
  }

  /** The earlier values of a variable, oldest first. */
  of(name: string): readonly PastValue[] {
    return this.#values.get(name) ?? [];
  }

  /** Adds what the variables were when the graph was made; a second time has no effect. */
  record(graph: TraceGraph, parameters: ReadonlyMap<string, Parameter>, gradients: Gradients): void {
    if (this.#size === 0 || this.#recorded.has(graph)) return;
    this.#recorded.add(graph);
    const values = new Map(this.#values);
    for (const [name, parameter] of parameters) {
      const feedback = gradients(parameter)
        .map(({ text }) => text)
        .join("\n");
      if (feedback === "") continue;
      values.set(name, [...this.of(name), { value: graph.valueOf(parameter) as JsonValue, feedback }].slice(-this.#size));
    }
    this.#values = values;
  }

  /** As plain JSON: pairs of name and values, so that any name is data. */
  state(): JsonValue {
    return Array.from(this.#values, ([name, values]) => ({
      name,
      values: values.map(({ value, feedback }) => ({ value, feedback })),
    }));
  }

  /** Forgets everything in favour of these. */
  replace(values: ReadonlyMap<string, readonly PastValue[]>): void {
    this.#values = values;
  }

  /** What `state` wrote; nothing when there is none. @throws InvalidArgumentError when it is not that */
  static read(state: unknown = []): ReadonlyMap<string, readonly PastValue[]> {
    if (Array.isArray(state) && state.every(isEntry)) return new Map(state.map(({ name, values }) => [name, values]));
    throw new InvalidArgumentError(`Expected a list of earlier values, each with name and values, got ${describeValue(state)}`);
  }
}

function isEntry(entry: unknown): entry is { readonly name: string; readonly values: readonly PastValue[] } {
  if (!isPlainObject(entry) || typeof entry.name !== "string" || !Array.isArray(entry.values)) return false;
  return entry.values.every((past: unknown) => {
    return isPlainObject(past) && isJsonValue(past.value) && typeof past.feedback === "string";
  });
}
