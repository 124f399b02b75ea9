/**
 * `taskAgent`: a task of an eval, which is a plain function, as an agent with the parameters that the task reads.
 *
 * @module
 */
import type { Dataset } from "../../data/dataset.ts";
import { backward } from "../../graph/backward.ts";
import { ExecutionError } from "../../graph/execution-error.ts";
import { isModule, type Module, model } from "../../graph/module.ts";
import { isNode } from "../../graph/node.ts";
import { isParameter, type Parameter } from "../../graph/parameter.ts";
import { outsideOfRuns } from "../../graph/scope.ts";
import { DryRunRecorder, withDryRun } from "../../llm/dry-run.ts";
import { withoutRequests } from "../../llm/without-requests.ts";

/** What a task is known by, and where its parameters may be named. */
export interface TaskAgentOptions {
  /** What it is called in the graph. */
  readonly name: string;
  readonly dataset: Dataset<unknown, unknown>;
  /** What the eval file and the files that it imports export: agents and parameters there have a name. */
  readonly exports: readonly Readonly<Record<string, unknown>>[];
}

/** Examples that the task is run on to find its parameters. */
const numProbes = 3;

/**
 * The task as an agent. Its parameters are found by running it on a few examples, with placeholders for the replies of models and without any
 * request: those that it reads. Where all of them are in one exported agent, they go by the paths in it, and its other parameters are
 * there as well, so that `agent.load` takes what training has found; else by the names they are exported under, or their own.
 */
export async function taskAgent(
  task: (input: unknown) => unknown,
  { name, dataset, exports }: TaskAgentOptions,
): Promise<Module> {
  const probe = agentOf(name, task, {});
  const read = new Set<Parameter>();
  for (const { input } of dataset.slice(0, numProbes)) for (const found of await parametersRead(probe, input)) read.add(found);
  return agentOf(name, task, namedParts(read, exports));
}

function agentOf(name: string, task: (input: unknown) => unknown, parts: Readonly<Record<string, Parameter>>): Module {
  const forward = async (_parts: object, input: unknown): Promise<unknown> => wholeAnswer(await task(input));
  return model(parts, Object.defineProperty(forward, "name", { value: name })) as unknown as Module;
}

/** A task may return a node of opto, or the pieces of a text as they come. */
async function wholeAnswer(answer: unknown): Promise<unknown> {
  if (typeof answer !== "object" || answer === null || isNode(answer) || !(Symbol.asyncIterator in answer)) return answer;
  let text = "";
  for await (const piece of answer as AsyncIterable<unknown>) text += String(piece);
  return text;
}

async function parametersRead(agent: Module, input: unknown): Promise<Iterable<Parameter>> {
  const run = (): Promise<unknown> => withoutRequests(new Set(), () => agent.call(input));
  const output = await outsideOfRuns(() => withDryRun(new DryRunRecorder(), run)).catch((error: unknown) => error);
  // It may fail on a placeholder; what it has read before counts.
  const node = output instanceof ExecutionError ? output.exceptionNode : output;
  return isNode(node) ? backward(node, "").keys() : [];
}

/** The parameters by the paths of the one exported agent that has them all, else each by its name. */
function namedParts(read: ReadonlySet<Parameter>, exports: TaskAgentOptions["exports"]): Readonly<Record<string, Parameter>> {
  const exported = exports.flatMap((module) => Object.entries(module));
  const agents = exported.flatMap(([, value]) => (isModule(value) ? [value.namedParameters()] : []));
  const whole = agents.find((named) => read.size > 0 && [...read].every((parameter) => [...named.values()].includes(parameter)));
  if (whole !== undefined) return Object.fromEntries(whole);
  const parts: Record<string, Parameter> = {};
  for (const parameter of read) {
    const [name = parameter.name] = exported.find(([, value]) => isParameter(value) && value === parameter) ?? [];
    parts[Object.hasOwn(parts, name) ? `${name}_${Object.keys(parts).length + 1}` : name] = parameter;
  }
  return parts;
}
