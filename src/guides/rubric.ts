/**
 * `rubric`: a list of criteria, each judged on its own by a language model.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import type { OptionTable } from "../data/option-table.ts";
import { checkOptions, checkTable } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Guide } from "./guide.ts";
import { judgeTable, LLMJudge, type LLMJudgeOptions } from "./llm-judge.ts";
import { weighted } from "./weighted.ts";

/** One line of a rubric. */
export interface RubricItem {
  /** The name of its score. */
  readonly name: string;
  /** What is judged: "States the price in euros." */
  readonly criteria: string;
  /** @default 1 */
  readonly weight?: number | undefined;
}

/**
 * A guide that has a language model judge each item of a list on its own, a call each, and scores their weighted mean. The scores of the items are
 * among the named scores.
 *
 * @param options of the judges; `criteria` precede those of every item
 * @throws InvalidArgumentError when there is no item, or two have one name
 * @example
 * const guide = rubric([
 *   { name: "correct", criteria: "Agrees with the reference.", weight: 3 },
 *   { name: "polite", criteria: "Greets the customer by name." },
 * ]);
 */
export function rubric<X = unknown, Y = unknown, Info = unknown>(
  items: readonly RubricItem[],
  options: LLMJudgeOptions<X, Info> = {},
): Guide<X, Y, Info> {
  checkTable(options, judgeTable as OptionTable<LLMJudgeOptions<X, Info>>, "rubric");
  if (!Array.isArray(items) || items.length === 0) {
    throw new InvalidArgumentError(`Expected a rubric to be a list of items, got ${describeValue(items)}`);
  }
  const parts = new Map<string, { guide: LLMJudge<X, Y, Info>; weight: number | undefined }>();
  for (const item of items as readonly RubricItem[]) {
    checkItem(item);
    const { name, criteria, weight } = item;
    if (parts.has(name)) throw new InvalidArgumentError(`Two items of the rubric are named "${name}"`);
    const all = options.criteria === undefined ? criteria : `${options.criteria}\n${criteria}`;
    parts.set(name, { guide: new LLMJudge({ ...options, criteria: all }), weight });
  }
  return weighted(Object.fromEntries(parts));
}

function checkItem(item: unknown): void {
  checkOptions(item as object, ["name", "criteria", "weight"], "an item of a rubric");
  const { name, criteria } = item as Partial<RubricItem>;
  if (typeof name === "string" && name.trim() !== "" && typeof criteria === "string" && criteria.trim() !== "") return;
  throw new InvalidArgumentError(`Expected an item of a rubric to be { name, criteria }, got ${describeValue(item)}`);
}
