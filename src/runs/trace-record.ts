/**
 * What is kept of rollouts, their graphs, and calls of models for people, as lines of a file: without the sources of operations, which take long
 * to find.
 *
 * @module
 */
import { isJsonValue, type JsonValue, textOf } from "../data/json.ts";
import type { Scores } from "../data/scores.ts";
import type { Node } from "../graph/node.ts";
import type { Parameter } from "../graph/parameter.ts";
import { topologicalOrder } from "../graph/topological-order.ts";
import type { GateRequest, ModelReply } from "../llm/model-request.ts";
import { redactKnownKeys } from "../llm/redact-secrets.ts";

/** A call of a model. */
export interface CallRecord {
  readonly position: string;
  readonly role: string;
  readonly model: string;
  /** ISO 8601. */
  readonly at: string;
  /** In milliseconds, with the time that it waited for limits. */
  readonly ms: number;
  readonly messages: readonly { readonly role: string; readonly content: JsonValue }[];
  readonly reply?: string;
  /** The parts of the reply that are no text. */
  readonly parts?: JsonValue;
  readonly finishReason?: string;
  readonly usage?: JsonValue;
  readonly error?: string;
}

/** A call outside of any rollout: of an optimizer above all. */
export interface CallLine extends CallRecord {
  readonly kind: "call";
}

/** A rollout with its calls. */
export interface RolloutLine {
  readonly kind: "rollout";
  readonly position: string;
  /** ISO 8601. */
  readonly at: string;
  readonly ms: number;
  readonly status: "scored" | "failed" | "unscored";
  readonly score: number | null;
  readonly dataset?: string;
  readonly example?: number;
  readonly sample?: number;
  /** Fingerprint of the values of all parameters. */
  readonly values: string;
  readonly scores?: Scores;
  readonly error?: string;
  readonly input: Shown;
  readonly expected: Shown;
  readonly output?: Shown;
  readonly feedback?: string;
  readonly graph?: GraphRecord;
  readonly calls: readonly CallRecord[];
}

/** How many were left out until then, to spare the run the time. */
export interface OmittedLine {
  readonly kind: "omitted";
  readonly rollouts: number;
  readonly calls: number;
}

/** A line of the file. */
export type TraceLine = CallLine | RolloutLine | OmittedLine;

/** The messages of a request, whoever has put it together. */
export function messagesOf({ system, prompt, messages, direct }: GateRequest): CallRecord["messages"] {
  const given = direct?.options.prompt ?? messages ?? (prompt === undefined ? [] : [{ role: "user", content: prompt }]);
  const own = given.map(({ role, content }) => ({ role: String(role), content: contentOf(content) }));
  return system === undefined ? own : [{ role: "system", content: system }, ...own];
}

/** What a reply holds besides its text. */
export function partsOf({ result }: ModelReply): JsonValue | undefined {
  const content = (result as { readonly content?: unknown } | undefined)?.content;
  if (!Array.isArray(content)) return undefined;
  const others = content.filter((part) => (part as { readonly type?: unknown } | null)?.type !== "text");
  return others.length === 0 ? undefined : contentOf(others);
}

/** Images and files are named, not kept. */
function contentOf(content: unknown): JsonValue {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return textOf(content);
  return content.map((part: unknown): JsonValue => {
    const { type, data, image, mediaType } = part as Readonly<Record<string, unknown>>;
    const bytes = data ?? image;
    if (bytes instanceof Uint8Array || (typeof bytes === "string" && type !== "text" && type !== "reasoning")) {
      return { type: String(type), mediaType: String(mediaType ?? ""), length: bytes.length };
    }
    return isJsonValue(part) ? part : textOf(part);
  });
}

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

/** A value: as it is where it is JSON, else as a text. */
export type Shown = { readonly value: JsonValue } | { readonly text: string };

/** A value as it is kept. */
export function shown(value: unknown): Shown {
  return isJsonValue(value) ? { value } : { text: textOf(value) };
}
