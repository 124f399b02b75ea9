/**
 * `regexMatch`: a guide that looks for a pattern in the answer.
 *
 * @module
 */
import type { Feedback } from "../data/feedback.ts";
import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { FunctionGuide, type Guide } from "./guide.ts";
import { answerText, type ReferenceOptions, referenceText, shown } from "./reference.ts";

/** How `regexMatch` looks. */
export interface RegexMatchOptions extends ReferenceOptions {
  /** What the answer must match. @default the reference of the example, as the source of a regular expression */
  readonly pattern?: RegExp | string | undefined;
  /** Flags of patterns that are given as text. @default "u" */
  readonly flags?: string | undefined;
  /** Scores 1 for an answer that does not match. @default false */
  readonly forbid?: boolean | undefined;
  /** What the pattern stands for, for the feedback: "a date like 2026-11-27". @default the pattern itself */
  readonly description?: string | undefined;
}

/**
 * A guide that scores 1 for an answer in which the pattern is found, else 0.
 *
 * @throws InvalidArgumentError for an invalid pattern
 * @example
 * const guide = regexMatch({ pattern: /^\d{4}-\d{2}-\d{2}$/, description: "a date like 2026-11-27" });
 */
export function regexMatch(options: RegexMatchOptions = {}): Guide<unknown, unknown, unknown> {
  checkOptions(options, ["pattern", "flags", "forbid", "description", "field"], "regexMatch");
  const { pattern, flags = "u", forbid = false, description, field } = options;
  const own = pattern === undefined ? undefined : compiled(pattern, flags);
  const judge = (_question: unknown, answer: unknown, info: unknown): Feedback => {
    const expression = own ?? compiled(referenceText(info, field), flags);
    const text = answerText(answer);
    const found = expression.exec(text);
    if ((found !== null) !== forbid) return { score: 1, feedback: "Correct." };
    const what = description ?? `something that matches ${expression}`;
    const wish = forbid ? `Expected an answer without ${what}` : `Expected ${what}`;
    const came = found === null ? `got ${shown(text)}` : `got ${shown(found[0], 200)} in ${shown(text)}`;
    return { score: 0, feedback: `${wish}, ${came}.` };
  };
  const settings = { pattern: own === undefined ? undefined : String(own), flags, forbid, description, field };
  return new FunctionGuide(Object.assign(judge, { scoreRange: [0, 1] as const }), settings);
}

/** Without the flags that make an expression remember where it was. */
function compiled(pattern: RegExp | string, flags: string): RegExp {
  try {
    if (pattern instanceof RegExp) return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
    return new RegExp(pattern, flags.replace(/[gy]/g, ""));
  } catch (cause) {
    throw new InvalidArgumentError(`Expected a regular expression, got ${describeValue(pattern)}: ${(cause as Error).message}`, {
      cause,
    });
  }
}
