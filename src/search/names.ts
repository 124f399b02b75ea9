/**
 * The two vocabularies of a candidate: the paths of the agent's parameters, and the names an optimizer has for those it trains.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { Module } from "../graph/module.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";

/** Translates between an agent and one optimizer. */
export interface Names {
  /** Paths of the parameters that the optimizer trains. */
  readonly paths: readonly string[];
  /** Values by the optimizer's names as values by path. */
  toAgent(candidate: Candidate): Candidate;
  /** Values by path as values by the optimizer's names; those that it does not train are left out. */
  toOptimizer(candidate: Candidate): Candidate;
  /** Paths as the optimizer's names; those that it does not train are left out. */
  namesOf(paths: readonly string[]): string[];
}

/** The names of an optimizer that trains parameters of this agent. */
export function namesOf(agent: Module<never, unknown>, optimizer: Optimizer): Names {
  const pathOf = new Map([...agent.namedParameters()].map(([path, parameter]) => [parameter, path]));
  const pairs = [...optimizer.parameters].flatMap(([name, parameter]) => {
    const path = pathOf.get(parameter);
    return path === undefined ? [] : [[name, path] as const];
  });
  const paths = new Map(pairs);
  const names = new Map(pairs.map(([name, path]) => [path, name]));
  const renamed = (candidate: Candidate, to: ReadonlyMap<string, string>): Candidate => {
    return Object.fromEntries(
      Object.entries(candidate).flatMap(([from, value]): [string, JsonValue][] => {
        const name = to.get(from);
        return name === undefined ? [] : [[name, value]];
      }),
    );
  };
  return {
    paths: [...paths.values()],
    toAgent: (candidate) => renamed(candidate, paths),
    toOptimizer: (candidate) => renamed(candidate, names),
    namesOf: (wanted) => wanted.flatMap((path) => names.get(path) ?? []),
  };
}
