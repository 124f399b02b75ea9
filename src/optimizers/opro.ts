/**
 * OPRO: an optimizer that shows a language model what was tried with its scores, and asks for what scores higher.
 *
 * @module
 */
import { canonicalJson, ownValue, shorten } from "../data/json.ts";
import { type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { ParameterOwner } from "../graph/parameter-names.ts";
import { AttemptMemory } from "./attempt-memory.ts";
import type { OptimizerPrompt } from "./conversation.ts";
import { filledSlots } from "./edit-rules/filled-slots.ts";
import { firstThatFits, halves } from "./fit/first-that-fits.ts";
import type { PromptBudget } from "./fit/prompt-budget.ts";
import { LanguageModelOptimizer } from "./language-model-optimizer.ts";
import { type LanguageModelOptimizerOptions, modelOptimizerTable } from "./language-model-options.ts";
import type { PastAttempt, Suggestion, SuggestionRequest } from "./optimizer.ts";
import { describeExamples } from "./problem/describe-examples.ts";
import { describeVariable, variableText } from "./problem/describe-variable.ts";
import { directionPrompt, proposalNumber } from "./prompts/direction-prompt.ts";
import { objectiveWith } from "./prompts/instructions.ts";
import { oproInstructions, oproPrompt, scoreObjective, type TriedValues } from "./prompts/opro-prompt.ts";
import { replyFormats } from "./reply/choose-format.ts";
import { longText, textsIn } from "./reply/edits.ts";
import { Fence } from "./reply/fence.ts";
import { digitsOf, scoreText } from "./score-text.ts";
import { fitAdvice, surroundingTexts } from "./surroundings.ts";

/** What OPRO can be made with. */
export interface OPROOptions extends LanguageModelOptimizerOptions {
  /** How many of the best attempts a prompt shows. @default 20, as in the paper */
  readonly memorySize?: number | undefined;
  /** How many inputs, outputs and pieces of feedback a prompt shows of each, as examples of the task; 0 is scores alone. @default 3 */
  readonly numExamples?: number | undefined;
}

const oproTable: OptionTable<OPROOptions> = { ...modelOptimizerTable, numExamples: wholeFrom(0) };

/**
 * Optimization by prompting (Yang et al. 2023, "Large Language Models as Optimizers"): the prompt lists the best values
 * so far with their scores, in ascending order, so that the best comes last, next to the request for better ones. The
 * graph is not shown, so it costs little however large the program is; it needs scores rather than words.
 *
 * It learns from the history of a search. Without one it learns from `observe`, and from the scores of feedback, which count for the values that
 * were current at that time.
 *
 * @example
 * const optimizer = new OPRO(agent, { model: "openai/gpt-5-mini", objective: "Solve more of the word problems." });
 * await new BasicSearchAlgorithm(agent, optimizer).train(guide, dataset, { numProposals: 8 });
 */
export class OPRO extends LanguageModelOptimizer {
  declare readonly options: Readonly<OPROOptions>;

  /** @throws InvalidArgumentError for an unknown option, a value out of range, or when there is nothing to train */
  constructor(parameters: ParameterOwner, options: OPROOptions = {}) {
    checkTable(options, oproTable, "OPRO");
    const { memorySize = 20 } = options;
    super(parameters, { ...options, memorySize }, new AttemptMemory(memorySize, "best"));
  }

  protected override answer(request: SuggestionRequest): Promise<Suggestion> {
    return this.ask(request, { compose: (budget) => this.compose(request, budget) });
  }

  /** The prompt within the budget. The same request and budget give the same text, byte for byte; nothing is changed. */
  protected compose(request: SuggestionRequest, budget: PromptBudget): OptimizerPrompt {
    const { graph, position, parameters } = request;
    const { objective: wanted = scoreObjective, maxValueLength = 2000, numExamples = 3, maxChange } = this.options;
    const objective = objectiveWith(wanted, request);
    const tried = this.#tried(request);
    const { others, advice, scoredOn } = surroundingTexts(this.surroundingsOf(request), graph, this.parameters, maxValueLength);
    const further = { others, advice: fitAdvice(advice, budget) };
    const variables = [...parameters].map(([name, parameter]) =>
      describeVariable(name, parameter, graph.valueOf(parameter), filledSlots(parameter, graph)),
    );
    const seen = describeExamples(graph, this.parameters, numExamples, maxValueLength);
    const { replyFormat } = this;
    const asked = [...parameters].map(([name, parameter]) => ({
      name,
      parameter,
      value: withoutEdits(graph.valueOf(parameter)),
    }));
    const direction = directionPrompt(proposalNumber(position));
    const compose = ({ examples, attempts, valueLength }: Size): OptimizerPrompt => {
      const problem = {
        objective,
        variables,
        tried: shown(tried, attempts, valueLength),
        scoredOn,
        others: further.others.slice(0, attempts),
        advice: further.advice,
        leftOut: Math.max(0, tried.length - attempts),
        examples: seen.slice(0, examples),
        direction,
      };
      const fence = Fence.around(textsIn(problem));
      const format = replyFormats[replyFormat](fence, asked);
      return { system: oproInstructions(format, maxChange, problem), prompt: oproPrompt(problem, fence), fence, format };
    };
    return firstThatFits(sizes(numExamples, tried.length, maxValueLength), compose, budget);
  }

  /** What is known, from the worst to the best; the current values are in it, whatever they scored. */
  #tried({ graph, history, comparedBy }: SuggestionRequest): readonly TriedValues[] {
    const current = this.judged(graph, history);
    const currentKey = canonicalJson(current.values);
    const known = history?.best(this.memory.size) ?? this.memory.attempts;
    const all = [...known.filter(({ values }) => canonicalJson(values) !== currentKey), current];
    const scale = { scoredOn: history?.examples, comparedBy, digits: digitsOf(all) };
    return all
      .sort((a, b) => rank(a) - rank(b) || 0)
      .map((attempt) => ({
        values: [...this.parameters.keys()].flatMap((name) => {
          const value = ownValue(attempt.values, name);
          return value === undefined ? [] : [{ name, value: variableText(value) }];
        }),
        ...scoreText(attempt, scale),
        isCurrent: attempt === current,
      }));
  }
}

/** By its score, else by what it would probably score. A mean on other examples tells nothing. */
function rank({ score, estimate, examples = 0 }: PastAttempt): number {
  return score ?? (examples > 0 ? estimate : undefined) ?? Number.NEGATIVE_INFINITY;
}

/** Many values are shown, not all of them in full, so there is none that edits could apply to. */
function withoutEdits(value: unknown): unknown {
  return typeof value === "string" ? value.slice(0, longText) : value;
}

/** How much a prompt tells. */
interface Size {
  readonly examples: number;
  readonly attempts: number;
  /** Most characters of a value that was tried. */
  readonly valueLength: number;
}

/** First examples go, then the worst attempts, in the end the middle of long values. */
function* sizes(examples: number, attempts: number, longest: number): Generator<Size> {
  const valueLength = Number.POSITIVE_INFINITY;
  for (const fewer of halves(examples, 0)) yield { examples: fewer, attempts, valueLength };
  for (const fewer of halves(attempts, 1)) yield { examples: 0, attempts: fewer, valueLength };
  for (const shorter of halves(longest, 100)) yield { examples: 0, attempts: 1, valueLength: shorter };
}

/** The best, and the current values among them. */
function shown(tried: readonly TriedValues[], count: number, maxLength: number): readonly TriedValues[] {
  const first = tried.length - count;
  return tried
    .filter(({ isCurrent }, place) => place >= first || isCurrent)
    .map((attempt) => ({
      ...attempt,
      values: attempt.values.map(({ name, value }) => ({ name, value: shorten(value, maxLength) })),
    }));
}
