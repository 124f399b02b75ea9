/**
 * An output with its feedback and its graph as plain JSON, so that a run that goes on can use it again.
 *
 * @module
 */
import { isJsonValue, type JsonValue } from "../data/json.ts";
import { GraphError } from "../errors.ts";
import { type GraphJson, graphFromJson, graphToJson, type NodeJson } from "../graph/graph-json.ts";
import type { Module } from "../graph/module.ts";
import type { Node } from "../graph/node.ts";
import { redactKnownKeys } from "../llm/redact-secrets.ts";
import type { RolloutCodec } from "./rollout-records.ts";
import type { StepOutput } from "./standard-optimization-step.ts";

interface WrittenOutput {
  readonly graph: GraphJson;
  readonly score: number | null;
  readonly feedback: string;
  readonly more?: object;
}

/**
 * Writes outputs of an agent with the graphs they depend on; its parameters are written by path and are the same objects when
 * read. What a subclass adds to an output is kept as it is. Outputs with anything that is not JSON are not written. A node that
 * was made outside the rollout comes back as a copy.
 */
export function stepOutputCodec<Y>(agent: Module): RolloutCodec<StepOutput<Y>> {
  return {
    write: ({ target, score, feedback, ...more }) => {
      const written = graphToJson(target, { parameters: agent.namedParameters() });
      const graph = { ...written, nodes: written.nodes.map(withoutKeys) };
      const isWhole = graph.nodes.every(({ text }) => text === undefined);
      return isWhole && isJsonValue(more) ? ({ graph, score, feedback, more } as unknown as JsonValue) : undefined;
    },
    read: (written) => {
      const { graph, score, feedback, more = {} } = written as unknown as WrittenOutput;
      const [target] = graphFromJson(graph, { parameters: agent.namedParameters() });
      return { ...more, target: target as Node<Y>, score, feedback };
    },
  };
}

/**
 * An output as it is written to get to another process.
 *
 * @throws GraphError naming a node whose value is not JSON
 */
export function writeToCross<Y>(agent: Module, output: StepOutput<Y>): JsonValue {
  const written = stepOutputCodec<Y>(agent).write(output);
  if (written !== undefined) return written;
  const { nodes, operations } = graphToJson(output.target);
  const node = nodes.find(({ text }) => text !== undefined);
  const operation = node?.operation === undefined ? undefined : operations[node.operation]?.name;
  const source = operation === undefined ? "" : `, a result of \`${operation}\`,`;
  const what = node === undefined ? "A metric of the output" : `The value of the node "${node.name}"${source}`;
  const shown = node?.text === undefined ? "" : ` (${node.text.slice(0, longestShown)})`;
  throw new GraphError(
    `${what} is not JSON${shown}, so an executor cannot perform the rollout. Make operations return plain data, or train without an executor`,
  );
}

/** Characters of a value in a message. */
const longestShown = 100;

/** What an operation threw is a message, which may quote a key; every other value is data. */
function withoutKeys(node: NodeJson): NodeJson {
  return node.kind === "exception" && typeof node.value === "string" ? { ...node, value: redactKnownKeys(node.value) } : node;
}
