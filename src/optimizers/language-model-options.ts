/**
 * The options shared by all optimizers that ask a language model.
 *
 * @module
 */
import { numberWithin, type OptionRule, type OptionTable, oneOf, someText, wholeFrom, withMethod } from "../data/option-table.ts";
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

/** A language model, or the name of one. */
export const aModel: OptionRule = {
  expected: '"provider/model" or a language model of the AI SDK, like openai("gpt-5-mini")',
  // A name is read where it is used.
  holds: (value) => modelProblem(value) === undefined,
};

/** What every optimizer that asks a language model can be made with. */
export const modelOptimizerTable: OptionTable<LanguageModelOptimizerOptions> = {
  model: { ...aModel, otherwise: "`OPTO_MODEL`", about: 'a model of the AI SDK, or `"provider/model"`' },
  objective: { ...someText, otherwise: "better values according to the feedback", about: "what to achieve, as text" },
  memorySize: {
    ...wholeFrom(0),
    otherwise: "0; 6 where `train()` makes the optimizer; `OPRO` 20",
    about:
      "number of earlier values shown with their scores: in a search the best and the latest of its archive, else the last observed; for `OPRO` the best ones",
  },
  replyFormat: {
    ...oneOf(["auto", "tags", "json"]),
    default: "auto",
    about: '`"tags"` (tagged text), `"json"` (an object that fits a schema), or the one that suits the model',
  },
  maxRerolls: { ...wholeFrom(0), default: 1, about: "how often unusable values are requested again" },
  maxPromptTokens: {
    ...wholeFrom(1),
    otherwise: "what fits the model's context window",
    about: "the most tokens in a prompt; what is least informative is left out of longer ones",
  },
  maxValueLength: { ...wholeFrom(1), default: 2000, about: "the most characters shown of a value; parameters are shown in full" },
  temperature: { ...numberWithin({ least: 0 }), otherwise: "the provider's", about: "passed on to the model" },
  maxOutputTokens: { ...wholeFrom(1), otherwise: "the provider's", about: "passed on to the model" },
  maxChange: {
    ...numberWithin({ least: 0, most: 1 }),
    default: 1,
    about: "the largest share of a text's words that one step may change",
  },
  leakGuard: {
    ...withMethod("problem", "a leak guard created by `leakGuard`"),
    otherwise: "none",
    about: "rejects texts that quote answers of the training data",
  },
};
