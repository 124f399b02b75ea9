/**
 * OptoPrimeMulti: OptoPrime that gets several answers for each proposal, by different techniques, and takes one of them.
 *
 * @module
 */
import { describeValue, type JsonValue } from "../data/json.ts";
import { checkTable } from "../data/options.ts";
import { InvalidArgumentError, isSetUpError, StopError } from "../errors.ts";
import { range } from "../graph/domain.ts";
import { parameter } from "../graph/parameter.ts";
import type { ParameterOwner } from "../graph/parameter-names.ts";
import { atPosition, currentPosition, currentRun, emitEvent } from "../graph/scope.ts";
import { type Candidate, currentCandidate } from "../graph/with-values.ts";
import type { ModelLike } from "../llm/language-model.ts";
import type { Addition } from "./build-prompt.ts";
import { isSequential, majority, type Response, responseText, type Variation, variationOf } from "./candidates/techniques.ts";
import type { OptimizerPrompt } from "./conversation.ts";
import type { PromptBudget } from "./fit/prompt-budget.ts";
import { positionOf, type Question } from "./language-model-optimizer.ts";
import type { StepCalls, StepSubject, Suggestion, SuggestionRequest } from "./optimizer.ts";
import { OptoPrime } from "./opto-prime.ts";
import { multiTable, type OptoPrimeMultiOptions } from "./opto-prime-multi-options.ts";
import { choicePrompt, type NumberedAnswer, synthesisPrompt } from "./prompts/technique-prompts.ts";
import { proposalProfile } from "./proposal-profile.ts";
import type { Fence } from "./reply/fence.ts";
import { taggedFormat } from "./reply/tagged-format.ts";
import { digitsOf, type ScoreText, scoreText } from "./score-text.ts";

/**
 * Requests several answers for each proposal and selects one: with the `selector`, if it is set; else by score, if there is a `scorer` or the
 * scores of all answers are already known; else by the `selectionTechnique`. An answer that breaks a rule is selected only if all do. If one
 * request fails, the other answers are still used.
 *
 * With an algorithm that validates proposals (`BasicSearchAlgorithm`), plain `OptoPrime` with more proposals is often a better use of the same
 * number of calls, because the data decide.
 *
 * @example
 * const optimizer = new OptoPrimeMulti(agent, { technique: "multiExperts", selectionTechnique: "moa" });
 */
export class OptoPrimeMulti extends OptoPrime {
  declare readonly options: Readonly<OptoPrimeMultiOptions>;

  /** @throws InvalidArgumentError for an unknown option, a value out of range, or when there is nothing to train */
  constructor(parameters: ParameterOwner, options: OptoPrimeMultiOptions = {}) {
    checkTable(options, multiTable, "OptoPrimeMulti");
    if (options.technique === "multiLLM" && options.models === undefined) {
      throw new InvalidArgumentError('Expected `models` for the technique "multiLLM", got none');
    }
    super(parameters, options, multiTable);
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
    const taken = request.scratch.get(takenKey) as Question | undefined;
    // Some of its values were refused: that conversation goes on.
    if (taken !== undefined) return this.#ask(request, taken);
    const responses = await this.#responses(request);
    const fewest = Math.min(...responses.map(({ numProblems }) => numProblems));
    const best = responses.filter(({ numProblems }) => numProblems === fewest);
    const response = best.length === 1 || fewest > 0 ? (best[0] as Response) : await this.#select(request, best);
    request.scratch.set(takenKey, response.question);
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
    const respond = async (number: number, earlier: readonly Response[]): Promise<Outcome> => {
      try {
        const variation = variationOf(technique, number, earlier.map(responseText), options);
        return { response: await this.#respond(request, `response/${number}`, variation) };
      } catch (error) {
        refuseFatal(error, request.signal);
        return { error };
      }
    };
    const numbers = Array.from({ length: numResponses }, (_, number) => number);
    const outcomes: Outcome[] = [];
    if (isSequential(technique)) {
      for (const number of numbers) outcomes.push(await respond(number, present(outcomes)));
    } else {
      for (const settled of await Promise.allSettled(numbers.map((number) => respond(number, [])))) {
        if (settled.status === "rejected") throw settled.reason;
        outcomes.push(settled.value);
      }
    }
    // Told of in order, whichever failed first.
    const failures = outcomes.flatMap((outcome, number) => ("error" in outcome ? [{ number, error: outcome.error }] : []));
    if (failures.length === outcomes.length) throw failures[0]?.error;
    for (const { number, error } of failures) {
      emitEvent({ type: "warning", message: `Response ${number} of ${numResponses} failed: ${String(error)}` });
    }
    return present(outcomes);
  }

  async #respond(request: SuggestionRequest, key: string, { addition, ...variation }: Variation): Promise<Response> {
    const replyFormat = this.replyFormatOf(variation.model ?? this.options.model);
    const compose = (budget: PromptBudget): OptimizerPrompt => this.compose(request, budget, { addition, replyFormat });
    const question = { ...variation, key, compose };
    return this.#judge(request, question, await this.#ask(request, question));
  }

  /** Asks at a position of its own, so that answers got at once are told apart whatever their timing. */
  #ask(request: SuggestionRequest, question: Question): Promise<Suggestion> {
    const label = positionOf(question.key ?? "", request);
    return atPosition(label, () => this.ask({ ...request, position: currentPosition() }, question));
  }

  #judge({ parameters, graph }: SuggestionRequest, question: Question, suggestion: Suggestion): Response {
    const candidate: Candidate = {};
    let numProblems = suggestion.rejections?.length ?? 0;
    for (const [name, value] of suggestion.values) {
      const known = parameters.get(name);
      if (known !== undefined && this.problemsWith(known, value, graph).length === 0) candidate[name] = value as JsonValue;
      else numProblems++;
    }
    return { question, suggestion, candidate, numProblems };
  }

  async #select(request: SuggestionRequest, responses: readonly Response[]): Promise<Response> {
    const { scorer, selector, selectionTechnique = "bestOfN" } = this.options;
    const current = currentCandidate(this);
    const candidates = responses.map(({ candidate }) => ({ ...current, ...candidate }));
    if (selector !== undefined) return chosen(responses, await selector(candidates));
    const history = request.history ?? this.memory;
    const attempts = candidates.map((candidate) => history.find(candidate));
    const known = attempts.map((attempt) => attempt?.score ?? null);
    const scores =
      scorer === undefined ? known : await Promise.all(candidates.map(async (candidate) => scored(await scorer(candidate))));
    request.signal?.throwIfAborted();
    if (scores.every((score) => score !== null)) return responses[scores.indexOf(Math.max(...scores))] as Response;
    const last = responses.at(-1) as Response;
    if (selectionTechnique === "last") return last;
    if (selectionTechnique === "majority") return responses[majority(candidates)] as Response;
    const digits = digitsOf(attempts.filter((attempt) => attempt !== undefined));
    const scale = { scoredOn: undefined, comparedBy: request.comparedBy, digits };
    const answers = responses.map((response, place) => {
      const attempt = attempts[place];
      return { ...responseText(response), known: attempt === undefined ? {} : scoreText(attempt, scale) };
    });
    try {
      return (
        (await (selectionTechnique === "moa" ? this.#synthesis(request, answers) : this.#choice(request, responses, answers))) ??
        last
      );
    } catch (error) {
      refuseFatal(error, request.signal);
      emitEvent({ type: "warning", message: `Could not choose a response; using the last: ${String(error)}` });
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
        const prompt = this.compose(request, budget, {
          addition: { ...additionOf(answers, choicePrompt), asksOtherwise: true },
          replyFormat: "tags",
        });
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

/** An answer, or why there is none. */
type Outcome = { readonly response: Response } | { readonly error: unknown };

/** An answer as it is shown to the model that selects. */
interface Numbered {
  readonly texts: readonly string[];
  readonly write: (fence: Fence) => string;
  readonly known: ScoreText;
}

function additionOf(
  answers: readonly Numbered[],
  prompt: (answers: readonly NumberedAnswer[], fence: Fence) => string,
): Addition {
  return {
    texts: answers.flatMap(({ texts }) => texts),
    write: (fence) =>
      prompt(
        answers.map(({ write, known }) => ({ ...known, text: write(fence) })),
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
    `Expected \`selector\` to return an index from 0 to ${responses.length - 1}, got ${describeValue(place)}`,
  );
}

function scored(score: unknown): number {
  if (typeof score === "number" && Number.isFinite(score)) return score;
  throw new InvalidArgumentError(`Expected \`scorer\` to return a finite number, got ${describeValue(score)}`);
}

function present(outcomes: readonly Outcome[]): Response[] {
  return outcomes.flatMap((outcome) => ("response" in outcome ? [outcome.response] : []));
}
