/**
 * What differs between two sets of parameters.
 *
 * @module
 */
import { type JsonValue, jsonEqual } from "../data/json.ts";
import type { Candidate } from "../graph/with-values.ts";

/** One parameter in two sets. A side that does not have it is `undefined`. */
export interface ParameterChange {
  readonly path: string;
  readonly state: "same" | "changed" | "added" | "removed";
  readonly from: JsonValue | undefined;
  readonly to: JsonValue | undefined;
}

/** Every parameter of either set, in the order of the first, then what only the second has. */
export function parameterChanges(from: Candidate, to: Candidate): ParameterChange[] {
  const paths = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...paths].map((path) => {
    const [left, right] = [own(from, path), own(to, path)];
    return { path, state: stateOf(left, right), from: left, to: right };
  });
}

function stateOf(left: JsonValue | undefined, right: JsonValue | undefined): ParameterChange["state"] {
  if (left === undefined) return "added";
  if (right === undefined) return "removed";
  return jsonEqual(left, right) ? "same" : "changed";
}

function own(values: Candidate, path: string): JsonValue | undefined {
  return Object.hasOwn(values, path) ? values[path] : undefined;
}
