/**
 * The optimizers and their contract.
 *
 * @module
 */
export {
  Optimizer,
  type Rejection,
  type StepOptions,
  type Suggestion,
  type SuggestionRequest,
} from "./optimizer.ts";
export { OptoPrime } from "./opto-prime.ts";
export type { OptoPrimeOptions } from "./opto-prime-options.ts";
export { TPE, type TPEOptions } from "./tpe.ts";
