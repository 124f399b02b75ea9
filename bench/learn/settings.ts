/**
 * What the command line says: which tasks, algorithms, seeds, models, and how much each may spend.
 *
 * @module
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { OptimizerName } from "opto";
import type { LanguageModelOptimizerOptions } from "opto/optimizers";
import { optimizerNames } from "./arms.ts";
import { defaultCache } from "./data/package-files.ts";
import { type BudgetUnit, budgetUnits, type Prices, type TokenPrice } from "./proxy/spending.ts";
import type { SplitSizes } from "./tasks/task.ts";

/** Who answers calls of one role. */
export interface ModelSettings {
  readonly baseUrl: string;
  readonly model: string;
  /** The environment variable that holds the key. */
  readonly keyVariable: string;
}

export type ReplyFormat = NonNullable<LanguageModelOptimizerOptions["replyFormat"]>;

/** Everything that the benchmark is run with. */
export interface LearnSettings {
  readonly level: "models" | "replay";
  readonly out: string;
  readonly cache: string;
  readonly replay: boolean;
  /** The file of a published table. */
  readonly record: string | undefined;
  /** The name under which the table is published. */
  readonly publish: string | undefined;
  /** What the table ran on, in words. */
  readonly hardware: string;
  /** The options that decide about results, as they were given. */
  readonly options: readonly string[];
  readonly tasks: readonly string[];
  /** Names of arms; empty for the default choice. */
  readonly algorithms: readonly string[];
  readonly optimizers: readonly OptimizerName[] | undefined;
  readonly seeds: readonly number[];
  readonly sizes: SplitSizes;
  readonly budget: number;
  readonly unit: BudgetUnit;
  readonly prices: Prices;
  readonly task: ModelSettings;
  readonly optimizer: ModelSettings;
  readonly optimizerDir: string | undefined;
  readonly optimizerRecord: string | undefined;
  /** The longest reply of the optimizer model, in tokens, for all algorithms. */
  readonly optimizerMaxTokens: number | undefined;
  /** Tokens that prompt and reply of the optimizer model may have together; opto's optimizers keep to it. */
  readonly optimizerContext: number | undefined;
  /** The form of the replies to opto's optimizers. */
  readonly replyFormat: ReplyFormat;
  /** Whether servers are asked, by a grammar of llama.cpp, for nothing but the answers of tasks that have few. */
  readonly grammar: boolean;
  /** An interpreter that has the packages of the originals. */
  readonly python: string | undefined;
  /** Cells that are run at the same time. */
  readonly concurrency: number;
  readonly heldOutThreads: number;
  readonly maxIterations: number;
  readonly callTimeoutMs: number;
  readonly originalTimeoutMs: number;
  /** Level `replay`: the tensor, and how much is run over it. */
  readonly tensor: string | undefined;
  readonly runs: number;
}

/** The options, with what they default to, as `--help` shows them. */
export const flags = {
  level: { type: "string", default: "models" },
  out: { type: "string", default: "runs/learn" },
  cache: { type: "string", default: defaultCache },
  replay: { type: "boolean", default: false },
  record: { type: "string" },
  publish: { type: "string" },
  hardware: { type: "string", default: "not stated" },
  tasks: { type: "string", default: "snips,dates,reuters,navigate" },
  algorithms: { type: "string", default: "" },
  optimizers: { type: "string", default: "" },
  seeds: { type: "string", default: "5" },
  train: { type: "string", default: "60" },
  validation: { type: "string", default: "60" },
  test: { type: "string", default: "200" },
  budget: { type: "string", default: "1000" },
  "budget-unit": { type: "string", default: "task-calls" },
  "base-url": { type: "string", default: "http://127.0.0.1:8093/v1" },
  "task-model": { type: "string", default: "default" },
  "key-variable": { type: "string", default: "OPENAI_API_KEY" },
  "optimizer-base-url": { type: "string" },
  "optimizer-model": { type: "string" },
  "optimizer-key-variable": { type: "string" },
  "optimizer-dir": { type: "string" },
  "optimizer-record": { type: "string" },
  "task-price": { type: "string", default: "0,0" },
  "optimizer-price": { type: "string" },
  "optimizer-max-tokens": { type: "string" },
  "optimizer-context": { type: "string" },
  "reply-format": { type: "string", default: "auto" },
  grammar: { type: "boolean", default: false },
  python: { type: "string" },
  concurrency: { type: "string", default: "1" },
  tensor: { type: "string" },
  runs: { type: "string", default: "1000" },
  help: { type: "boolean", default: false },
} as const;

/** What differs between machines. */
const localOptions: readonly string[] = [
  ...["out", "cache", "replay", "record", "publish", "hardware", "level", "tensor", "runs", "python", "concurrency", "help"],
  ...["base-url", "key-variable", "optimizer-base-url", "optimizer-key-variable", "optimizer-dir", "optimizer-record"],
];

const replyFormats: readonly ReplyFormat[] = ["auto", "tags", "json"];
const halfAnHour = 1_800_000;

/** @throws Error for an unknown option or a wrong value */
export function readSettings(args: readonly string[]): LearnSettings {
  const { values, tokens } = parseArgs({ args: [...args], options: flags, tokens: true });
  const unit = oneOf(values["budget-unit"], budgetUnits, "--budget-unit");
  const budget = positive(values.budget, "--budget");
  const taskPrice = price(values["task-price"], "--task-price");
  const prices = {
    task: taskPrice,
    optimizer: values["optimizer-price"] === undefined ? taskPrice : price(values["optimizer-price"], "--optimizer-price"),
  };
  checkUnit(unit, prices, values["optimizer-dir"] ?? values["optimizer-record"]);
  const optimizerContext = ifGiven(values["optimizer-context"], "--optimizer-context");
  const optimizerMaxTokens = ifGiven(values["optimizer-max-tokens"], "--optimizer-max-tokens");
  if ((optimizerMaxTokens ?? 0) >= (optimizerContext ?? Number.POSITIVE_INFINITY))
    throw new Error(`Expected --optimizer-max-tokens to be below --optimizer-context, got ${optimizerMaxTokens}`);
  const task = { baseUrl: values["base-url"], model: values["task-model"], keyVariable: values["key-variable"] };
  return {
    level: oneOf(values.level, ["models", "replay"] as const, "--level"),
    out: resolve(values.out),
    cache: resolve(values.cache),
    replay: values.replay,
    record: values.record,
    publish: values.publish,
    hardware: values.hardware,
    options: tokens.flatMap((token) => {
      if (token.kind !== "option" || localOptions.includes(token.name)) return [];
      return token.value === undefined ? [`--${token.name}`] : [`--${token.name}`, token.value];
    }),
    tasks: distinct(list(values.tasks), "--tasks"),
    algorithms: distinct(list(values.algorithms), "--algorithms"),
    optimizers: values.optimizers === "" ? undefined : optimizersOf(values.optimizers),
    seeds: seedsOf(values.seeds),
    sizes: {
      train: whole(values.train, "--train"),
      validation: whole(values.validation, "--validation"),
      test: whole(values.test, "--test"),
    },
    budget,
    unit,
    prices,
    task,
    optimizer: {
      baseUrl: values["optimizer-base-url"] ?? task.baseUrl,
      model: values["optimizer-model"] ?? task.model,
      keyVariable: values["optimizer-key-variable"] ?? task.keyVariable,
    },
    optimizerDir: values["optimizer-dir"],
    optimizerRecord: values["optimizer-record"],
    optimizerMaxTokens,
    optimizerContext,
    replyFormat: oneOf(values["reply-format"], replyFormats, "--reply-format"),
    grammar: values.grammar,
    python: values.python,
    concurrency: whole(values.concurrency, "--concurrency"),
    heldOutThreads: 1,
    maxIterations: unit === "task-calls" ? Math.max(100, Math.ceil(budget)) : 10_000,
    callTimeoutMs: halfAnHour,
    originalTimeoutMs: 24 * 2 * halfAnHour,
    tensor: values.tensor,
    runs: whole(values.runs, "--runs"),
  };
}

/** A budget must count every call, or it is never spent. */
function checkUnit(unit: BudgetUnit, prices: Prices, unpriced: string | undefined): void {
  const free = (["task", "optimizer"] as const).find((role) => prices[role].input + prices[role].output === 0);
  if (unit === "dollars" && free !== undefined)
    throw new Error(`Expected --${free}-price INPUT,OUTPUT above 0 with --budget-unit dollars, got none`);
  if (["tokens", "dollars"].includes(unit) && unpriced !== undefined)
    throw new Error(
      `Expected --budget-unit task-calls or optimizer-calls with --optimizer-dir or --optimizer-record, got ${unit}`,
    );
}

/** `"5"` is the seeds 0 to 4, `"3,7"` are these. */
function seedsOf(text: string): number[] {
  if (text.includes(","))
    return distinct(
      list(text).map((seed) => whole(seed, "--seeds", 0)),
      "--seeds",
    );
  return Array.from({ length: whole(text, "--seeds") }, (_, seed) => seed);
}

function optimizersOf(text: string): OptimizerName[] {
  return distinct(list(text), "--optimizers").map((name) => oneOf(name, optimizerNames, "each of --optimizers"));
}

/** A cell that is there twice would count as two. */
function distinct<Item extends string | number>(items: Item[], flag: string): Item[] {
  const repeated = items.find((item, at) => items.indexOf(item) !== at);
  if (repeated !== undefined) throw new Error(`Expected each of ${flag} once, got ${repeated} more than once`);
  return items;
}

function list(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function whole(text: string, flag: string, least = 1): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`Expected ${flag} to be a whole number of at least ${least}, got ${text}`);
  return value;
}

function ifGiven(text: string | undefined, flag: string): number | undefined {
  return text === undefined ? undefined : whole(text, flag);
}

function positive(text: string, flag: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new Error(`Expected ${flag} to be a number above 0, got ${text}`);
  return value;
}

/** Dollars for a million tokens of input and of output. */
function price(text: string, flag: string): TokenPrice {
  const [input, output, ...more] = text.split(",").map(Number);
  if (more.length > 0 || input === undefined || output === undefined || !(input >= 0 && output >= 0)) {
    throw new Error(`Expected ${flag} to be INPUT,OUTPUT in dollars for a million tokens, got ${text}`);
  }
  return { input, output };
}

function oneOf<Name extends string>(text: string, names: readonly Name[], flag: string): Name {
  const found = names.find((name) => name === text);
  if (found === undefined) throw new Error(`Expected ${flag} to be one of ${names.join(", ")}, got ${text}`);
  return found;
}
