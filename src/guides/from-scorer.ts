/**
 * `fromScorer`: a scorer of another library as a guide.
 *
 * @module
 */

import { type Feedback, toFeedback } from "../data/feedback.ts";
import { describeValue } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import { FunctionGuide, type Guide } from "./guide.ts";

/** What a scorer is given, by the names that the libraries use. */
export interface ScorerInput<X = unknown, Y = unknown, Info = unknown> {
  /** The question. */
  readonly input: X;
  /** The answer. */
  readonly output: Y;
  /** What the dataset says about the example, as autoevals and evalite call it. */
  readonly expected: Info;
  /** The same, as Mastra calls it. */
  readonly groundTruth: Info;
}

/** A scorer: a function (autoevals, evalite) or an object that runs (Mastra) or holds one (evalite). */
export type Scorer<Input = ScorerInput> =
  | ((input: Input) => unknown)
  | {
      /** Scores one example. */
      readonly run: (input: Input) => unknown;
    }
  | {
      /** Scores one example. */
      readonly scorer: (input: Input) => unknown;
    };

/**
 * A guide around a scorer of autoevals, evalite, Mastra, or any other that takes `{ input, output, expected }` and returns a
 * number or `{ score }` with words in `reason`, `rationale`, `feedback` or `metadata`. A score of `null` means unscored.
 *
 * @param arrange what the scorer is given, where it wants something else
 * @example
 * import { Levenshtein } from "autoevals";
 * const guide = fromScorer(Levenshtein);
 */
export function fromScorer<X = unknown, Y = unknown, Info = unknown, Input = ScorerInput<X, Y, Info>>(
  scorer: Scorer<Input>,
  arrange?: (example: ScorerInput<X, Y, Info>) => Input,
): Guide<X, Y, Info> {
  const own = ownFunction(scorer);
  const score = (input: Input): unknown => Reflect.apply(own, scorer, [input]);
  const judge = async (question: X, answer: Y, info: Info): Promise<Feedback> => {
    const example = { input: question, output: answer, expected: info, groundTruth: info };
    return toFeedback(await score(arrange === undefined ? (example as Input) : arrange(example)), "the scorer", {
      allowsOthers: true,
    });
  };
  return new FunctionGuide(judge, { scorer: own, arrange });
}

/** The function that scores: the scorer itself, or its method. */
function ownFunction<Input>(scorer: Scorer<Input>): (input: Input) => unknown {
  if (typeof scorer === "function") return scorer;
  if (typeof scorer === "object" && scorer !== null) {
    if ("run" in scorer && typeof scorer.run === "function") return scorer.run;
    if ("scorer" in scorer && typeof scorer.scorer === "function") return scorer.scorer;
  }
  throw new InvalidArgumentError(
    `Expected a scorer to be a function or an object with \`run\` or \`scorer\`, got ${describeValue(scorer)}`,
  );
}
