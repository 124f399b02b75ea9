/**
 * What a parameter is called in messages: by the name it was given, else by its place in the agent.
 *
 * @module
 */
import type { GraphNode } from "./graph-node.ts";

/** The name of parameters that were given none. */
export const unnamed = "parameter";

const paths = new WeakMap<object, string>();

/** Remembers under which path a parameter was found in an agent. */
export function rememberPath(parameter: GraphNode, path: string): void {
  if (parameter.name === unnamed) paths.set(parameter, path);
}

/** `parameter triage.prompt`; of one whose place is not known only `parameter`. */
export function labelOf(parameter: GraphNode): string {
  const name = parameter.name === unnamed ? paths.get(parameter) : parameter.name;
  return name === undefined ? "parameter" : `parameter ${name}`;
}
