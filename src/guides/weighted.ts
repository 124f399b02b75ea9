/**
 * `weighted`: the weighted mean of several guides.
 *
 * @module
 */
import type { Feedback } from "../data/feedback.ts";
import { describeValue, isPlainObject } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import { askAll, CombinedGuide, namedScores, namedWords, toParts } from "./combined-guide.ts";
import { Guide, type GuideLike, scoreRangeOf } from "./guide.ts";

/** A guide with its weight. */
export interface WeightedGuide<X, Y, Info> {
  readonly guide: GuideLike<X, Y, Info>;
  /** Its share of the score in proportion to the other weights; 0 only reports its score by name. @default 1 */
  readonly weight?: number | undefined;
}

/**
 * A guide whose score is the weighted mean of the scores of others. Each of these is also among the named scores, so that an objective can
 * weigh or bound it. An answer that one of them with a weight cannot score has no score.
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
    return { score, feedback: namedWords(verdicts), scores };
  };
  const shares = counted.map((name) => `${Math.round(((weights[name] as number) / sum) * 100)}% ${name}`);
  const meaning = `a weighted mean of ${shares.join(", ")}`;
  return new CombinedGuide(parts, { settings: { weights }, scoreRange, meaning, decide });
}

function isWeighted<X, Y, Info>(part: GuideLike<X, Y, Info> | WeightedGuide<X, Y, Info>): part is WeightedGuide<X, Y, Info> {
  return typeof part === "object" && part !== null && !(part instanceof Guide) && "guide" in part;
}
