/**
 * `LLMJudge`: a guide that asks a language model for its verdict.
 *
 * @module
 */
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { environmentVariable } from "../data/environment.ts";
import type { Feedback } from "../data/feedback.ts";
import { describeValue, isPlainObject, shorten, textOf } from "../data/json.ts";
import { anything, numberWithin, type OptionTable, someText, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { InfrastructureError, InvalidArgumentError, OutputParseError } from "../errors.ts";
import { modelProblem } from "../llm/language-model.ts";
import type { ModelRequest } from "../llm/model-request.ts";
import { requestedModel } from "../llm/resolve-model.ts";
import { askStructured } from "../llm/structured/ask-structured.ts";
import { Guide, type GuideContext } from "./guide.ts";
import { defaultCriteria, judgeInstructions } from "./prompts/judge.ts";
import { referenceIn } from "./reference.ts";

/** A verdict that shows a judge how to score. */
export interface JudgeExample {
  readonly question: unknown;
  readonly answer: unknown;
  /** @default none */
  readonly reference?: unknown;
  /** On the scale of the judge. */
  readonly score: number;
  /** Why. */
  readonly feedback: string;
}

/** How an `LLMJudge` judges. */
export interface LLMJudgeOptions<X = unknown, Info = unknown>
  extends Pick<ModelRequest, "model" | "temperature" | "maxOutputTokens" | "maxRetries" | "providerOptions"> {
  /** What makes an answer good. @default correct, complete, to the question, in agreement with the reference */
  readonly criteria?: string | undefined;
  /**
   * The worst and the best score, or what scores mean: `{ 1: "wrong", 3: "right in substance", 5: "right and complete" }`; the lowest and the highest
   * of them are then the worst and the best. @default [0, 1]
   */
  readonly scale?: readonly [worst: number, best: number] | Readonly<Record<number, string>> | undefined;
  /** What the answer is compared with: a field of the info, a function of info and question, or `null` for nothing. @default the info */
  readonly reference?: string | ((info: Info, question: X) => unknown) | null | undefined;
  /** Verdicts that show how to score. @default none */
  readonly examples?: readonly JudgeExample[] | undefined;
}

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
    ...anything,
    default: [0, 1],
    about:
      'the worst and the best score, or what scores mean: `{ 1: "wrong", 3: "right in substance", 5: "right and complete" }`',
  },
  reference: {
    ...anything,
    otherwise: "the info",
    about: "what the answer is compared with: a field of `info`, a function `(info, question) => …`, or `null` for nothing",
  },
  examples: {
    ...anything,
    otherwise: "none",
    about: "verdicts that show how to score: `[{ question, answer, reference, score, feedback }]`",
  },
  temperature: { ...numberWithin({ least: 0 }), ...asInGenerate },
  maxOutputTokens: { ...wholeFrom(1), ...asInGenerate },
  maxRetries: { ...wholeFrom(0), ...asInGenerate },
  providerOptions: { ...anything, ...asInGenerate },
};

/**
 * Asks a language model to score an answer and to explain the score. The question, the answer and the reference (what the dataset says about the
 * example) are marked as data, so that an answer which addresses the judge does not decide its own score.
 *
 * An unusable verdict, such as one with a score outside the scale, is requested again. If the second one is unusable, too, the judge has failed
 * and not the answer: the example stays unscored.
 *
 * @example
 * const guide = new LLMJudge({ model: "openai/gpt-5-mini", criteria: "Polite, and at most two sentences long." });
 */
export class LLMJudge<X = unknown, Y = unknown, Info = unknown> extends Guide<X, Y, Info> {
  readonly options: Readonly<LLMJudgeOptions<X, Info>>;
  /** The scale. */
  override readonly scoreRange: readonly [worst: number, best: number];
  /** By which criteria, where they are given. */
  override readonly meaning: string | undefined;

  /** @throws InvalidArgumentError for an unknown option, what is no model, a scale that does not rise, or an example that is not on it */
  constructor(options: LLMJudgeOptions<X, Info> = {}) {
    super();
    checkTable(options, judgeTable as OptionTable<LLMJudgeOptions<X, Info>>, "LLMJudge");
    const problem = options.model === undefined ? undefined : modelProblem(options.model);
    if (problem !== undefined) throw new InvalidArgumentError(`Expected \`model\` of LLMJudge to be ${problem}`);
    const { criteria, examples = [] } = options;
    const [worst, best] = endsOf(options.scale);
    this.options = Object.freeze({ ...options });
    this.scoreRange = [worst, best];
    this.meaning =
      criteria === undefined
        ? undefined
        : `the verdict of a judge, from ${worst} to ${best}, by these criteria: ${shorten(criteria, 500)}`;
    for (const [index, { score }] of examples.entries()) {
      if (typeof score === "number" && score >= worst && score <= best) continue;
      const got = describeValue(score);
      throw new InvalidArgumentError(
        `Expected the score of example ${index} of LLMJudge to be from ${worst} to ${best}, got ${got}`,
      );
    }
  }

  /**
   * The verdict on one answer.
   *
   * @throws InfrastructureError when two consecutive verdicts are unusable; its cause, an `OutputParseError`, has the text of the last
   */
  async getFeedback(question: X, answer: Y, info: Info, context: GuideContext = {}): Promise<Feedback> {
    const { criteria = defaultCriteria, scale, reference, examples = [], ...settings } = this.options;
    const scoreRange = endsOf(this.options.scale);
    const levels = scale === undefined || Array.isArray(scale) ? [] : levelsOf(scale as Readonly<Record<number, string>>);
    try {
      return await askStructured({
        ...settings,
        system: judgeInstructions(criteria, scoreRange, { levels, examples: examples.map(exampleText) }),
        prompt: judgedSections({ question, answer, reference: compared(reference, info, question) }),
        schema: verdictSchema(scoreRange),
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

function endsOf(scale: LLMJudgeOptions["scale"] = [0, 1]): readonly [worst: number, best: number] {
  const scores = isPlainObject(scale) ? levelsOf(scale as Readonly<Record<number, string>>).map(([score]) => score) : scale;
  const [worst, best] = Array.isArray(scores) ? [scores[0] as number, scores.at(-1) as number] : [Number.NaN, Number.NaN];
  if (Number.isFinite(worst) && Number.isFinite(best) && worst < best) return [worst, best];
  throw new InvalidArgumentError(
    `Expected \`scale\` of LLMJudge to be [worst, best] or what scores mean, like { 0: "wrong", 1: "right" }, got ${describeValue(scale)}`,
  );
}

/** What scores mean, from the worst to the best; a key that is not a number makes no scale. */
function levelsOf(scale: Readonly<Record<number, string>>): (readonly [score: number, meaning: string])[] {
  return Object.entries(scale)
    .map(([score, meaning]) => [score.trim() === "" ? Number.NaN : Number(score), meaning] as const)
    .sort(([a], [b]) => a - b);
}

function compared<X, Info>(reference: LLMJudgeOptions<X, Info>["reference"], info: Info, question: X): unknown {
  if (typeof reference === "function") return reference(info, question);
  return reference === null ? null : referenceIn(info, reference);
}

interface Judged {
  readonly question: unknown;
  readonly answer: unknown;
  /** `undefined` and `null` for none. */
  readonly reference?: unknown;
}

function judgedSections({ question, answer, reference }: Judged): string {
  const compared = reference === undefined || reference === null ? {} : { reference: textOf(reference, 2) };
  return delimited({ question: textOf(question, 2), answer: textOf(answer, 2), ...compared });
}

function exampleText({ feedback, score, ...judged }: JudgeExample): string {
  return `${judgedSections(judged)}\n\n${JSON.stringify({ feedback, score })}`;
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
  const number = typeof score === "string" ? numberIn(plainNumber(score.trim()), worst, best) : score;
  return typeof number === "number" && number >= worst && number <= best ? number : undefined;
}

/** Characters of a score that is written as text: what is longer is not a number. */
const longestScore = 100;

function plainNumber(text: string): string {
  if (text.length > longestScore) return "";
  return text
    .replace(/[*_`"]+/g, "")
    .replace(/^\s*(?:final\s+|overall\s+)?(?:score|rating|grade)\s*[:=]\s*/i, "")
    .replace(/\s*(?:points?|stars?)?[.]?\s*$/i, "")
    .replace(/\u2212/g, "-")
    .replace(/^([+-]?(?:0,\d+|\d+,\d{1,2}))(?!\d)/, (number) => number.replace(",", "."))
    .trim();
}

function numberIn(text: string, worst: number, best: number): number | undefined {
  const [, part, sign, whole] =
    /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*(?:(%|\/|out of)\s*(\d+(?:\.\d*)?|\.\d+)?)?$/i.exec(text) ?? [];
  if (part === undefined) return undefined;
  const isPercent = sign === "%";
  if (isPercent ? whole !== undefined : sign !== undefined && whole === undefined) return undefined;
  if (sign === undefined) return Number(part);
  const of = isPercent ? 100 : Number(whole);
  if (of === best) return Number(part);
  // Of a scale from 0 to 1 every share is a score; of others it is not said how they begin.
  return worst === 0 && best === 1 && of > 0 ? Number(part) / of : undefined;
}

/**
 * Each text between a pair of lines that mark its begin and end. The mark has a number that occurs next to its word in
 * none of the texts, so no text can end its own section or open another one.
 */
export function delimited(sections: Readonly<Record<string, string>>): string {
  const all = Object.values(sections).join("\n");
  let number = 1;
  while (all.includes(`data-${number}`)) number++;
  return Object.entries(sections)
    .map(([name, text]) => `<${name} data-${number}>\n${text}\n</${name} data-${number}>`)
    .join("\n\n");
}

/** The name of the model that an `LLMJudge` asks; `undefined` for other guides, and where no model is named. */
export function judgeModel(guide: object): string | undefined {
  if (!(guide instanceof LLMJudge)) return undefined;
  try {
    return requestedModel(guide.options.model);
  } catch {
    // The first verdict will say so.
    return undefined;
  }
}
