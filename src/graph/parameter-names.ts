/**
 * The names of parameters: the dotted path in their agent, or their own name in a list.
 *
 * @module
 */
import { GraphError } from "../errors.ts";
import { isContainer, visitContainer } from "./containers.ts";
import { rememberPath } from "./graph-node.ts";
import { originalOf } from "./handle.ts";
import { isParameter, type Parameter } from "./parameter.ts";
import { codeOf } from "./trainable-code.ts";

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
 * Finds the parameters among the fields of `root`, in nested objects that hold parameters, in arrays, plain objects,
 * Maps and Sets, and as the code of trainable functions, in order of definition. A parameter reached twice goes by its first path. Getters are not run.
 *
 * @throws GraphError when two parameters would have the same path
 */
export function collectParameters(root: object): ReadonlyMap<string, Parameter> {
  const named = new Map<string, Parameter>();
  const seen = new Set<object>();
  const waiting: Place[] = [{ value: root, path: "" }];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const { value, path } = place;
    if (seen.has(value)) continue;
    seen.add(value);
    if (isParameter(value)) addUnder(path, value, named);
    else if (value === root || isHolder(value) || isContainer(value)) pushInside(value, path, waiting);
  }
  return named;
}

/** An object, and the path that leads to it. */
interface Place {
  readonly value: object;
  readonly path: string;
}

function addUnder(path: string, parameter: Parameter, named: Map<string, Parameter>): void {
  if (path === "__proto__") throw new GraphError('A parameter cannot have the path "__proto__"; rename the field or key');
  if (named.has(path)) throw new GraphError(`Two parameters have the path "${path}"; rename a field or a key`);
  rememberPath(parameter, path);
  named.set(path, parameter);
}

/** Puts the objects that stand directly in `container` on the stack, the first one on top. */
function pushInside(container: object, path: string, waiting: Place[]): void {
  const places: Place[] = [];
  visitContainer(container, (inner, key) => {
    // A trainable function stands for the parameter that holds its code.
    const value = typeof inner === "function" ? codeOf(inner) : inner;
    if (typeof value !== "object" || value === null) return;
    places.push({ value: originalOf(value), path: path === "" ? String(key) : `${path}.${String(key)}` });
  });
  while (places.length > 0) waiting.push(places.pop() as Place);
}

function isHolder(value: object): value is ParameterHolder {
  return typeof (value as Partial<ParameterHolder>).namedParameters === "function";
}
