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
