/**
 * `weighted`: the weighted mean of several guides; and `rubric`: that of a list of criteria, each judged on its own by a language model.
 *
 * @module
 */
import type { Feedback } from "../data/feedback.ts";
import { describeValue, isPlainObject } from "../data/json.ts";
import type { OptionTable } from "../data/option-table.ts";
import { checkOptions, checkTable } from "../data/options.ts";
import { besideScore } from "../data/scores.ts";
import { InvalidArgumentError } from "../errors.ts";
import { askAll, CombinedGuide, namedScores, namedWords, toParts } from "./combined-guides.ts";
import { Guide, type GuideLike, scoreRangeOf } from "./guide.ts";
import { judgeTable, LLMJudge, type LLMJudgeOptions } from "./llm-judge.ts";

/** A guide with its weight. */
export interface WeightedGuide<X, Y, Info> {
  readonly guide: GuideLike<X, Y, Info>;
  /** Its share of the score in proportion to the other weights; 0 only reports its score by name. @default 1 */
  readonly weight?: number | undefined;
}

/**
 * A guide whose score is the weighted mean of the scores of other guides. Each of their scores is also a metric, so that an objective can weigh
 * or bound it. If any guide with a weight above 0 cannot score an answer, the answer is unscored.
 *
 * @param guides by name; a guide alone has the weight 1
 * @throws InvalidArgumentError when there is no guide, or no weight above 0
 * @example
 * const guide = weighted({ correct: { guide: new LLMJudge(), weight: 3 }, short: (question, answer) => answer.length < 200 });
 */
export function weighted<X = unknown, Y = unknown, Info = unknown>(
  guides: Readonly<Record<string, GuideLike<X, Y, Info> | WeightedGuide<X, Y, Info>>>,
): Guide<X, Y, Info> {
  const entries = isPlainObject(guides) ? Object.entries(guides) : [];
  const given = entries.map(([name, part]) => [name, isWeighted(part) ? part : { guide: part }] as const);
  const weights = Object.fromEntries(given.map(([name, { weight = 1 }]) => [name, weight]));
  const parts = toParts(Object.fromEntries(given.map(([name, { guide }]) => [name, guide])), "weighted");
  const names = Object.keys(parts);
  for (const [name, weight] of Object.entries(weights)) {
    if (typeof weight === "number" && weight >= 0 && Number.isFinite(weight)) continue;
    throw new InvalidArgumentError(`Expected the weight of "${name}" to be a number from 0, got ${describeValue(weight)}`);
  }
  const sum = Object.values(weights).reduce((left, right) => left + right, 0);
  if (sum === 0) throw new InvalidArgumentError(`Expected at least one weight above 0, got ${describeValue(weights)}`);
  const counted = names.filter((name) => (weights[name] as number) > 0);
  const meanOf = (scoreOf: (name: string) => number): number =>
    counted.reduce((total, name) => total + ((weights[name] as number) / sum) * scoreOf(name), 0);
  const ranges = Object.fromEntries(counted.map((name) => [name, scoreRangeOf(parts[name] as Guide<never, never, never>)]));
  const isBounded = Object.values(ranges).every((range) => range !== undefined);
  const bound = (end: 0 | 1): number => meanOf((name) => (ranges[name] as readonly [number, number])[end]);
  const scoreRange = isBounded ? ([bound(0), bound(1)] as const) : undefined;
  const decide = async (ask: (name: string) => Promise<Feedback>): Promise<Feedback> => {
    const verdicts = await askAll(ask, names);
    const scores = namedScores(verdicts);
    const isScored = counted.every((name) => Object.hasOwn(scores, name));
    const mean = isScored ? meanOf((name) => scores[name] as number) : null;
    const score = mean === null || scoreRange === undefined ? mean : Math.min(scoreRange[1], Math.max(scoreRange[0], mean));
    return { score, feedback: namedWords(verdicts), scores: besideScore(scores) };
  };
  const shares = counted.map((name) => `${Math.round(((weights[name] as number) / sum) * 100)}% ${name}`);
  const meaning = `a weighted mean of ${shares.join(", ")}`;
  return new CombinedGuide(parts, { settings: { weights }, scoreRange, meaning, decide });
}

function isWeighted<X, Y, Info>(part: GuideLike<X, Y, Info> | WeightedGuide<X, Y, Info>): part is WeightedGuide<X, Y, Info> {
  return typeof part === "object" && part !== null && !(part instanceof Guide) && "guide" in part;
}

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
 * A guide that has a language model judge each item of a list in a separate call, and scores their weighted mean. The scores of the items are
 * also metrics.
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
