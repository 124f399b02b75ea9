/**
 * `LLMJudge`: a guide that asks a language model for its verdict.
 *
 * @module
 */
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import type { Feedback } from "../data/feedback.ts";
import { describeValue, isPlainObject, textOf } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InfrastructureError, InvalidArgumentError, OutputParseError } from "../errors.ts";
import { askStructured } from "../llm/ask-structured.ts";
import type { ModelRequest } from "../llm/call-model.ts";
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

/**
 * Asks a language model what an answer is worth and why. The question, the answer and the reference (what the dataset
 * says about the example) reach it as marked data, so an answer that speaks to the judge decides nothing.
 *
 * A verdict that is no use, also one with a score off the scale, is asked for once more. A second one is a failure of the
 * judge and not of the answer: the example stays unscored.
 *
 * @example
 * const guide = new LLMJudge({ model: "openai/gpt-5-mini", criteria: "Polite, and at most two sentences long." });
 */
export class LLMJudge<X = unknown, Y = unknown, Info = unknown> extends Guide<X, Y, Info> {
  readonly options: Readonly<LLMJudgeOptions>;
  /** The scale. */
  override readonly scoreRange: readonly [worst: number, best: number];

  /** @throws InvalidArgumentError for an unknown option or a scale that does not rise */
  constructor(options: LLMJudgeOptions = {}) {
    super();
    checkOptions(options, optionNames, "LLMJudge");
    const [worst, best] = options.scale ?? defaultScale;
    if (!(Number.isFinite(worst) && Number.isFinite(best) && worst < best)) {
      throw new InvalidArgumentError(`Expected the scale of LLMJudge to be [worst, best], got ${describeValue(options.scale)}`);
    }
    this.options = Object.freeze({ ...options });
    this.scoreRange = [worst, best];
  }

  /**
   * The verdict on one answer.
   *
   * @throws InfrastructureError when two verdicts in a row are no use; its cause, an `OutputParseError`, has the text of the last
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

  /** The judge itself: it has no state that a rollout could change. */
  override clone(): this {
    return this;
  }
}

const defaultScale = [0, 1] as const;
const optionNames: readonly (keyof LLMJudgeOptions)[] = [
  "model",
  "criteria",
  "scale",
  "temperature",
  "maxOutputTokens",
  "maxRetries",
  "providerOptions",
];

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
  const { score, feedback } = value;
  const issues: StandardSchemaV1.Issue[] = [];
  if (typeof feedback !== "string") {
    issues.push({ path: ["feedback"], message: `expected a string, got ${describeValue(feedback)}` });
  }
  if (typeof score !== "number" || !(score >= worst && score <= best)) {
    issues.push({ path: ["score"], message: `expected a number from ${worst} to ${best}, got ${describeValue(score)}` });
  }
  return issues.length > 0 ? { issues } : { value: { score: score as number, feedback: feedback as string } };
}
