/**
 * Tools whose executions are operations of the graph.
 *
 * @module
 */
import { isInfrastructureError, OptoError } from "../errors.ts";
import { ExecutionError } from "../graph/execution-error.ts";
import { bundledParts, originalOf } from "../graph/handle.ts";
import { isNode, Node, record } from "../graph/node.ts";
import { currentScope } from "../graph/scope.ts";
import { StepsOf } from "./steps-of.ts";

/** Tools by name, as the AI SDK has them. `execute` may be a `bundle`, which is called with the arguments alone. */
export type Tools = Readonly<Record<string, object>>;

interface Tool {
  readonly description?: unknown;
  readonly execute?: Execute | undefined;
}

type Execute = (input: unknown, options: { readonly toolCallId: string }) => unknown;

/** What a loop learns of its tools. */
export interface ToolWatch {
  /** An outage or a stop in a tool, which the AI SDK has the model read like any other error. */
  ending: { readonly error: unknown } | undefined;
}

/** The same tools to the AI SDK. What a tool throws is thrown. */
export function tracedTools(tools: Tools, watch: ToolWatch): Tools {
  return Object.fromEntries(Object.entries(tools).map(([name, tool]) => [name, tracedTool(name, tool as Tool, watch)]));
}

/** What the graph shows of tools: their names and descriptions. */
export function toolsInWords(tools: Tools): object[] {
  return Object.entries(tools).map(([name, { description }]: [string, Tool]) => {
    return description === undefined ? { name } : { name, description };
  });
}

function tracedTool(name: string, tool: Tool, watch: ToolWatch): object {
  const { execute } = tool;
  const description = isNode(tool.description) ? tool.description.peek() : tool.description;
  const own: Record<string, unknown> = { description };
  if (typeof execute === "function") {
    own.execute = (input: unknown, options: Parameters<Execute>[1]) => run({ name, description, execute }, input, options, watch);
  }
  return Object.assign(Object.create(Object.getPrototypeOf(tool)) as object, tool, own);
}

async function run(
  { name, description, execute }: { readonly name: string; readonly description: unknown; readonly execute: Execute },
  input: unknown,
  options: Parameters<Execute>[1],
  watch: ToolWatch,
): Promise<unknown> {
  const { frame } = currentScope();
  const steps = frame?.isTraced ? StepsOf.operation(frame) : undefined;
  const { toolCallId } = options;
  const given = steps?.inputOf(toolCallId, input) ?? new Node(input, { name: "input" });
  const operation = { name, description: typeof description === "string" ? description : "" };
  try {
    const isBundle = bundledParts(originalOf(execute)) !== undefined;
    const result = isBundle
      ? await (execute as (input: Node) => unknown)(given)
      : await record(operation, [given], ["input"], async () => lastOf(await execute(input, options)));
    steps?.returned(toolCallId, result as Node);
    return (result as Node).peek();
  } catch (error) {
    if (error instanceof ExecutionError) {
      steps?.returned(toolCallId, error.exceptionNode);
      throw error.cause ?? error;
    }
    if (OptoError.isInstance(error) && isInfrastructureError(error)) watch.ending ??= { error };
    throw error;
  }
}

/** The result of a tool that gives preliminary ones first. */
async function lastOf(result: unknown): Promise<unknown> {
  if (typeof result !== "object" || result === null || !(Symbol.asyncIterator in result)) return result;
  let last: unknown;
  for await (const one of result as AsyncIterable<unknown>) last = one;
  return last;
}
