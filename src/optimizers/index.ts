/**
 * The optimizers and their contract.
 *
 * @module
 */

export type { Addition } from "./build-prompt.ts";
export type { Technique } from "./candidates/techniques.ts";
export type { OptimizerPrompt } from "./conversation.ts";
export { type LeakGuard, type LeakGuardOptions, leakGuard } from "./edit-rules/leak-guard.ts";
export { type PromptBudget, promptBudget } from "./fit/prompt-budget.ts";
export { LanguageModelOptimizer, type Question, type Turn } from "./language-model-optimizer.ts";
export type { LanguageModelOptimizerOptions } from "./language-model-options.ts";
export { OPRO, type OPROOptions } from "./opro.ts";
export {
  type AttemptLog,
  type Evidence,
  type HistoryView,
  type KnownFailure,
  Optimizer,
  type PairedOutcome,
  type PastAttempt,
  type ProposalRequest,
  type Rejection,
  type StepCalls,
  type StepOptions,
  type StepSubject,
  type Suggestion,
  type SuggestionRequest,
  type UnstableExample,
} from "./optimizer.ts";
export { type ComposeOptions, OptoPrime, type OptoPrimeOptions } from "./opto-prime.ts";
export { OptoPrimeMulti } from "./opto-prime-multi.ts";
export type { OptoPrimeMultiOptions, SelectionTechnique } from "./opto-prime-multi-options.ts";
export type {
  AskedVariable,
  ReadReply,
  Reply,
  ReplyFormat,
  ReplyFormatFactory,
  ReplyFormatName,
  ReplyWords,
} from "./reply/reply-format.ts";
export { TextGrad, type TextGradOptions } from "./text-grad.ts";
export { TPE, type TPEOptions } from "./tpe.ts";
