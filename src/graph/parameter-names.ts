/**
 * The names of parameters: the dotted path in their agent, or their own name in a list.
 *
 * @module
 */
import { GraphError } from "../errors.ts";
import { isPlainObject } from "../data/json.ts";
import { isParameter, type Parameter } from "./parameter.ts";

/** An agent, or a list of parameters. */
export type ParameterOwner = ParameterHolder | readonly Parameter[];

/** Anything that can tell its parameters by dotted path; every `Module` does. */
export interface ParameterHolder {
  namedParameters(): ReadonlyMap<string, Parameter>;
}

/**
 * Every parameter with its name, in order.
 *
 * Parameters in a list go by their own names; the second of the same name is `name_2`.
 */
export function namedParameters(owner: ParameterOwner): ReadonlyMap<string, Parameter> {
  if ("namedParameters" in owner) return owner.namedParameters();
  const named = new Map<string, Parameter>();
  for (const parameter of new Set(owner)) {
    let name = parameter.name;
    for (let number = 2; named.has(name); number++) name = `${parameter.name}_${number}`;
    named.set(name, parameter);
  }
  return named;
}

/**
 * Finds the parameters among the fields of `root`, in nested objects that hold parameters, in arrays, plain objects
 * and Maps, in order of definition. A parameter reached twice goes by its first path.
 *
 * @throws GraphError when two parameters would have the same path
 */
export function collectParameters(root: object): ReadonlyMap<string, Parameter> {
  const named = new Map<string, Parameter>();
  const seen = new Set<object>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    if (isParameter(value)) {
      seen.add(value);
      if (named.has(path)) throw new GraphError(`Two parameters have the path "${path}"; rename a field or a key`);
      named.set(path, value);
    } else if (value === root || isHolder(value) || Array.isArray(value) || isPlainObject(value)) {
      seen.add(value);
      for (const [key, inner] of Object.entries(value)) visit(inner, path === "" ? key : `${path}.${key}`);
    } else if (value instanceof Map) {
      seen.add(value);
      for (const [key, inner] of value) visit(inner, path === "" ? String(key) : `${path}.${String(key)}`);
    }
  };
  visit(root, "");
  return named;
}

function isHolder(value: object): value is ParameterHolder {
  return typeof (value as Partial<ParameterHolder>).namedParameters === "function";
}
