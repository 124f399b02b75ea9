/**
 * OptoPrime: an optimizer that shows a language model the graph and the feedback, and reads better values from its reply.
 *
 * @module
 */
import { type OptionTable, trueOrFalse } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { ParameterOwner } from "../graph/parameter-names.ts";
import { type Addition, buildPrompt } from "./build-prompt.ts";
import type { OptimizerPrompt } from "./conversation.ts";
import type { PromptBudget } from "./fit/prompt-budget.ts";
import { LanguageModelOptimizer } from "./language-model-optimizer.ts";
import { type LanguageModelOptimizerOptions, modelOptimizerTable } from "./language-model-options.ts";
import type { Suggestion, SuggestionRequest } from "./optimizer.ts";
import { proposalNumber } from "./prompts/direction-prompt.ts";
import { defaultObjective, objectiveWith } from "./prompts/instructions.ts";
import type { ReplyFormatName } from "./reply/reply-format.ts";

/** What OptoPrime can be made with. */
export interface OptoPrimeOptions extends LanguageModelOptimizerOptions {
  /** Show a small worked example, for models that do not keep to the form of the answer without one. @default false */
  readonly includeExample?: boolean | undefined;
}

/** What OptoPrime can be made with. */
export const optoPrimeTable: OptionTable<OptoPrimeOptions> = {
  ...modelOptimizerTable,
  includeExample: { ...trueOrFalse, default: false, about: "shows a worked example, for models that do not follow the form" },
};

/** How a prompt differs from the usual one. */
export interface ComposeOptions {
  /** What is said after the problem. */
  readonly addition?: Addition | undefined;
  /** @default that of the optimizer and its model */
  readonly replyFormat?: ReplyFormatName | undefined;
}

/**
 * Shows a language model the part of the graph between parameters and outputs, with the feedback on the outputs, and asks it for better values.
 * It reads the reply tolerantly in its form and strictly in its values.
 *
 * The prompt depends only on the graph, the feedback and the history, so equal runs send equal prompts. Proposals of one step (labels
 * `proposal/0`, `proposal/1`, …) are asked to take different approaches. Follows OptoPrime of Cheng, Nie, Swaminathan 2024 ("Trace is the next
 * AutoDiff").
 *
 * @example
 * const optimizer = new OptoPrime(agent, { model: "openai/gpt-5-mini", memorySize: 3 });
 * optimizer.zeroFeedback();
 * optimizer.backward(output, { score: 0.2, feedback: "Too long: one sentence would do." });
 * await optimizer.step();
 */
export class OptoPrime extends LanguageModelOptimizer {
  declare readonly options: Readonly<OptoPrimeOptions>;

  /**
   * @param table the options, with those that a subclass adds
   * @throws InvalidArgumentError for an unknown option, a value out of range, or when there is nothing to train
   */
  constructor(parameters: ParameterOwner, options: OptoPrimeOptions = {}, table: OptionTable<OptoPrimeOptions> = optoPrimeTable) {
    checkTable(options, table, "OptoPrime");
    super(parameters, options);
  }

  protected override answer(request: SuggestionRequest): Promise<Suggestion> {
    return this.ask(request, { compose: (budget) => this.compose(request, budget) });
  }

  /** The prompt for what was said, within the budget. The same request and budget give the same text, byte for byte. */
  protected compose(request: SuggestionRequest, budget: PromptBudget, how: ComposeOptions = {}): OptimizerPrompt {
    const { objective: wanted = defaultObjective, maxValueLength = 2000, includeExample = false, maxChange } = this.options;
    const { graph, parameters } = request;
    const objective = objectiveWith(wanted, request);
    const surroundings = this.surroundingsOf(request);
    const proposal = proposalNumber(request.position);
    const { replyFormat = this.replyFormat } = how;
    const { addition } = how;
    const options = { objective, surroundings, proposal, maxValueLength, includeExample, maxChange, addition, replyFormat };
    return buildPrompt(graph, parameters, options, budget);
  }
}
