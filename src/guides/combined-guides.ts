/**
 * Guides made of others: `cascade`, where an expensive one is only asked if a cheap one does not decide, and `panel`, several judges of the same
 * answer.
 *
 * @module
 */
import { type Feedback, toFeedback } from "../data/feedback.ts";
import { describeValue, isPlainObject } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { besideScore, mean } from "../data/scores.ts";
import { InvalidArgumentError } from "../errors.ts";
import { atPosition } from "../graph/scope.ts";
import { Guide, type GuideContext, type GuideLike, scoreRangeOf, toGuide } from "./guide.ts";

/** Asks one of the parts about the answer. */
type AskPart = (name: string) => Promise<Feedback>;

/** How a combined guide makes one verdict of those of its parts. */
export interface Combination {
  /** What the scores depend on besides the parts. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly scoreRange?: readonly [lowest: number, highest: number] | undefined;
  readonly meaning?: string | undefined;
  readonly decide: (ask: AskPart) => Promise<Feedback>;
}

/** A guide made of others, by name. Each copy for a rollout has copies of its parts. */
export class CombinedGuide<X = unknown, Y = unknown, Info = unknown> extends Guide<X, Y, Info> {
  readonly parts: Readonly<Record<string, Guide<X, Y, Info>>>;
  readonly combination: Combination;
  override readonly scoreRange: readonly [lowest: number, highest: number] | undefined;
  override readonly meaning: string | undefined;

  constructor(parts: Readonly<Record<string, Guide<X, Y, Info>>>, combination: Combination) {
    super();
    this.parts = parts;
    this.combination = combination;
    this.scoreRange = combination.scoreRange;
    this.meaning = combination.meaning;
  }

  async getFeedback(question: X, answer: Y, info: Info, context?: GuideContext): Promise<Feedback> {
    const ask: AskPart = (name) => {
      const part = this.parts[name] as Guide<X, Y, Info>;
      // At a position of its own, so that model calls of parts that are asked concurrently are numbered by part and not by time.
      return atPosition(name, async () =>
        withinRange(name, part, toFeedback(await part.getFeedback(question, answer, info, context), `the guide "${name}"`)),
      );
    };
    return this.combination.decide(ask);
  }

  override identity(): Readonly<Record<string, unknown>> {
    return { ...this.combination.settings, parts: this.parts };
  }
}

/**
 * Guides by name.
 *
 * @throws InvalidArgumentError when there are none, a name is empty, or one is not a guide
 */
export function toParts<X, Y, Info>(
  given: Readonly<Record<string, GuideLike<X, Y, Info>>>,
  owner: string,
): Record<string, Guide<X, Y, Info>> {
  const entries = isPlainObject(given) ? Object.entries(given) : [];
  if (entries.length === 0 || entries.some(([name]) => name.trim() === "")) {
    throw new InvalidArgumentError(`Expected ${owner} to get guides by name, got ${describeValue(given)}`);
  }
  return Object.fromEntries(entries.map(([name, guide]) => [name, toGuide(guide as GuideLike<X, Y, Info>)]));
}

/** From the lowest to the highest score of all ranges; `undefined` when one is not known. */
function unionOfRanges(guides: readonly Guide<never, never, never>[]): readonly [lowest: number, highest: number] | undefined {
  const ranges = guides.map(scoreRangeOf);
  if (!ranges.every((range) => range !== undefined)) return undefined;
  return [Math.min(...ranges.map(([lowest]) => lowest)), Math.max(...ranges.map(([, highest]) => highest))];
}

/**
 * Asks all of the parts concurrently and waits for each, so that no call is left behind.
 *
 * @throws what the first of them in order that failed has thrown
 */
export async function askAll(ask: AskPart, names: readonly string[]): Promise<readonly NamedFeedback[]> {
  const outcomes = await Promise.allSettled(names.map(ask));
  return outcomes.map((outcome, index) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return { name: names[index] as string, ...outcome.value };
  });
}

/** The verdict of a part. */
export interface NamedFeedback extends Feedback {
  readonly name: string;
}

/** The score of each part under its name, and its own named scores under `name.own`. */
export function namedScores(verdicts: readonly NamedFeedback[]): Record<string, number> {
  return Object.fromEntries(
    verdicts.flatMap(({ name, score, scores = {} }) => [
      ...(score === null ? [] : [[name, score] as const]),
      ...Object.entries(scores).map(([own, value]) => [`${name}.${own}`, value] as const),
    ]),
  );
}

/** The words of the parts, each after its name and score. */
export function namedWords(verdicts: readonly NamedFeedback[]): string {
  return verdicts
    .map(({ name, score, feedback }) => {
      const head = `${name} (${score === null ? "not scored" : Number(score.toPrecision(6))})`;
      return feedback === "" ? head : `${head}: ${feedback}`;
    })
    .join("\n");
}

function withinRange(name: string, guide: Guide<never, never, never>, feedback: Feedback): Feedback {
  const range = scoreRangeOf(guide);
  const { score } = feedback;
  if (range === undefined || score === null || (score >= range[0] && score <= range[1])) return feedback;
  throw new InvalidArgumentError(
    `Expected the guide "${name}" to return a score from ${range[0]} to ${range[1]}, as its \`scoreRange\` says, got ${score}`,
  );
}

/** How a cascade decides. */
export interface CascadeOptions<X, Y, Info> {
  /** The guide that is asked about every answer. */
  readonly cheap: GuideLike<X, Y, Info>;
  /** The guide that is asked about some. */
  readonly expensive: GuideLike<X, Y, Info>;
  /**
   * About which: `"passed"` of answers that the cheap guide accepts (format first, then quality), `"failed"` of those that it does not (exact
   * match first, then a judge who may accept other words).
   */
  readonly askAbout: "passed" | "failed";
  /** The lowest score of the cheap guide that passes. @default 1 */
  readonly passScore?: number | undefined;
}

/**
 * A guide that asks a cheap guide about every answer, and an expensive one only about answers that pass the first (or only about those that
 * fail). Score and feedback are those of the guide that decided, so both should use the same scale.
 *
 * @throws InvalidArgumentError for an unknown option
 * @example
 * const guide = cascade({ cheap: exactMatch(), expensive: new LLMJudge(), askAbout: "failed" });
 */
export function cascade<X = unknown, Y = unknown, Info = unknown>(options: CascadeOptions<X, Y, Info>): Guide<X, Y, Info> {
  checkOptions(options, ["cheap", "expensive", "askAbout", "passScore"], "cascade");
  const { cheap, expensive, askAbout, passScore = 1 } = options;
  if (askAbout !== "passed" && askAbout !== "failed") {
    throw new InvalidArgumentError(`Expected \`askAbout\` of cascade to be "passed" or "failed", got ${describeValue(askAbout)}`);
  }
  if (!Number.isFinite(passScore)) {
    throw new InvalidArgumentError(`Expected \`passScore\` of cascade to be a number, got ${describeValue(passScore)}`);
  }
  const parts = toParts({ cheap, expensive }, "cascade");
  const decide = async (ask: AskPart): Promise<Feedback> => {
    const first = await ask("cheap");
    // What the cheap guide cannot score is for the other one.
    const isDecided = first.score !== null && first.score >= passScore !== (askAbout === "passed");
    return isDecided ? first : ask("expensive");
  };
  const guides = Object.values(parts);
  const { meaning } = parts.expensive as Guide<X, Y, Info>;
  return new CombinedGuide(parts, { settings: { askAbout, passScore }, scoreRange: unionOfRanges(guides), meaning, decide });
}

/** How a panel agrees on a score. */
export interface PanelOptions {
  /**
   * `"majority"` is the score that most judges give, for scores like 0 and 1; of several the median. @default "mean"
   */
  readonly by?: "mean" | "median" | "majority" | undefined;
}

/**
 * A guide that asks several judges about each answer, concurrently, and scores it by their mean, median, or majority. The scores of all judges
 * are also metrics, and so is `disagreement`, the difference between the highest and the lowest. Judges that cannot score the answer are left
 * out; if that is half of them or more, the answer is unscored.
 *
 * @param judges by name; all should use the same scale
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
    return { score: rules[by](own), feedback, scores: besideScore({ ...namedScores(verdicts), disagreement }) };
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
