/**
 * OptoPrime: an optimizer that shows a language model the graph and the feedback, and reads better values from its reply.
 *
 * @module
 */
import type { ParameterOwner } from "../graph/parameter-names.ts";
import { buildPrompt } from "./build-prompt.ts";
import { LanguageModelOptimizer, type OptimizerPrompt } from "./language-model-optimizer.ts";
import { checkOptimizerOptions, type LanguageModelOptimizerOptions, trueOrFalse } from "./language-model-options.ts";
import type { SuggestionRequest } from "./optimizer.ts";
import { defaultObjective } from "./prompts/instructions.ts";

/** What OptoPrime can be made with. */
export interface OptoPrimeOptions extends LanguageModelOptimizerOptions {
  /** Show a small worked example, for models that do not keep to the form of the answer without one. @default false */
  readonly includeExample?: boolean | undefined;
}

/**
 * Writes down the part of the graph between parameters and outputs with what was said of the outputs, asks a language
 * model for better values, and reads its reply: tolerant about the form, strict about the values.
 *
 * The prompt depends on the graph, the feedback and the memory alone, so equal runs ask equal questions. Proposals of
 * one step (labels `proposal/0`, `proposal/1`, …) are told to go different ways. Follows OptoPrime of
 * Cheng, Nie, Swaminathan 2024 ("Trace is the next AutoDiff").
 *
 * @example
 * const optimizer = new OptoPrime(agent, { model: "openai/gpt-5-mini", memorySize: 3 });
 * optimizer.zeroFeedback();
 * optimizer.backward(output, { score: 0.2, feedback: "Too long: one sentence would do." });
 * await optimizer.step();
 */
export class OptoPrime extends LanguageModelOptimizer {
  declare readonly options: Readonly<OptoPrimeOptions>;

  /** @throws InvalidArgumentError for an unknown option, a value out of range, or when there is nothing to train */
  constructor(parameters: ParameterOwner, options: OptoPrimeOptions = {}) {
    checkOptimizerOptions(options, "OptoPrime", { includeExample: trueOrFalse });
    super(parameters, options);
  }

  protected override compose({ graph, position }: SuggestionRequest): OptimizerPrompt {
    const { objective = defaultObjective, maxValueLength = 2000, includeExample = false } = this.options;
    const proposal = Number(/(?:^|\/)proposal\/(\d+)$/.exec(position)?.[1] ?? 0);
    const { replyFormat } = this;
    const { attempts } = this.memory;
    const options = { objective, attempts, proposal, maxValueLength, includeExample, replyFormat };
    return buildPrompt(graph, this.parameters, options);
  }
}
