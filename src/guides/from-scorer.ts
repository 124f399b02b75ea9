/**
 * `fromScorer`: a scorer of another library as a guide.
 *
 * @module
 */

import type { Feedback } from "../data/feedback.ts";
import { describeValue, isClass } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { untilAborted } from "../data/shared-work.ts";
import { InvalidArgumentError } from "../errors.ts";
import { type ModelLike, modelProblem } from "../llm/language-model.ts";
import { FunctionGuide, type Guide, type GuideContext } from "./guide.ts";
import { isAssertion, type PromptfooAssertion, runAssertions } from "./scorers/promptfoo.ts";
import { judgeContext, mastraMessages, type ScorerInput, scorerInput } from "./scorers/scorer-input.ts";
import { scorerFailure, scorerFeedback } from "./scorers/scorer-result.ts";

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
 * A guide around a scorer of autoevals, Braintrust, evalite, vitest-evals, Mastra, openevals, agentevals, LangSmith, Langfuse, or promptfoo, or any other that takes
 * `{ input, output, expected }` and returns a number or `{ score }` with words in `reason`, `rationale`, `comment`, `feedback` or `metadata`.
 *
 * A list of results is their mean, each by its name among the named scores. A score of `null` and a `notScorable` leave the example unscored, and so
 * does a judge that could not answer: an outage is never a score of 0.
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
