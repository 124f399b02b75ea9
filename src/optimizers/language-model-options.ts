/**
 * The options that all optimizers share which ask a language model, and their check.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { type ModelLike, modelProblem } from "../llm/language-model.ts";
import type { LeakGuard } from "./edit-rules/leak-guard.ts";
import type { ReplyFormatName } from "./reply/reply-format.ts";

/** What every optimizer that asks a language model can be made with. */
export interface LanguageModelOptimizerOptions {
  /** The model that proposes values. @default the environment variable `OPTO_MODEL` */
  readonly model?: ModelLike | undefined;
  /** What to achieve, as text. @default better values according to the feedback, a higher score being better */
  readonly objective?: string | undefined;
  /** How many past attempts a prompt shows, with their results. @default 0 */
  readonly memorySize?: number | undefined;
  /** How much chance there is in the replies, usually 0 to 2. @default the provider's */
  readonly temperature?: number | undefined;
  /** The longest reply, in tokens. @default the provider's */
  readonly maxOutputTokens?: number | undefined;
  /**
   * The longest prompt, in tokens, with all that is said in one step; what is least informative is left out of longer ones.
   *
   * @default the model's window, where it is known, less `maxOutputTokens` or a quarter (at most 32,000); else 32,000
   */
  readonly maxPromptTokens?: number | undefined;
  /** Most characters of a value that is shown; the middle of longer ones is left out. Variables are shown in full. @default 2000 */
  readonly maxValueLength?: number | undefined;
  /** How often the model is asked again, with the reasons, when values could not be used. @default 1 */
  readonly maxRerolls?: number | undefined;
  /**
   * The form of the replies: `tags` is text with a tagged block for each value, `json` one JSON object, `auto` the object where
   * the model is known to keep to a schema that its provider is given, else the tags. @default "auto"
   */
  readonly replyFormat?: "auto" | ReplyFormatName | undefined;
  /** How far one step may move from the current text, as a share of its words: 0 (not at all) to 1. @default 1 */
  readonly maxChange?: number | undefined;
  /** Refuses texts that quote the answers of training data. @default none */
  readonly leakGuard?: LeakGuard | undefined;
}

/** What an option must be, as text, and whether a value is that. */
export type OptionRule = readonly [expected: string, holds: (value: unknown) => boolean];

/** A whole number from `least`. */
export function wholeFrom(least: number): OptionRule {
  return [`a whole number of at least ${least}`, (value) => Number.isSafeInteger(value) && (value as number) >= least];
}

/** A language model, or the name of one. */
export const aModel: OptionRule = [
  '"provider/model" or a language model of the AI SDK, like openai("gpt-5-mini")',
  (value) => modelProblem(value) === undefined,
];

/** `true` or `false`. */
export const trueOrFalse: OptionRule = ["true or false", (value) => typeof value === "boolean"];

/** One of some words. */
export function oneOf(words: readonly string[]): OptionRule {
  return [`one of ${words.map((word) => `"${word}"`).join(", ")}`, (value) => words.includes(value as string)];
}

const sharedRules: { readonly [Name in keyof LanguageModelOptimizerOptions]-?: OptionRule } = {
  // A name is read where it is used.
  model: aModel,
  objective: ["a non-empty string", (value) => typeof value === "string" && value.trim() !== ""],
  memorySize: wholeFrom(0),
  temperature: ["a number of at least 0", (value) => Number.isFinite(value) && (value as number) >= 0],
  maxOutputTokens: wholeFrom(1),
  maxPromptTokens: wholeFrom(1),
  maxValueLength: wholeFrom(1),
  maxRerolls: wholeFrom(0),
  replyFormat: oneOf(["auto", "tags", "json"]),
  maxChange: ["a number from 0 to 1", (value) => typeof value === "number" && value >= 0 && value <= 1],
  leakGuard: ["a leak guard created by `leakGuard`", (value) => typeof (value as Partial<LeakGuard>)?.problem === "function"],
};

/**
 * Checks the options of an optimizer.
 *
 * @param owner its name, for messages
 * @param ownRules the rules of the options that it adds
 * @throws InvalidArgumentError for an unknown option or a value out of range
 */
export function checkOptimizerOptions(options: object, owner: string, ownRules: Readonly<Record<string, OptionRule>> = {}): void {
  const rules: Readonly<Record<string, OptionRule>> = { ...sharedRules, ...ownRules };
  checkOptions(options, Object.keys(rules), owner);
  for (const [name, value] of Object.entries(options)) {
    const [expected, holds] = rules[name] as OptionRule;
    if (value === undefined || holds(value)) continue;
    throw new InvalidArgumentError(`Expected \`${name}\` of ${owner} to be ${expected}, got ${describeValue(value)}`);
  }
}
