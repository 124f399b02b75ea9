/**
 * `exactMatch`: a guide that compares the answer with the reference.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { Feedback } from "../data/feedback.ts";
import { isPlainObject } from "../data/json.ts";
import { functionLike, type OptionTable, someText, trueOrFalse } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { FunctionGuide, type Guide } from "./guide.ts";
import { comparable, referenceIn, shown } from "./reference.ts";

/** What a comparison found. */
export interface Match {
  readonly isMatch: boolean;
  readonly expected: unknown;
  readonly answer: unknown;
}

/** How `exactMatch` compares. */
export interface ExactMatchOptions {
  /** Upper and lower case are the same. @default false */
  readonly ignoreCase?: boolean | undefined;
  /** White space around a text does not count. @default true */
  readonly trim?: boolean | undefined;
  /** The reference is this field of what the dataset says about the example. @default all of it */
  readonly field?: string | undefined;
  /** Words for the optimizer. @default whether it is right, and if not what was expected and what came */
  readonly feedback?: ((match: Match) => string) | undefined;
}

/** How `exactMatch` compares. */
export const exactMatchTable: OptionTable<ExactMatchOptions> = {
  ignoreCase: { ...trueOrFalse, default: false, about: "treats upper and lower case as the same" },
  trim: { ...trueOrFalse, default: true, about: "ignores whitespace around texts" },
  field: { ...someText, otherwise: "all of `info`", about: "compares with this field of `info`" },
  feedback: {
    ...functionLike("({ isMatch, expected, answer }) => string"),
    otherwise: "`Correct.`, or `Incorrect. Expected …, got ….`",
    about: "a function `({ isMatch, expected, answer }) => string`",
  },
};

/**
 * A guide that scores 1 for an answer that equals the reference, else 0. Objects and lists are compared by their contents; a text equals a
 * number that reads the same.
 *
 * @example
 * await new MinibatchAlgorithm(agent, optimizer).train(exactMatch({ ignoreCase: true }), dataset);
 */
export function exactMatch(options: ExactMatchOptions = {}): Guide<unknown, unknown, unknown> {
  checkTable(options, exactMatchTable, "exactMatch");
  const { ignoreCase = false, trim = true, field, feedback = wordsFor } = options;
  const normal = (text: string): string => {
    const plain = comparable(text, ignoreCase);
    return trim ? plain.trim() : plain;
  };
  const judge = (_question: unknown, answer: unknown, info: unknown): Feedback => {
    const expected = referenceIn(info, field);
    const isMatch = equal(answer, expected, normal);
    return { score: isMatch ? 1 : 0, feedback: feedback({ isMatch, expected, answer }) };
  };
  return new FunctionGuide(Object.assign(judge, { scoreRange: [0, 1] as const }), { ignoreCase, trim, field, feedback });
}

function equal(answer: unknown, expected: unknown, normal: (text: string) => string): boolean {
  // Rows of a file hold numbers, models answer in text, and the other way round.
  if (isScalar(answer) && isScalar(expected)) return normal(String(answer)) === normal(String(expected));
  return isDeepStrictEqual(normalized(answer, normal), normalized(expected, normal));
}

function isScalar(value: unknown): value is string | number | boolean | bigint {
  return ["string", "number", "boolean", "bigint"].includes(typeof value);
}

function normalized(value: unknown, normal: (text: string) => string): unknown {
  if (typeof value === "string") return normal(value);
  if (Array.isArray(value)) return value.map((inner) => normalized(inner, normal));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, normalized(inner, normal)]));
}

function wordsFor({ isMatch, expected, answer }: Match): string {
  return isMatch ? "Correct." : `Incorrect. Expected ${shown(expected)}, got ${shown(answer)}.`;
}
