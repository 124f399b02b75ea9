/**
 * `fromScorer`: a scorer of another library as a guide.
 *
 * @module
 */

import type { Feedback } from "../data/feedback.ts";
import { toFeedback } from "../data/feedback.ts";
import { describeValue, isPlainObject, textOf } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import { type Guide, toGuide } from "./guide.ts";

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
 * A guide around a scorer of autoevals, evalite, Mastra, or any other that takes `{ input, output, expected }` and gives a
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
  const score = functionOf(scorer);
  return toGuide(async (question: X, answer: Y, info: Info) => {
    const example = { input: question, output: answer, expected: info, groundTruth: info };
    return readResult(await score(arrange === undefined ? (example as Input) : arrange(example)));
  });
}

function functionOf<Input>(scorer: Scorer<Input>): (input: Input) => unknown {
  if (typeof scorer === "function") return scorer;
  if (typeof scorer === "object" && scorer !== null) {
    if ("run" in scorer && typeof scorer.run === "function") return (input) => scorer.run(input);
    if ("scorer" in scorer && typeof scorer.scorer === "function") return (input) => scorer.scorer(input);
  }
  throw new InvalidArgumentError(
    `Expected a scorer to be a function or an object with \`run\` or \`scorer\`, got ${describeValue(scorer)}`,
  );
}

function readResult(result: unknown): Feedback {
  if (typeof result !== "object" || result === null || !("score" in result)) return toFeedback(result, "the scorer");
  return toFeedback({ score: result.score, feedback: wordsOf(result) }, "the scorer");
}

function wordsOf(result: object): string {
  const { reason, rationale, feedback, metadata } = result as Readonly<Record<string, unknown>>;
  const said = [reason, rationale, feedback].find((words) => typeof words === "string" && words !== "");
  if (typeof said === "string") return said;
  if (metadata === undefined || metadata === null) return "";
  if (!isPlainObject(metadata)) return textOf(metadata);
  return wordsOf({ ...metadata, metadata: undefined }) || (Object.keys(metadata).length === 0 ? "" : textOf(metadata));
}
