/**
 * The optimizers and their contract.
 *
 * @module
 */
export { type LeakGuard, type LeakGuardOptions, leakGuard } from "./edit-rules/leak-guard.ts";
export { type PromptBudget, promptBudget } from "./fit/prompt-budget.ts";
export { LanguageModelOptimizer, type OptimizerPrompt, type Question } from "./language-model-optimizer.ts";
export type { LanguageModelOptimizerOptions } from "./language-model-options.ts";
export {
  Optimizer,
  type Rejection,
  type StepOptions,
  type Suggestion,
  type SuggestionRequest,
} from "./optimizer.ts";
export { OptoPrime, type OptoPrimeOptions } from "./opto-prime.ts";
export { TPE, type TPEOptions } from "./tpe.ts";
