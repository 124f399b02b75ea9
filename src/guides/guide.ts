/**
 * The contract of guides: what scores an answer and says why.
 *
 * @module
 */

import { type Feedback, type FeedbackLike, toFeedback } from "../data/feedback.ts";
import { describeValue, isClass } from "../data/json.ts";
import { after, type MaybePromise, recovered, returned } from "../data/maybe-promise.ts";
import { InvalidArgumentError } from "../errors.ts";
import { cloneModule, markCloneable } from "../graph/clone.ts";
import { isHandled } from "../graph/handle.ts";

/** What a guide receives besides the example. */
export interface GuideContext {
  /** Aborts the scoring. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Scores an answer and explains what was good or bad about it.
 *
 * @typeParam X the question, `Y` the answer, `Info` what the dataset says about the example (a reference answer, say)
 */
export abstract class Guide<X = unknown, Y = unknown, Info = unknown> {
  static {
    markCloneable(Guide);
  }

  /**
   * The lowest and the highest score that this guide ever returns, if they exist. Searches then skip evaluations that
   * cannot change what they choose. A score outside it stops the run.
   */
  declare readonly scoreRange?: readonly [lowest: number, highest: number] | undefined;

  /**
   * What a score means, for optimizers that ask a language model: `"the share of the expected names that the answer has"`. Part of a
   * sentence, without a full stop.
   */
  declare readonly meaning?: string | undefined;

  /** The score (higher is better) and the feedback for one answer. A throw is a bug in the guide and stops the run. */
  abstract getFeedback(question: X, answer: Y, info: Info, context?: GuideContext): Feedback | Promise<Feedback>;

  /** The score alone: what evaluation asks for. Override it when the explanation is costly. */
  async metric(question: X, answer: Y, info: Info, context?: GuideContext): Promise<number | null> {
    return (await this.getFeedback(question, answer, info, context)).score;
  }

  /**
   * What determines the scores besides the code of the guide. A run that is resumed after a change warns of it and measures again.
   * Functions count by their source, models by their names.
   *
   * @default the fields of the guide, without its `meaning`
   */
  identity(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(Object.entries(this).filter(([name]) => name !== "meaning"));
  }

  /** A copy for one rollout, by the rules of `Module.clone`. */
  clone(): this {
    return cloneModule(this);
  }
}

/**
 * A guide as a plain function; a number or boolean is a score without an explanation. It declares its `scoreRange` and `meaning` as
 * properties: `Object.assign((question, answer, info) => …, { scoreRange: [0, 1] })`.
 */
export type GuideFunction<X, Y, Info> = {
  (question: X, answer: Y, info: Info, context?: GuideContext): FeedbackLike | Promise<FeedbackLike>;
  readonly scoreRange?: readonly [lowest: number, highest: number] | undefined;
  readonly meaning?: string | undefined;
};

/** What is accepted wherever a guide is. */
export type GuideLike<X = unknown, Y = unknown, Info = unknown> = Guide<X, Y, Info> | GuideFunction<X, Y, Info>;

/**
 * The guide itself, or one around a plain function.
 *
 * @throws InvalidArgumentError for anything else
 */
export function toGuide<X, Y, Info>(guide: GuideLike<X, Y, Info>): Guide<X, Y, Info> {
  if (guide instanceof Guide) return guide;
  if (typeof guide === "function" && !isClass(guide)) return new FunctionGuide(guide);
  const hint = isClass(guide) ? `. Pass an instance of it: new ${(guide as { readonly name: string }).name}()` : "";
  throw new InvalidArgumentError(
    `Expected a guide to be a Guide or a function (question, answer, info) => score or feedback, got ${describeValue(guide)}${hint}`,
  );
}

/**
 * The range that a guide declares.
 *
 * @throws InvalidArgumentError when it is none
 */
export function scoreRangeOf({ scoreRange }: Guide<never, never, never>): readonly [lowest: number, highest: number] | undefined {
  if (scoreRange === undefined) return undefined;
  const [lowest, highest] = Array.isArray(scoreRange) ? (scoreRange as readonly unknown[]) : [];
  if (Number.isFinite(lowest) && Number.isFinite(highest) && (lowest as number) <= (highest as number)) return scoreRange;
  throw new InvalidArgumentError(
    `Expected the \`scoreRange\` of a guide to be [lowest, highest], got ${describeValue(scoreRange)}`,
  );
}

/** A guide around a plain function. */
export class FunctionGuide<X, Y, Info> extends Guide<X, Y, Info> {
  readonly judge: GuideFunction<X, Y, Info>;
  override readonly scoreRange: readonly [lowest: number, highest: number] | undefined;
  override readonly meaning: string | undefined;
  readonly declared: Readonly<Record<string, unknown>>;

  /** @param settings what tells it from other guides around such a function, where the source of the function does not */
  constructor(judge: GuideFunction<X, Y, Info>, settings: Readonly<Record<string, unknown>> = { judge }) {
    super();
    this.judge = judge;
    this.scoreRange = judge.scoreRange;
    this.meaning = judge.meaning;
    this.declared = Object.freeze(settings);
  }

  override identity(): Readonly<Record<string, unknown>> {
    return this.declared;
  }

  /** What the function leaves to itself is no state of the guide: there is nothing to copy. */
  override clone(): this {
    const isOwn: boolean = this.constructor === FunctionGuide;
    return isOwn && !isHandled(this.judge) ? this : super.clone();
  }

  getFeedback(question: X, answer: Y, info: Info, context?: GuideContext): MaybePromise<Feedback> {
    const judged = (): MaybePromise<Feedback> => {
      return after(returned(this.judge(question, answer, info, context)), (said) => toFeedback(said));
    };
    // Whoever takes a promise gets the error by it, too.
    return recovered(judged, (error) => Promise.reject(error));
  }
}
