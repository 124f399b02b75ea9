/**
 * `Composer`: an optimizer whose prompt can be asked for without a model.
 *
 * @module
 */
import { OptoPrime, promptBudget } from "opto/optimizers";

/** An optimizer whose prompt can be asked for. */
export class Composer extends OptoPrime {
  promptOf(maxTokens: number) {
    const request = {
      graph: this.graph,
      parameters: this.parameters,
      position: "",
      stepPosition: "",
      attempt: 0,
      rejections: [],
      scratch: new Map(),
      verbose: false,
      signal: undefined,
    };
    return this.compose(request, promptBudget(maxTokens));
  }
}
