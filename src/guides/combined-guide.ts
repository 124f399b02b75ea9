/**
 * `CombinedGuide`: a guide made of others.
 *
 * @module
 */
import { type Feedback, toFeedback } from "../data/feedback.ts";
import { describeValue, isPlainObject } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import { atPosition } from "../graph/scope.ts";
import { Guide, type GuideContext, type GuideLike, scoreRangeOf, toGuide } from "./guide.ts";

/** Asks one of the parts about the answer. */
export type AskPart = (name: string) => Promise<Feedback>;

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
export function unionOfRanges(
  guides: readonly Guide<never, never, never>[],
): readonly [lowest: number, highest: number] | undefined {
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
    `Expected a score from ${range[0]} to ${range[1]} of the guide "${name}", as its \`scoreRange\` says, got ${score}`,
  );
}
