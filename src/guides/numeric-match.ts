/**
 * `numericMatch`: a guide that compares numbers within a tolerance.
 *
 * @module
 */
import type { Feedback } from "../data/feedback.ts";
import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { FunctionGuide, type Guide } from "./guide.ts";
import { answerText, type ReferenceOptions, referenceIn, shown } from "./reference.ts";

/** How `numericMatch` compares. */
export interface NumericMatchOptions extends ReferenceOptions {
  /** The largest difference that is still right, in the unit of the reference. @default 0 */
  readonly tolerance?: number | undefined;
  /** The same as a share of the reference: 0.01 is one percent. The larger of the two counts. @default 0 */
  readonly relativeTolerance?: number | undefined;
  /** Which number counts in an answer that is a text with several. `"only"`: the whole answer must be a number. @default "last" */
  readonly find?: "first" | "last" | "only" | undefined;
}

/**
 * A guide that scores 1 for an answer whose number is close enough to the reference, else 0. Thousands separators (`1,234.5`), currency
 * symbols and words around the number are ignored.
 *
 * @throws InvalidArgumentError for a negative tolerance
 * @example
 * const guide = numericMatch({ relativeTolerance: 0.01 });
 */
export function numericMatch(options: NumericMatchOptions = {}): Guide<unknown, unknown, unknown> {
  checkOptions(options, ["tolerance", "relativeTolerance", "find", "field"], "numericMatch");
  const { tolerance = 0, relativeTolerance = 0, find = "last", field } = options;
  for (const [name, value] of Object.entries({ tolerance, relativeTolerance })) {
    if (typeof value === "number" && value >= 0 && Number.isFinite(value)) continue;
    throw new InvalidArgumentError(`Expected \`${name}\` of numericMatch to be a number from 0, got ${describeValue(value)}`);
  }
  if (!["first", "last", "only"].includes(find)) {
    throw new InvalidArgumentError(
      `Expected \`find\` of numericMatch to be "first", "last" or "only", got ${describeValue(find)}`,
    );
  }
  const judge = (_question: unknown, answer: unknown, info: unknown): Feedback => {
    const expected = referenceNumber(referenceIn(info, field));
    const got = numberIn(answer, find);
    const allowed = Math.max(tolerance, relativeTolerance * Math.abs(expected));
    const wanted = allowed === 0 ? `${expected}` : `${expected} (±${Number(allowed.toPrecision(6))})`;
    if (got === undefined) return { score: 0, feedback: `Expected the number ${wanted}, got no number: ${shown(answer)}.` };
    const difference = Math.abs(got - expected);
    // A share of a decimal fraction is rarely exact.
    const isClose = difference <= allowed + Number.EPSILON * 4 * Math.max(Math.abs(got), Math.abs(expected));
    if (isClose) return { score: 1, feedback: "Correct." };
    const direction = got > expected ? "too high" : "too low";
    const said = typeof answer === "number" ? "" : `, read from ${shown(answer)}`;
    return {
      score: 0,
      feedback: `Expected the number ${wanted}, got ${got}, which is ${Number(difference.toPrecision(6))} ${direction}${said}.`,
    };
  };
  const settings = { tolerance, relativeTolerance, find, field };
  return new FunctionGuide(Object.assign(judge, { scoreRange: [0, 1] as const }), settings);
}

const numbers = /(?<![\p{L}\d_])[-+\u2212]?(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?/giu;

function numberIn(answer: unknown, find: "first" | "last" | "only"): number | undefined {
  if (typeof answer === "number") return Number.isFinite(answer) ? answer : undefined;
  const text = answerText(answer).trim();
  const found = text.match(numbers) ?? [];
  if (find === "only" && (found.length !== 1 || found[0] !== text)) return undefined;
  const one = find === "last" ? found.at(-1) : found[0];
  const number = Number(one?.replaceAll(",", "").replace("\u2212", "-"));
  // What is too large for a number would be infinitely close to everything.
  return Number.isFinite(number) ? number : undefined;
}

function referenceNumber(reference: unknown): number {
  const number = typeof reference === "string" ? numberIn(reference, "only") : reference;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw new InvalidArgumentError(`Expected the reference of the example to be a number, got ${describeValue(reference)}`);
}
