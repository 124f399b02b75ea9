/**
 * The graph of a rollout as it is kept for people: what they see of it, without the sources of operations, which take long to find.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { Node } from "../graph/node.ts";
import type { Parameter } from "../graph/parameter.ts";
import { topologicalOrder } from "../graph/topological-order.ts";
import { redactKnownKeys } from "../llm/redact-secrets.ts";
import { type Shown, shown } from "./shown-value.ts";

/** A node of a graph that is kept. */
export interface NodeRecord {
  readonly kind: string;
  readonly name: string;
  readonly operation?: string;
  readonly description?: string;
  /** The path of a parameter. */
  readonly path?: string;
  readonly is: Shown;
  /** Places of its inputs in the list, always earlier ones, with what each is to it. */
  readonly inputs?: readonly (readonly [place: number, name: string])[];
}

/** A graph that is kept: the nodes next to the output, which is the last. */
export interface GraphRecord {
  readonly nodes: readonly NodeRecord[];
  /** How many nodes were left out. */
  readonly omitted: number;
}

/** Nobody looks at more. */
const mostNodes = 1_000;

/** The graph that a node depends on. */
export function graphRecord(target: Node, parameters: ReadonlyMap<string, Parameter>): GraphRecord {
  const order = topologicalOrder([target]);
  const omitted = Math.max(0, order.length - mostNodes);
  const kept = omitted === 0 ? order : order.slice(omitted);
  const places = new Map(kept.map((node, place) => [node, place]));
  const paths = new Map([...parameters].map(([path, parameter]) => [parameter as Node, path]));
  return { nodes: kept.map((node) => nodeRecord(node, places, paths.get(node))), omitted };
}

function nodeRecord(node: Node, places: ReadonlyMap<Node, number>, path: string | undefined): NodeRecord {
  const { kind, name, operation, inputs, inputNames } = node;
  const description = node.description ?? operation?.description;
  const own = inputs.flatMap((input, index) => {
    const place = places.get(input);
    return place === undefined ? [] : [[place, inputNames[index] ?? input.name] as const];
  });
  const value: unknown = node.peek();
  return {
    kind,
    name,
    ...(operation !== undefined && { operation: operation.name }),
    ...(description !== undefined && { description }),
    ...(path !== undefined && { path }),
    // What an operation threw is a message, which may quote a key; every other value is data.
    is: kind === "exception" && typeof value === "string" ? { value: redactKnownKeys(value) as JsonValue } : shown(value),
    ...(own.length > 0 && { inputs: own }),
  };
}
