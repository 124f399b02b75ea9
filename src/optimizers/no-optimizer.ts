/**
 * `NoOptimizer`: what a search has that asks no optimizer, and finds its candidates itself.
 *
 * @module
 */
import { Optimizer, type StepCalls, type Suggestion } from "./optimizer.ts";

/** Proposes nothing. It knows which parameters are trained, as every optimizer does. */
export class NoOptimizer extends Optimizer {
  /** It asks no language model. */
  override expectedCalls(): StepCalls {
    return { proposal: [] };
  }

  protected suggest(): Suggestion {
    return { values: new Map() };
  }
}
