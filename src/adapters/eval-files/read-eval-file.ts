/**
 * `readEvalFile`: an eval of evalite or vitest-evals as the parts of a run.
 *
 * @module
 */
import { type Dataset, toDataset } from "../../data/dataset.ts";
import { describeValue, isPlainObject } from "../../data/json.ts";
import { InvalidArgumentError } from "../../errors.ts";
import { chooseEval } from "../choose-eval.ts";
import type { EvalFileOptions, EvalSource } from "../eval-source.ts";
import { type CollectedEval, collectEvals } from "./collect-evals.ts";
import { scorersGuide } from "./scorers-guide.ts";
import { taskAgent } from "./task-agent.ts";

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
