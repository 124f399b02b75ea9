/**
 * OptoPrimeMulti: OptoPrime that gets several answers for each proposal, by different techniques, and takes one of them.
 *
 * @module
 */
import { describeValue, type JsonValue } from "../data/json.ts";
import { InvalidArgumentError, isSetUpError, StopError } from "../errors.ts";
import { range } from "../graph/domain.ts";
import { parameter } from "../graph/parameter.ts";
import type { ParameterOwner } from "../graph/parameter-names.ts";
import { atPosition, currentPosition, currentRun, emitEvent } from "../graph/scope.ts";
import { type Candidate, currentCandidate } from "../graph/with-values.ts";
import type { ModelLike } from "../llm/language-model.ts";
import type { Addition } from "./build-prompt.ts";
import { majority } from "./candidates/majority.ts";
import { type Response, responseText } from "./candidates/response.ts";
import { isSequential, type Technique, techniqueNames, type Variation, variationOf } from "./candidates/techniques.ts";
import type { Question } from "./language-model-optimizer.ts";
import { checkOptimizerOptions, type OptionRule, oneOf, trueOrFalse, wholeFrom } from "./language-model-options.ts";
import type { StepCalls, StepSubject, Suggestion, SuggestionRequest } from "./optimizer.ts";
import { OptoPrime, type OptoPrimeOptions } from "./opto-prime.ts";
import { positionOf } from "./position-of.ts";
import { choicePrompt, type NumberedAnswer, synthesisPrompt } from "./prompts/technique-prompts.ts";
import { proposalProfile } from "./proposal-profile.ts";
import type { Fence } from "./reply/fence.ts";
import { taggedFormat } from "./reply/tagged-format.ts";

/** How one answer comes out of several. */
export type SelectionTechnique = "bestOfN" | "moa" | "majority" | "last";

/** What OptoPrimeMulti can be made with. */
export interface OptoPrimeMultiOptions extends OptoPrimeOptions {
  /** How the answers come to differ. @default "temperatureVariation" */
  readonly technique?: Technique | undefined;
  /** Answers for each proposal. @default 3 */
  readonly numResponses?: number | undefined;
  /** The temperatures between which `"temperatureVariation"` goes, from the highest down. @default [0, 1] */
  readonly temperatureMinMax?: readonly [lowest: number, highest: number] | undefined;
  /** Who is asked in turn by `"multiExperts"`, in words that follow "Answer as". @default four experts of different bent */
  readonly expertsList?: readonly string[] | undefined;
  /** The models that are asked in turn by `"multiLLM"`. */
  readonly models?: readonly ModelLike[] | undefined;
  /**
   * How one answer comes out of several when nothing scores them: the model chooses (`"bestOfN"`) or makes one out of all
   * (`"moa"`, mixture of agents), the one that most agree with, or the last. @default "bestOfN"
   */
  readonly selectionTechnique?: SelectionTechnique | undefined;
  /** Scores the values of an answer, complete for all parameters; the highest is taken, of equals the first. */
  readonly scorer?: ((candidate: Candidate) => number | Promise<number>) | undefined;
  /** Chooses among the values of the answers by their place, counted from 0. Comes before everything else. */
  readonly selector?: ((candidates: readonly Candidate[]) => number | Promise<number>) | undefined;
}

/**
 * Asks several times for each proposal and takes one answer: by the `selector`; else by score, where there is a `scorer` or all
 * answers are remembered with their scores; else by the `selectionTechnique`. Answers that break a rule are only
 * taken when all do. An answer that cannot be got does not lose the others.
 *
 * With an algorithm that validates proposals (`BasicSearchAlgorithm`) plain `OptoPrime` with more proposals is
 * often the better use of the same calls: there the data chooses.
 *
 * @example
 * const optimizer = new OptoPrimeMulti(agent, { technique: "multiExperts", selectionTechnique: "moa" });
 */
export class OptoPrimeMulti extends OptoPrime {
  declare readonly options: Readonly<OptoPrimeMultiOptions>;

  /** @throws InvalidArgumentError for an unknown option, a value out of range, or when there is nothing to train */
  constructor(parameters: ParameterOwner, options: OptoPrimeMultiOptions = {}) {
    checkOptimizerOptions(options, "OptoPrimeMulti", { includeExample: trueOrFalse, ...ownRules });
    if (options.technique === "multiLLM" && options.models === undefined) {
      throw new InvalidArgumentError('Expected `models` for the technique "multiLLM", got none');
    }
    super(parameters, options, ownRules);
  }

  override settings(): Readonly<Record<string, JsonValue>> {
    const { models: _models, scorer: _scorer, selector: _selector, ...settings } = super.settings();
    return settings;
  }

  override expectedCalls(subject: StepSubject): StepCalls {
    const { numResponses = 3, technique, models = [], selectionTechnique = "bestOfN", scorer, selector } = this.options;
    const asksToSelect = ["bestOfN", "moa"].includes(selectionTechnique) && !scorer && !selector && numResponses > 1;
    const one = (model: ModelLike | undefined) => proposalProfile(subject, { ...this.options, model });
    const asked = Array.from({ length: numResponses }, (_, number) => {
      const profile = one(technique === "multiLLM" ? models[number % models.length] : this.options.model);
      // Only the answer that is taken may be asked for again.
      return number === 0 ? profile : { ...profile, calls: { min: 1, max: 1 } };
    });
    return { proposal: asksToSelect ? [...asked, { ...one(this.options.model), calls: { min: 0, max: 1 } }] : asked };
  }

  protected override async answer(request: SuggestionRequest): Promise<Suggestion> {
    const taken = request.scratch.get(takenKey) as string | undefined;
    // Some of its values were refused: that conversation goes on.
    if (taken !== undefined) return this.#ask(request, { key: taken, compose: (budget) => this.compose(request, budget) });
    const responses = await this.#responses(request);
    const fewest = Math.min(...responses.map(({ numProblems }) => numProblems));
    const best = responses.filter(({ numProblems }) => numProblems === fewest);
    const response = best.length === 1 || fewest > 0 ? (best[0] as Response) : await this.#select(request, best);
    request.scratch.set(takenKey, response.key);
    return response.suggestion;
  }

  /** All answers that could be got, in order. @throws the first error, when there is none */
  async #responses(request: SuggestionRequest): Promise<Response[]> {
    const {
      numResponses = 3,
      technique = "temperatureVariation",
      temperatureMinMax = [0, 1],
      expertsList,
      models,
    } = this.options;
    const options = { numResponses, temperatures: temperatureMinMax, experts: expertsList, models };
    const responses: Response[] = [];
    const failures: unknown[] = [];
    const respond = async (number: number, earlier: readonly Response[]): Promise<Response | undefined> => {
      try {
        const variation = variationOf(technique, number, earlier.map(responseText), options);
        return await this.#respond(request, `response/${number}`, variation);
      } catch (error) {
        refuseFatal(error, request.signal);
        failures.push(error);
        emitEvent({ type: "warning", message: `Answer ${number} of ${numResponses} could not be got: ${String(error)}` });
        return undefined;
      }
    };
    const numbers = Array.from({ length: numResponses }, (_, number) => number);
    if (isSequential(technique)) {
      for (const number of numbers) responses.push(...present(await respond(number, responses)));
    } else {
      const outcomes = await Promise.allSettled(numbers.map((number) => respond(number, [])));
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") throw outcome.reason;
        responses.push(...present(outcome.value));
      }
    }
    if (responses.length === 0) throw failures[0];
    return responses;
  }

  async #respond(request: SuggestionRequest, key: string, { addition, ...variation }: Variation): Promise<Response> {
    const replyFormat = this.replyFormatOf(variation.model ?? this.options.model);
    const suggestion = await this.#ask(request, {
      ...variation,
      key,
      compose: (budget) => this.compose(request, budget, { addition, replyFormat }),
    });
    return this.#judge(key, suggestion);
  }

  /** Asks at a position of its own, so that answers got at once are told apart whatever their timing. */
  #ask(request: SuggestionRequest, question: Question): Promise<Suggestion> {
    const label = positionOf(question.key ?? "", request);
    return atPosition(label, () => this.ask({ ...request, position: currentPosition() }, question));
  }

  #judge(key: string, suggestion: Suggestion): Response {
    const candidate: Candidate = {};
    let numProblems = suggestion.rejections?.length ?? 0;
    for (const [name, value] of suggestion.values) {
      const known = this.parameters.get(name);
      if (known !== undefined && this.problemsWith(known, value).length === 0) candidate[name] = value as JsonValue;
      else numProblems++;
    }
    return { key, suggestion, candidate, numProblems };
  }

  async #select(request: SuggestionRequest, responses: readonly Response[]): Promise<Response> {
    const { scorer, selector, selectionTechnique = "bestOfN" } = this.options;
    const current = currentCandidate(this);
    const candidates = responses.map(({ candidate }) => ({ ...current, ...candidate }));
    if (selector !== undefined) return chosen(responses, await selector(candidates));
    const known = candidates.map((candidate) => this.memory.find(candidate)?.score ?? null);
    const scores =
      scorer === undefined ? known : await Promise.all(candidates.map(async (candidate) => scored(await scorer(candidate))));
    request.signal?.throwIfAborted();
    if (scores.every((score) => score !== null)) return responses[scores.indexOf(Math.max(...scores))] as Response;
    const last = responses.at(-1) as Response;
    if (selectionTechnique === "last") return last;
    if (selectionTechnique === "majority") return responses[majority(candidates)] as Response;
    const answers = responses.map((response, place) => ({ ...responseText(response), score: known[place]?.toString() }));
    try {
      return (
        (await (selectionTechnique === "moa" ? this.#synthesis(request, answers) : this.#choice(request, responses, answers))) ??
        last
      );
    } catch (error) {
      refuseFatal(error, request.signal);
      emitEvent({ type: "warning", message: `No answer could be selected, so the last is taken: ${String(error)}` });
      return last;
    }
  }

  /** The answer that the model thinks best; `undefined` when it names none. */
  async #choice(
    request: SuggestionRequest,
    responses: readonly Response[],
    answers: readonly Numbered[],
  ): Promise<Response | undefined> {
    const choice = parameter(1, { name: "choice", domain: range(1, responses.length, { integer: true }) });
    const { values } = await this.#ask(request, {
      key: "choice",
      temperature: 0,
      parameters: new Map([["choice", choice]]) as Question["parameters"],
      compose: (budget) => {
        const prompt = this.compose(request, budget, { addition: additionOf(answers, choicePrompt), replyFormat: "tags" });
        return { ...prompt, format: taggedFormat(prompt.fence, []) };
      },
    });
    const number = values.get("choice");
    return choice.problems(number).length === 0 ? responses[(number as number) - 1] : undefined;
  }

  /** An answer that the model makes out of all; `undefined` when it cannot be used. */
  async #synthesis(request: SuggestionRequest, answers: readonly Numbered[]): Promise<Response | undefined> {
    const response = await this.#respond(request, "synthesis", {
      temperature: 0,
      addition: additionOf(answers, synthesisPrompt),
    });
    return response.numProblems > 0 && Object.keys(response.candidate).length === 0 ? undefined : response;
  }
}

const takenKey = "taken";

const ownRules: Readonly<Record<string, OptionRule>> = {
  technique: oneOf(techniqueNames),
  numResponses: wholeFrom(1),
  temperatureMinMax: [
    "two numbers from 0, the lower one first",
    (value) =>
      Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && 0 <= value[0] && value[0] <= value[1],
  ],
  expertsList: ["a list of at least one text", (value) => isList(value) && value.every((expert) => typeof expert === "string")],
  models: ["a list of at least one model", isList],
  selectionTechnique: oneOf(["bestOfN", "moa", "majority", "last"]),
  scorer: ["a function", (value) => typeof value === "function"],
  selector: ["a function", (value) => typeof value === "function"],
};

/** An answer as it is shown to the model that selects. */
interface Numbered {
  readonly texts: readonly string[];
  readonly write: (fence: Fence) => string;
  readonly score: string | undefined;
}

function additionOf(
  answers: readonly Numbered[],
  prompt: (answers: readonly NumberedAnswer[], fence: Fence) => string,
): Addition {
  return {
    texts: answers.flatMap(({ texts }) => texts),
    write: (fence) =>
      prompt(
        answers.map(({ write, score }) => ({ text: write(fence), score })),
        fence,
      ),
  };
}

/** What no other answer can make up for. */
function refuseFatal(error: unknown, signal: AbortSignal | undefined): void {
  signal?.throwIfAborted();
  currentRun()?.signal?.throwIfAborted();
  if (error instanceof StopError || isSetUpError(error)) throw error;
}

function chosen(responses: readonly Response[], place: unknown): Response {
  const response = responses[place as number];
  if (Number.isInteger(place) && response !== undefined) return response;
  throw new InvalidArgumentError(
    `Expected \`selector\` to give a place from 0 to ${responses.length - 1}, got ${describeValue(place)}`,
  );
}

function scored(score: unknown): number {
  if (typeof score === "number" && Number.isFinite(score)) return score;
  throw new InvalidArgumentError(`Expected \`scorer\` to give a finite number, got ${describeValue(score)}`);
}

function present<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}
