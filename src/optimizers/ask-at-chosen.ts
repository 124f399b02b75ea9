/**
 * `askAtChosen`: a temperature that a technique has chosen is given up where the model does not support it.
 *
 * @module
 */
import { OptoError } from "../errors.ts";
import { emitEvent } from "../graph/scope.ts";
import type { ModelReply } from "../llm/model-request.ts";
import { callFailure } from "../llm/pace/call-failure.ts";

/** Asks, and where the model does not support the temperature that a technique has chosen (and not the user), asks without it. */
export async function askAtChosen(
  chosen: number,
  ask: (temperature: number | undefined) => Promise<ModelReply>,
): Promise<ModelReply> {
  try {
    return await ask(chosen);
  } catch (error) {
    const { setting, reason } = callFailure(OptoError.isInstance(error) ? error.cause : error, 0);
    if (setting !== "temperature") throw error;
    emitEvent({
      type: "warning",
      message: `The model does not support the temperature ${chosen} (${reason}), so it is asked without a temperature`,
    });
    return ask(undefined);
  }
}
