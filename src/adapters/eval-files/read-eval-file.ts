/**
 * `readEvalFile`: an eval of evalite or vitest-evals as the parts of a run: its data, its scorers as one guide, its task as an agent.
 *
 * @module
 */
import { type Dataset, toDataset } from "../../data/dataset.ts";
import type { Feedback } from "../../data/feedback.ts";
import { describeValue, isPlainObject } from "../../data/json.ts";
import { freeName } from "../../data/scores.ts";
import { InvalidArgumentError } from "../../errors.ts";
import { backward } from "../../graph/backward.ts";
import { ExecutionError } from "../../graph/execution-error.ts";
import { isModule, type Module, model } from "../../graph/module.ts";
import { standsFor } from "../../graph/module-code.ts";
import { isNode } from "../../graph/node.ts";
import { isParameter, type Parameter } from "../../graph/parameter.ts";
import { outsideOfRuns } from "../../graph/scope.ts";
import { fromScorer, type Scorer } from "../../guides/from-scorer.ts";
import { FunctionGuide, type Guide } from "../../guides/guide.ts";
import { shown } from "../../guides/reference.ts";
import type { ScorerInput } from "../../guides/scorers/scorer-input.ts";
import { weighted } from "../../guides/weighted.ts";
import { DryRunRecorder, withDryRun } from "../../llm/dry-run.ts";
import { withoutRequests } from "../../llm/without-requests.ts";
import { chooseEval, type EvalFileOptions, type EvalSource } from "../eval-source.ts";
import { type CollectedEval, collectEvals } from "./collect-evals.ts";

/** How the modules of an eval file are loaded. */
export interface EvalFileLoader {
  /** Imports the file where the packages that define evals are stand-ins, and returns what it and the files it imports export. */
  load(path: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/**
 * Loads an eval file and reads the data of one of its evals. Neither its task nor its scorers run.
 *
 * @throws InvalidArgumentError when the file has no such eval, or several and none is named, or rows without an input
 */
export async function readEvalFile(path: string, loader: EvalFileLoader, { name }: EvalFileOptions = {}): Promise<EvalSource> {
  let exports: readonly Readonly<Record<string, unknown>>[] = [];
  const { evals, setUp } = await collectEvals(async () => {
    exports = await loader.load(path);
  });
  const collected = chooseEval(evals, name, { path, what: "eval" });
  for (const work of setUp) await work();
  const dataset = toExamples(await dataOf(collected), collected);
  return {
    name: collected.name,
    dataset,
    guide: scorersGuide(collected),
    noGuide: `The eval "${collected.name}" of ${path} has no scorers that can run outside its test runner. Set \`guide\` in opto.config.ts`,
    agent: () => taskAgent(collected.task, { name: functionName(collected.name), dataset, exports }),
    remedy: [
      `The eval "${collected.name}" of ${path} has nothing to train: its task reads no parameter of opto.`,
      'Make its prompt one where the task is defined, const prompt = parameter("…"), and read prompt.value in the task;',
      "or set `agent` in opto.config.ts; the data and the scorers are then those of the eval.",
    ].join("\n"),
  };
}

async function dataOf({ name, data }: CollectedEval): Promise<readonly unknown[]> {
  const rows: unknown = typeof data === "function" ? await data() : data;
  if (Array.isArray(rows) && rows.length > 0) return rows;
  throw new InvalidArgumentError(
    `Expected the data of the eval "${name}" to be a list with at least one row, got ${describeValue(rows)}`,
  );
}

function toExamples(rows: readonly unknown[], { name, kind }: CollectedEval): Dataset<unknown, unknown> {
  const chosen = rows.some(isChosen) ? rows.filter(isChosen) : rows;
  const examples = chosen.map((row, index) => {
    if (isPlainObject(row) && "input" in row) return { input: row.input, info: infoOf(row, kind) };
    throw new InvalidArgumentError(`Expected row ${index} of the eval "${name}" to have an \`input\`, got ${describeValue(row)}`);
  });
  return toDataset(examples, name);
}

function isChosen(row: unknown): boolean {
  return isPlainObject(row) && row.only === true;
}

/** What the scorers receive besides input and answer. */
function infoOf(row: Readonly<Record<string, unknown>>, kind: CollectedEval["kind"]): unknown {
  if (kind === "evalite") return row.expected ?? null;
  const { input: _input, name: _name, test: _test, ...params } = row;
  return Object.keys(params).length > 0 ? params : null;
}

/** What the task is called among operations: the name of the eval in one word. */
function functionName(name: string): string {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const [first = "task", ...rest] = words.map((word) => word.toLowerCase());
  return first + rest.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
}

/** The mean of the scorers, each by its name among the named scores; `undefined` where there are none. */
function scorersGuide({ scorers, kind }: CollectedEval): Guide | undefined {
  const guides: Record<string, Guide> = {};
  for (const scorer of scorers) guides[freeName(nameOf(scorer), guides)] = guideOf(scorer, arrangements[kind]);
  const [only, ...others] = Object.values(guides);
  return others.length === 0 ? only : weighted(guides);
}

type Arrange = (example: ScorerInput) => object;

const arrangements: Readonly<Record<CollectedEval["kind"], Arrange>> = {
  evalite: standsFor(({ input, output, expected }) => ({ input, output, ...(expected === null ? {} : { expected }) })),
  // A row is spread among the arguments; a task may return the calls of tools beside the answer.
  "vitest-evals": standsFor(({ input, output, expected }) => {
    const isPair = isPlainObject(output) && "result" in output && "toolCalls" in output;
    const answer = isPair ? { output: output.result, toolCalls: output.toolCalls } : { output };
    return { ...(isPlainObject(expected) ? expected : {}), input, ...answer };
  }),
};

/** A guide around one scorer. Where the scorer has no words, the optimizer is shown what was expected. */
function guideOf(scorer: unknown, arrange: Arrange): Guide {
  const guide = fromScorer(scorer as Scorer<object>, arrange);
  const judge = async (...example: Parameters<typeof guide.getFeedback>): Promise<Feedback> => {
    const verdict = await guide.getFeedback(...example);
    const [, answer, info] = example;
    return verdict.feedback === "" ? { ...verdict, feedback: wordsFor(verdict.score, answer, info) } : verdict;
  };
  return new FunctionGuide(judge, { scorer: guide.identity() });
}

function wordsFor(score: number | null, answer: unknown, info: unknown): string {
  if (score === null || score >= 1) return "";
  const expected = isPlainObject(info) && Object.keys(info).join() === "expected" ? info.expected : info;
  return expected === null ? "" : `Expected ${shown(expected)}, got ${shown(answer)}.`;
}

function nameOf(scorer: unknown): string {
  const { name } = (scorer ?? {}) as { readonly name?: unknown };
  return typeof name === "string" && name.trim() !== "" ? name : "scorer";
}

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
async function taskAgent(task: (input: unknown) => unknown, { name, dataset, exports }: TaskAgentOptions): Promise<Module> {
  const probe = agentOf(name, task, {});
  const read = new Set<Parameter>();
  for (const { input } of dataset.slice(0, numProbes)) for (const found of await parametersRead(probe, input)) read.add(found);
  return agentOf(name, task, namedParts(read, exports));
}

function agentOf(name: string, task: (input: unknown) => unknown, parts: Readonly<Record<string, Parameter>>): Module {
  const forward = async (_parts: object, input: unknown): Promise<unknown> => wholeAnswer(await task(input));
  return model(parts, standsFor(Object.defineProperty(forward, "name", { value: name }), task)) as unknown as Module;
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
