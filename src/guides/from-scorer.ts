/**
 * `fromScorer`: a scorer of another library as a guide, whatever it returns.
 *
 * @module
 */
import { type Feedback, toFeedback } from "../data/feedback.ts";
import { describeValue, isClass, isPlainObject, shorten, textOf } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { besideScore, type Scores } from "../data/scores.ts";
import { untilAborted } from "../data/shared-work.ts";
import { InfrastructureError, InvalidArgumentError, isInfrastructureError, UnusableAnswerError } from "../errors.ts";
import { type ModelLike, modelProblem } from "../llm/language-model.ts";
import { FunctionGuide, type Guide, type GuideContext } from "./guide.ts";
import { isAssertion, type PromptfooAssertion, runAssertions } from "./scorers/promptfoo.ts";
import { judgeContext, mastraMessages, type ScorerInput, scorerInput } from "./scorers/scorer-input.ts";

/**
 * A scorer, recognised by its shape: a function (autoevals, Braintrust, evalite, openevals, agentevals, LangSmith, Langfuse), an object with `run` (Mastra),
 * `scorer` (evalite) or `assess` (vitest-evals), or assertions of promptfoo.
 */
export type Scorer<Input = ScorerInput> =
  | ((input: Input, context?: GuideContext) => unknown)
  | {
      /** Scores one example. */
      readonly run: (input: Input) => unknown;
    }
  | {
      /** Scores one example. */
      readonly scorer: (input: Input) => unknown;
    }
  | {
      /** Scores one example, in the context of a judge of vitest-evals. */
      readonly assess: (context: never) => unknown;
    }
  | PromptfooAssertion
  | readonly PromptfooAssertion[];

/** How a scorer is used. */
export interface FromScorerOptions<X = unknown, Y = unknown, Info = unknown, Input = ScorerInput<X, Y, Info>> {
  /** What the scorer is given. @default the example by the names that the libraries use */
  readonly arrange?: ((example: ScorerInput<X, Y, Info>) => Input) | undefined;
  /** The lowest and the highest score, where the scorer keeps to them: [0, 1] for most. @default unknown */
  readonly scoreRange?: readonly [lowest: number, highest: number] | undefined;
  /** What the score means, for the optimizer. @default unknown */
  readonly meaning?: string | undefined;
  /** The model that judges assertions of promptfoo. Scorers of other libraries have their own: see `openAIClient`. @default promptfoo's own */
  readonly model?: ModelLike | undefined;
}

/**
 * Makes a guide from a scorer of autoevals, Braintrust, evalite, vitest-evals, Mastra, openevals, agentevals, LangSmith, Langfuse, or promptfoo,
 * or any other that takes `{ input, output, expected }` and returns a number or `{ score }` with an explanation in `reason`, `rationale`,
 * `comment`, `feedback` or `metadata`.
 *
 * For a list of results, the score is the mean of those that have a score; each is also a metric under its name. A score of `null`, a
 * `notScorable`, and a judge that could not answer leave the example unscored: an outage is never a score of 0.
 *
 * @param options how it is used, or just what the scorer is given
 * @throws InvalidArgumentError for what is not a scorer
 * @example
 * import { Levenshtein } from "autoevals";
 * const guide = fromScorer(Levenshtein);
 */
export function fromScorer<X = unknown, Y = unknown, Info = unknown, Input = ScorerInput<X, Y, Info>>(
  scorer: Scorer<Input>,
  options: FromScorerOptions<X, Y, Info, Input> | ((example: ScorerInput<X, Y, Info>) => Input) = {},
): Guide<X, Y, Info> {
  const given = typeof options === "function" ? { arrange: options } : options;
  checkOptions(given, ["arrange", "scoreRange", "meaning", "model"], "fromScorer");
  const { arrange, scoreRange, meaning, model } = given;
  const problem = model === undefined ? undefined : modelProblem(model);
  if (problem !== undefined) throw new InvalidArgumentError(`Expected \`model\` of fromScorer to be ${problem}`);
  const { score, identity } = readScorer(scorer, model);
  const judge = async (question: X, answer: Y, info: Info, context: GuideContext = {}): Promise<Feedback> => {
    const example = scorerInput(question, answer, info);
    try {
      const work = async (): Promise<unknown> => score(arrange === undefined ? example : (arrange(example) as object), context);
      // Few libraries know of signals.
      return scorerFeedback(await untilAborted(work(), context.signal));
    } catch (error) {
      context.signal?.throwIfAborted();
      throw scorerFailure(error);
    }
  };
  return new FunctionGuide(Object.assign(judge, { scoreRange, meaning }), { scorer: identity, arrange, model });
}

interface ReadScorer {
  readonly score: (example: object, context: GuideContext) => unknown;
  /** What it depends on: its code, or data. */
  readonly identity: unknown;
}

/** How a scorer is called: the scorer itself, or its method. */
function readScorer(scorer: unknown, model: ModelLike | undefined): ReadScorer {
  if (typeof scorer === "function" && !isClass(scorer)) {
    return { score: (example, context) => scorer(example, context), identity: scorer };
  }
  const assertions = Array.isArray(scorer) ? (scorer as readonly unknown[]) : [scorer];
  if (assertions.length > 0 && assertions.every(isAssertion)) {
    const own = assertions as readonly PromptfooAssertion[];
    return { score: (example, { signal }) => runAssertions(own, example as ScorerInput, { model, signal }), identity: own };
  }
  const { run, scorer: method, assess, type } = (scorer ?? {}) as Readonly<Record<string, unknown>>;
  const call = (own: unknown, argument: object): unknown => Reflect.apply(own as () => unknown, scorer, [argument]);
  if (typeof assess === "function") {
    return { score: (example, { signal }) => call(assess, judgeContext(example, signal)), identity: assess };
  }
  if (typeof run === "function") {
    return { score: (example) => call(run, type === "agent" ? mastraMessages(example) : example), identity: run };
  }
  if (typeof method === "function") return { score: (example) => call(method, example), identity: method };
  throw new InvalidArgumentError(
    `Expected a scorer to be a function, an object with \`run\`, \`scorer\` or \`assess\`, or assertions of promptfoo, got ${describeValue(scorer)}`,
  );
}

/**
 * Reads the result of a scorer: a number or a boolean, `null` for no score, or objects with a score in `score`, `value` or `pass`, alone or in a list.
 *
 * @throws InfrastructureError when the result reports that its judge failed
 * @throws UnusableAnswerError when it reports any other error
 * @throws InvalidArgumentError when there is no score in it
 */
function scorerFeedback(result: unknown): Feedback {
  if (result === null) return unscored;
  if (!Array.isArray(result)) return toFeedback(plainResult(result), "the scorer", { allowsOthers: true });
  const scored = result.filter((one) => one !== null).map(plainResult);
  if (scored.length === 0) return unscored;
  return toFeedback(scored, "the scorer", { allowsOthers: true });
}

const unscored: Feedback = { score: null, feedback: "" };

/** One result in the form that guides return. */
function plainResult(result: unknown): unknown {
  if (!isObject(result) || Array.isArray(result)) return result;
  refuseFailure(result);
  const { notScorable, metadata, pass, namedScores, componentResults } = result;
  if (notScorable !== undefined && notScorable !== null && notScorable !== false) {
    return { score: null, feedback: isObject(notScorable) && typeof notScorable.reason === "string" ? notScorable.reason : "" };
  }
  // A copy, because some libraries return instances of their own classes.
  const plain: Record<string, unknown> = { ...result };
  if (!("score" in plain) && !("value" in plain) && typeof pass === "boolean") plain.score = pass;
  if (isPlainObject(namedScores) && Object.keys(namedScores).length > 0) plain.scores = besideScore(namedScores as Scores);
  if (Array.isArray(componentResults) && componentResults.length > 0) plain.feedback = reasonsOf(componentResults);
  if (Array.isArray(metadata)) plain.metadata = statementsOf(metadata);
  return plain;
}

/** A judge that failed has not scored the answer, whatever number the library reports. */
function refuseFailure(result: Record<string, unknown>): void {
  const { metadata, componentResults, error } = result;
  if ((isObject(metadata) && metadata.graderError === true) || hasNoVerdict(result)) {
    throw new InfrastructureError(`The judge of the scorer failed: ${shorten(textOf(result.reason ?? ""), 500)}`);
  }
  if (Array.isArray(componentResults)) for (const one of componentResults) if (isObject(one)) refuseFailure(one);
  if (error === undefined || error === null || error === "") return;
  const text = error instanceof Error ? error.message : shorten(textOf(error), 500);
  if (isInfrastructureError(error)) throw new InfrastructureError(`The scorer failed: ${text}`, { cause: error });
  throw new UnusableAnswerError(`The scorer failed: ${text}`, { cause: error });
}

/** Some assertions of promptfoo report the error of their judge as the reason of a failure, with no tokens used. */
function hasNoVerdict({ pass, score, reason, tokensUsed }: Record<string, unknown>): boolean {
  if (pass !== false || score !== 0 || typeof reason !== "string") return false;
  return isObject(tokensUsed) && tokensUsed.total === 0 && judgeError.test(reason);
}

/** How the errors of promptfoo's providers begin. */
const judgeError = /^(?:API (?:call |response )?error|Rate limit|Request timed out|No output\b)/i;

/** The reasons of the assertions of promptfoo: what failed first. */
function reasonsOf(results: readonly unknown[]): string {
  const all = results.filter(isObject);
  const [passed, failed] = [all.filter(({ pass }) => pass === true), all.filter(({ pass }) => pass !== true)];
  return [...failed, ...passed].flatMap(({ reason }) => (typeof reason === "string" && reason !== "" ? [reason] : [])).join("\n");
}

/** The verdicts on the statements of an answer, as evalite lists them, a line each. */
function statementsOf(list: readonly unknown[]): string {
  return list.map((one) => (isObject(one) ? statementOf(one) : textOf(one))).join("\n");
}

function statementOf({ statement, reason, verdict, ...others }: Record<string, unknown>): string {
  if (statement === undefined) return textOf({ ...others, ...(reason === undefined ? {} : { reason }) });
  const judged = verdict === undefined ? "" : ` (${textOf(verdict)})`;
  return `${textOf(statement)}${judged}${reason === undefined ? "" : `: ${textOf(reason)}`}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/**
 * What a scorer that throws means: an outage, a judge whose verdict cannot be read, or, for everything else, a mistake in the scorer.
 *
 * @returns the error to throw
 */
function scorerFailure(error: unknown): unknown {
  if (isInfrastructureError(error) || !(error instanceof Error)) return error;
  if (!unreadableVerdict.test(error.message)) return error;
  return new UnusableAnswerError(`The judge of the scorer gave no usable verdict: ${error.message}`, { cause: error });
}

/** What autoevals throws when a model has not called the function by which it is to choose, or chose something else. */
const unreadableVerdict =
  /^(?:No tool calls in response|Unexpected tool call(?: type)?|Unknown score choice .*|Empty response from OpenAI)$/s;
