/**
 * `panel`: several judges of the same answer, and how far they agree.
 *
 * @module
 */
import type { Feedback } from "../data/feedback.ts";
import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { mean } from "../data/scores.ts";
import { InvalidArgumentError } from "../errors.ts";
import { type AskPart, askAll, CombinedGuide, namedScores, namedWords, toParts, unionOfRanges } from "./combined-guide.ts";
import type { Guide, GuideLike } from "./guide.ts";

/** How a panel agrees on a score. */
export interface PanelOptions {
  /**
   * `"majority"` is the score that most judges give, for scores like 0 and 1; of several the median. @default "mean"
   */
  readonly by?: "mean" | "median" | "majority" | undefined;
}

/**
 * A guide that asks several judges about each answer, concurrently, and scores it by their mean, median, or majority. The scores of all judges
 * are among the named scores, with `disagreement`: the difference between the highest and the lowest. Judges who cannot score the answer
 * do not count, unless they are half or more.
 *
 * @param judges by name; they should have one scale
 * @throws InvalidArgumentError for fewer than two judges
 * @example
 * const guide = panel({ mini: new LLMJudge({ model: "openai/gpt-5-mini" }), haiku: new LLMJudge({ model: "anthropic/claude-haiku-4-5" }) });
 */
export function panel<X = unknown, Y = unknown, Info = unknown>(
  judges: Readonly<Record<string, GuideLike<X, Y, Info>>>,
  options: PanelOptions = {},
): Guide<X, Y, Info> {
  checkOptions(options, ["by"], "panel");
  const { by = "mean" } = options;
  if (!Object.hasOwn(rules, by)) {
    throw new InvalidArgumentError(`Expected \`by\` of panel to be "mean", "median" or "majority", got ${describeValue(by)}`);
  }
  const parts = toParts(judges, "panel");
  const names = Object.keys(parts);
  if (names.length < 2) throw new InvalidArgumentError(`Expected panel to get at least two judges, got ${names.length}`);
  if (names.includes("disagreement")) throw new InvalidArgumentError('A judge of a panel cannot be named "disagreement"');
  const decide = async (ask: AskPart): Promise<Feedback> => {
    const verdicts = await askAll(ask, names);
    const own = verdicts.flatMap(({ score }) => (score === null ? [] : [score])).sort((a, b) => a - b);
    const feedback = namedWords(verdicts);
    if (own.length * 2 <= names.length) return { score: null, feedback };
    const disagreement = (own.at(-1) as number) - (own[0] as number);
    return { score: rules[by](own), feedback, scores: { ...namedScores(verdicts), disagreement } };
  };
  return new CombinedGuide(parts, { settings: { by }, scoreRange: unionOfRanges(Object.values(parts)), decide });
}

/** From scores in rising order to one. */
const rules: Readonly<Record<"mean" | "median" | "majority", (scores: readonly number[]) => number>> = {
  mean: (scores) => mean(scores) as number,
  median: medianOf,
  majority: (scores) => {
    const counts = new Map<number, number>();
    for (const score of scores) counts.set(score, (counts.get(score) ?? 0) + 1);
    const most = Math.max(...counts.values());
    return medianOf([...counts].filter(([, count]) => count === most).map(([score]) => score));
  },
};

function medianOf(scores: readonly number[]): number {
  const middle = Math.floor(scores.length / 2);
  const upper = scores[middle] as number;
  return scores.length % 2 === 1 ? upper : ((scores[middle - 1] as number) + upper) / 2;
}
