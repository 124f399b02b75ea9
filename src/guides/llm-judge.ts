/**
 * `LLMJudge`: a guide that asks a language model for its verdict.
 *
 * @module
 */
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { environmentVariable } from "../data/environment.ts";
import type { Feedback } from "../data/feedback.ts";
import { describeValue, isPlainObject, textOf } from "../data/json.ts";
import { anything, numberWithin, type OptionTable, someText, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { InfrastructureError, InvalidArgumentError, OutputParseError } from "../errors.ts";
import { askStructured } from "../llm/ask-structured.ts";
import { modelProblem } from "../llm/language-model.ts";
import type { ModelRequest } from "../llm/model-request.ts";
import { delimited } from "./delimited.ts";
import { Guide, type GuideContext } from "./guide.ts";
import { defaultCriteria, judgeInstructions } from "./prompts/judge.ts";

/** How an `LLMJudge` judges. */
export interface LLMJudgeOptions
  extends Pick<ModelRequest, "model" | "temperature" | "maxOutputTokens" | "maxRetries" | "providerOptions"> {
  /** What makes an answer good. @default correct, complete, to the question, in agreement with the reference */
  readonly criteria?: string | undefined;
  /** The worst and the best score. @default [0, 1] */
  readonly scale?: readonly [worst: number, best: number] | undefined;
}

const defaultScale = [0, 1] as const;
const asInGenerate = { otherwise: "the provider's", about: "as in [`generate`](generate.md#options)" };

/** How an `LLMJudge` judges. */
export const judgeTable: OptionTable<LLMJudgeOptions> = {
  model: { ...anything, otherwise: "`OPTO_MODEL`", about: "the model that judges" },
  criteria: {
    ...someText,
    otherwise: "correct, complete, and in agreement with the reference",
    about: "what makes an answer good",
  },
  scale: {
    expected: "[worst, best], two finite numbers in ascending order",
    holds: (scale) => Array.isArray(scale) && scale.length === 2 && scale.every(Number.isFinite) && scale[0] < scale[1],
    default: [0, 1],
    about: "the worst and the best score",
  },
  temperature: { ...numberWithin({ least: 0 }), ...asInGenerate },
  maxOutputTokens: { ...wholeFrom(1), ...asInGenerate },
  maxRetries: { ...wholeFrom(0), ...asInGenerate },
  providerOptions: { ...anything, ...asInGenerate },
};

/**
 * Asks a language model what an answer is worth and why. The question, the answer and the reference (what the dataset
 * says about the example) reach it as marked data, so an answer that speaks to the judge decides nothing.
 *
 * An unusable verdict, also one with a score off the scale, is requested again. A second one is a failure of the
 * judge and not of the answer: the example stays unscored.
 *
 * @example
 * const guide = new LLMJudge({ model: "openai/gpt-5-mini", criteria: "Polite, and at most two sentences long." });
 */
export class LLMJudge<X = unknown, Y = unknown, Info = unknown> extends Guide<X, Y, Info> {
  readonly options: Readonly<LLMJudgeOptions>;
  /** The scale. */
  override readonly scoreRange: readonly [worst: number, best: number];

  /** @throws InvalidArgumentError for an unknown option, what is no model, or a scale that does not rise */
  constructor(options: LLMJudgeOptions = {}) {
    super();
    checkTable(options, judgeTable, "LLMJudge");
    const problem = options.model === undefined ? undefined : modelProblem(options.model);
    if (problem !== undefined) throw new InvalidArgumentError(`Expected \`model\` of LLMJudge to be ${problem}`);
    const [worst, best] = options.scale ?? defaultScale;
    this.options = Object.freeze({ ...options });
    this.scoreRange = [worst, best];
  }

  /**
   * The verdict on one answer.
   *
   * @throws InfrastructureError when two consecutive verdicts are unusable; its cause, an `OutputParseError`, has the text of the last
   */
  async getFeedback(question: X, answer: Y, info: Info, context: GuideContext = {}): Promise<Feedback> {
    const { criteria = defaultCriteria, scale = defaultScale, ...settings } = this.options;
    const reference = info === undefined || info === null ? {} : { reference: textOf(info, 2) };
    try {
      return await askStructured({
        ...settings,
        system: judgeInstructions(criteria, scale),
        prompt: delimited({ question: textOf(question, 2), answer: textOf(answer, 2), ...reference }),
        schema: verdictSchema(scale),
        signal: context.signal,
        role: "judge",
      });
    } catch (cause) {
      if (!(cause instanceof OutputParseError)) throw cause;
      throw new InfrastructureError(`The judge gave no usable verdict: ${cause.message}`, { cause });
    }
  }

  override identity(): Readonly<Record<string, unknown>> {
    const { model } = this.options;
    // Without a model the environment names it.
    return { ...this.options, model: model ?? environmentVariable("OPTO_MODEL") };
  }

  /** The judge itself: it has no state that a rollout could change. */
  override clone(): this {
    return this;
  }
}

interface Verdict {
  readonly score: number;
  readonly feedback: string;
}

type VerdictSchema = StandardSchemaV1<unknown, Verdict> & StandardJSONSchemaV1<unknown, Verdict>;

function verdictSchema([worst, best]: readonly [number, number]): VerdictSchema {
  // The feedback comes first, so that the model has said why when it decides on the number.
  const properties = { feedback: { type: "string" }, score: { type: "number", minimum: worst, maximum: best } };
  const jsonSchema = () => ({ type: "object", properties, required: ["feedback", "score"], additionalProperties: false });
  return {
    "~standard": {
      version: 1,
      vendor: "opto",
      validate: (value) => readVerdict(value, worst, best),
      jsonSchema: { input: jsonSchema, output: jsonSchema },
    },
  };
}

function readVerdict(value: unknown, worst: number, best: number): StandardSchemaV1.Result<Verdict> {
  if (!isPlainObject(value)) return { issues: [{ message: `expected an object, got ${describeValue(value)}` }] };
  const fields = new Map(Object.entries(value).map(([name, field]) => [name.trim().toLowerCase(), field]));
  const score = readScore(fields.get("score"), worst, best);
  const words = wordsNames.map((name) => fields.get(name)).filter((given) => given !== undefined && given !== null);
  // An empty field may stand beside one of another name that has the words.
  const feedback = readWords(words.find((given) => given !== "") ?? words[0]);
  const issues: StandardSchemaV1.Issue[] = [];
  if (feedback === undefined) {
    issues.push({ path: ["feedback"], message: `expected a string, got ${describeValue(fields.get("feedback"))}` });
  }
  if (score === undefined) {
    const got = describeValue(fields.get("score"));
    issues.push({ path: ["score"], message: `expected a number from ${worst} to ${best}, got ${got}` });
  }
  return score === undefined || feedback === undefined ? { issues } : { value: { score, feedback } };
}

/** What judges call the words of a verdict that were asked for as `feedback`. */
const wordsNames = [
  "feedback",
  "reason",
  "reasoning",
  "rationale",
  "explanation",
  "comment",
  "justification",
  "critique",
] as const;

/** A text, or several; a verdict without words still has its score. */
function readWords(words: unknown): string | undefined {
  if (words === undefined) return "";
  if (typeof words === "string") return words;
  return Array.isArray(words) && words.every((word) => typeof word === "string") ? words.join("\n") : undefined;
}

/**
 * A number on the scale: as one, in quotation marks, as a share of the best (`8/10`), or in percent where that has one meaning; also
 * with its name, marks of emphasis or a unit around it, and with a decimal comma.
 */
function readScore(score: unknown, worst: number, best: number): number | undefined {
  const number = typeof score === "string" ? numberIn(plainNumber(score), worst, best) : score;
  return typeof number === "number" && number >= worst && number <= best ? number : undefined;
}

function plainNumber(text: string): string {
  return text
    .replace(/[*_`"]+/g, "")
    .replace(/^\s*(?:final\s+|overall\s+)?(?:score|rating|grade)\s*[:=]\s*/i, "")
    .replace(/\s*(?:points?|stars?)?[.]?\s*$/i, "")
    .replace(/\u2212/g, "-")
    .replace(/^([+-]?(?:0,\d+|\d+,\d{1,2}))(?!\d)/, (number) => number.replace(",", "."))
    .trim();
}

function numberIn(text: string, worst: number, best: number): number | undefined {
  const [, part, sign, whole] = /^([+-]?(?:\d+\.?\d*|\.\d+))\s*(?:(%|\/|out of)\s*(\d+\.?\d*|\.\d+)?)?$/i.exec(text) ?? [];
  if (part === undefined) return undefined;
  const isPercent = sign === "%";
  if (isPercent ? whole !== undefined : sign !== undefined && whole === undefined) return undefined;
  if (sign === undefined) return Number(part);
  const of = isPercent ? 100 : Number(whole);
  if (of === best) return Number(part);
  // Of a scale from 0 to 1 every share is a score; of others it is not said how they begin.
  return worst === 0 && best === 1 && of > 0 ? Number(part) / of : undefined;
}
