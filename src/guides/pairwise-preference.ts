/**
 * `pairwisePreference`: a guide that asks a language model whether the answer is better than another one.
 *
 * @module
 */
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import type { Feedback } from "../data/feedback.ts";
import { describeValue, isPlainObject, textOf } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InfrastructureError, InvalidArgumentError, OutputParseError } from "../errors.ts";
import { atPosition } from "../graph/scope.ts";
import { modelProblem } from "../llm/language-model.ts";
import { askStructured } from "../llm/structured/ask-structured.ts";
import { FunctionGuide, type Guide, type GuideContext } from "./guide.ts";
import { delimited, type LLMJudgeOptions } from "./llm-judge.ts";
import { defaultCriteria, preferenceInstructions } from "./prompts/judge.ts";
import { referenceIn } from "./reference.ts";

/** How `pairwisePreference` compares. */
export interface PairwisePreferenceOptions<X = unknown, Info = unknown>
  extends Pick<LLMJudgeOptions, "model" | "criteria" | "temperature" | "maxOutputTokens" | "maxRetries" | "providerOptions"> {
  /** The other answer: a field of the info, or a function of info and question, such as the answers of the program today. @default the info */
  readonly against?: string | ((info: Info, question: X) => unknown) | undefined;
}

/**
 * A guide that shows a judge the answer and another one, twice, with their positions swapped: 1 when the answer is preferred both times, 0 when the
 * other one is, and 0.5 for ties and for verdicts that depend on the position. Two calls an answer. The named score `agreement` is 1 where
 * both verdicts agree, else 0.
 *
 * @throws InvalidArgumentError for an unknown option, or what is no model
 * @example
 * const guide = pairwisePreference({ model: "openai/gpt-5-mini", criteria: "Friendlier, without leaving anything out.", against: "baseline" });
 */
export function pairwisePreference<X = unknown, Y = unknown, Info = unknown>(
  options: PairwisePreferenceOptions<X, Info> = {},
): Guide<X, Y, Info> {
  checkOptions(options, optionNames, "pairwisePreference");
  const { against, criteria = defaultCriteria, ...settings } = options;
  const problem = options.model === undefined ? undefined : modelProblem(options.model);
  if (problem !== undefined) throw new InvalidArgumentError(`Expected \`model\` of pairwisePreference to be ${problem}`);
  const judge = async (question: X, answer: Y, info: Info, { signal }: GuideContext = {}): Promise<Feedback> => {
    const other = typeof against === "function" ? against(info, question) : referenceIn(info, against);
    if (other === undefined || other === null) {
      throw new InvalidArgumentError(
        `Expected another answer to compare with, got ${describeValue(other)}; set the option \`against\``,
      );
    }
    const [own, its] = [textOf(answer, 2), textOf(other, 2)];
    // The same texts: no judge can prefer one.
    if (own === its)
      return { score: 0.5, feedback: "The answer is the same as the one that it is compared with.", scores: { agreement: 1 } };
    return inBothOrders(own, its, (a, b) =>
      askStructured({
        ...settings,
        system: preferenceInstructions(criteria),
        prompt: delimited({ question: textOf(question, 2), "answer A": a, "answer B": b }),
        schema: preferenceSchema,
        signal,
        role: "judge",
      }),
    );
  };
  const meaning =
    "1 where a judge prefers the answer to the one it is compared with, 0 where not, and 0.5 where neither is better";
  return new FunctionGuide(Object.assign(judge, { scoreRange: [0, 1] as const, meaning }), { ...options });
}

/** Compares the answer with the other one, as A and as B. */
async function inBothOrders(own: string, its: string, compare: (a: string, b: string) => Promise<Preference>): Promise<Feedback> {
  const orders = [() => compare(own, its), () => compare(its, own)];
  // Each at a position of its own, and none left behind when another fails.
  const outcomes = await Promise.allSettled(orders.map((ask, index) => atPosition(`order/${index}`, ask)));
  const [first, second] = outcomes.map((outcome) => {
    if (outcome.status === "fulfilled") return outcome.value;
    if (!(outcome.reason instanceof OutputParseError)) throw outcome.reason;
    const { message } = outcome.reason;
    throw new InfrastructureError(`The judge gave no usable verdict: ${message}`, { cause: outcome.reason });
  }) as [Preference, Preference];
  const [one, two] = [wins(first, "A"), wins(second, "B")];
  return {
    score: one === two ? one : 0.5,
    feedback: [
      ...(one === two ? [verdicts[one]] : ["The two verdicts depend on the order of the answers."]),
      `The answer as A, the other as B: ${first.feedback}`,
      `The other as A, the answer as B: ${second.feedback}`,
    ].join("\n"),
    scores: { agreement: Number(one === two) },
  };
}

const optionNames = ["model", "criteria", "temperature", "maxOutputTokens", "maxRetries", "providerOptions", "against"];

const verdicts: Readonly<Record<Outcome, string>> = {
  1: "The answer is better than the one that it is compared with.",
  0: "The answer is worse than the one that it is compared with.",
  0.5: "Neither answer is better.",
};

type Outcome = 0 | 0.5 | 1;

interface Preference {
  readonly feedback: string;
  readonly better: "A" | "B" | "tie";
}

function wins({ better }: Preference, own: "A" | "B"): Outcome {
  if (better === "tie") return 0.5;
  return better === own ? 1 : 0;
}

// The feedback comes first, so that the model has said why when it decides.
const jsonSchema = () => ({
  type: "object",
  properties: { feedback: { type: "string" }, better: { type: "string", enum: ["A", "B", "tie"] } },
  required: ["feedback", "better"],
  additionalProperties: false,
});

const preferenceSchema: StandardSchemaV1<unknown, Preference> & StandardJSONSchemaV1<unknown, Preference> = {
  "~standard": {
    version: 1,
    vendor: "opto",
    validate: readPreference,
    jsonSchema: { input: jsonSchema, output: jsonSchema },
  },
};

function readPreference(value: unknown): StandardSchemaV1.Result<Preference> {
  if (!isPlainObject(value)) return { issues: [{ message: `expected an object, got ${describeValue(value)}` }] };
  const { feedback = "", better } = value;
  const word =
    typeof better === "string"
      ? better
          .trim()
          .replace(/^answer\s+/i, "")
          .toUpperCase()
      : "";
  const known = ({ A: "A", B: "B", TIE: "tie" } as const)[word];
  if (known === undefined) {
    return { issues: [{ path: ["better"], message: `expected "A", "B" or "tie", got ${describeValue(better)}` }] };
  }
  if (typeof feedback !== "string") {
    return { issues: [{ path: ["feedback"], message: `expected a string, got ${describeValue(feedback)}` }] };
  }
  return { value: { feedback, better: known } };
}
