/**
 * `withValues`: other values for parameters inside one call, so that many candidates run concurrently on one agent.
 *
 * @module
 */
import { frozenCopy, type JsonValue } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Parameter } from "./parameter.ts";
import { namedParameters, type ParameterOwner } from "./parameter-names.ts";
import { currentScope, runInScope } from "./scope.ts";

/** Values of parameters, keyed by dotted path in their agent. Plain data: to hash, cache, print, compare, send. */
export type Candidate = Record<string, JsonValue>;

/**
 * Runs `fn` while the agent's parameters return the candidate's values. Values are bound to the parameter objects, so a parameter with the same
 * name in another agent is not affected; parameters that the candidate does not name keep their value. Concurrent calls each see their own; an
 * inner `withValues` takes precedence over an outer one.
 *
 * @throws InvalidArgumentError for a path the agent does not have or a value that breaks its parameter's rules
 * @example
 * await withValues(agent, { prompt: "Answer in French." }, () => agent.call(question));
 */
export function withValues<R>(owner: ParameterOwner, candidate: Candidate, fn: () => R): R {
  return bindValues(owner, candidate)(fn);
}

/** `withValues` for many calls with the same candidate, which is checked and frozen once. */
export function bindValues(owner: ParameterOwner, candidate: Candidate): <R>(fn: () => R) => R {
  const bound = [...resolveCandidate(owner, candidate)].map(([parameter, value]) => [parameter, frozenCopy(value)] as const);
  const onlyThese: ReadonlyMap<Parameter, unknown> = new Map(bound);
  return (fn) => {
    const { frame, tracing, bindings: outer, context, layer } = currentScope();
    const bindings = outer === undefined ? onlyThese : new Map([...outer, ...bound]);
    return runInScope({ frame, tracing, bindings, context, layer: { outer: layer } }, fn);
  };
}

/**
 * The parameters that a candidate names, with their values, all checked.
 *
 * @throws InvalidArgumentError naming every unknown path and broken rule
 */
export function resolveCandidate(owner: ParameterOwner, candidate: Candidate): Map<Parameter, JsonValue> {
  const named = namedParameters(owner);
  const resolved = new Map<Parameter, JsonValue>();
  const problems: string[] = [];
  for (const [path, value] of Object.entries(candidate)) {
    const parameter = named.get(path);
    if (parameter === undefined) {
      problems.push(`there is no parameter "${path}" (there are: ${[...named.keys()].join(", ") || "none"})`);
      continue;
    }
    const broken = parameter.problems(value);
    if (broken.length > 0) problems.push(`"${path}" cannot take this value: ${broken.join("; ")}`);
    resolved.set(parameter, value);
  }
  if (problems.length > 0) throw new InvalidArgumentError(`The candidate does not fit: ${problems.join("; ")}`);
  return resolved;
}

/** The values that the parameters have here and now, by path. */
export function currentCandidate(owner: ParameterOwner): Candidate {
  const candidate: Candidate = {};
  for (const [path, parameter] of namedParameters(owner)) candidate[path] = parameter.peek() as JsonValue;
  return candidate;
}

/**
 * Sets the parameters that a candidate names; all of them, or on any problem none.
 *
 * @throws InvalidArgumentError for an unknown path or a value that breaks its parameter's rules
 * @throws GraphError inside a `withValues` that binds one of them
 */
export function applyCandidate(owner: ParameterOwner, candidate: Candidate): void {
  const resolved = resolveCandidate(owner, candidate);
  const { bindings } = currentScope();
  // Before the first is set, so that it is all of them or none.
  const bound = [...resolved].find(([parameter]) => bindings?.has(parameter));
  for (const [parameter, value] of bound === undefined ? resolved : [bound]) parameter.set(value);
}
