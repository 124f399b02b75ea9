/**
 * Guides that look into the answer: `contains` for texts, `regexMatch` for a pattern.
 *
 * @module
 */
import type { Feedback } from "../data/feedback.ts";
import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { FunctionGuide, type Guide } from "./guide.ts";
import {
  answerText,
  comparable,
  listed,
  type ReferenceOptions,
  referenceIn,
  referenceText,
  shown,
  type TextOptions,
} from "./reference.ts";

/** How `contains` looks. */
export interface ContainsOptions extends TextOptions {
  /** One text, or several. @default the reference of the example: a text or a list of texts */
  readonly texts?: string | readonly string[] | undefined;
  /**
   * `"all"`: the score is the share of the texts that occur. `"any"`: 1 when at least one occurs. `"none"`: the share of the texts that
   * do not occur. @default "all"
   */
  readonly mode?: "all" | "any" | "none" | undefined;
}

/**
 * A guide that scores which texts occur in the answer, from 0 to 1.
 *
 * @throws InvalidArgumentError for an unknown mode, or no text
 * @example
 * const guide = contains({ texts: ["I cannot", "As an AI"], mode: "none", ignoreCase: true });
 */
export function contains(options: ContainsOptions = {}): Guide<unknown, unknown, unknown> {
  checkOptions(options, ["texts", "mode", "ignoreCase", "field"], "contains");
  const { texts, mode = "all", ignoreCase = false, field } = options;
  if (!["all", "any", "none"].includes(mode)) {
    throw new InvalidArgumentError(`Expected \`mode\` of contains to be "all", "any" or "none", got ${describeValue(mode)}`);
  }
  const own = texts === undefined ? undefined : toTexts(texts, "`texts` of contains");
  const judge = (_question: unknown, answer: unknown, info: unknown): Feedback => {
    const wanted = own ?? toTexts(referenceIn(info, field), "the reference of the example");
    const text = answerText(answer);
    const searched = comparable(text, ignoreCase);
    const occurs = (part: string): boolean => searched.includes(comparable(part, ignoreCase));
    const present = wanted.filter(occurs);
    const absent = wanted.filter((part) => !occurs(part));
    if (mode === "any") {
      if (present.length > 0) return { score: 1, feedback: "Correct." };
      return { score: 0, feedback: `Expected the answer to contain at least one of ${listed(wanted)}, got ${shown(text)}.` };
    }
    const [right, wrong] = mode === "all" ? [present, absent] : [absent, present];
    if (wrong.length === 0) return { score: 1, feedback: "Correct." };
    const complaint = mode === "all" ? "The answer must also contain" : "The answer must not contain";
    return { score: right.length / wanted.length, feedback: `${complaint} ${listed(wrong)}. Got ${shown(text)}.` };
  };
  const meaning = {
    all: "the share of the expected texts that the answer contains",
    any: "1 where the answer contains one of the expected texts, else 0",
    none: "the share of the forbidden texts that the answer does not contain",
  }[mode];
  return new FunctionGuide(Object.assign(judge, { scoreRange: [0, 1] as const, meaning }), {
    texts: own,
    mode,
    ignoreCase,
    field,
  });
}

function toTexts(given: unknown, what: string): readonly string[] {
  const list = typeof given === "string" || typeof given === "number" ? [String(given)] : given;
  if (Array.isArray(list) && list.length > 0 && list.every((text) => typeof text === "string" && text !== "")) {
    return list as readonly string[];
  }
  throw new InvalidArgumentError(`Expected ${what} to be a text or a list of texts, got ${describeValue(given)}`);
}

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
