/**
 * The contract of the model gate: where a call of a language model is answered. Without one in the scope of a run, here.
 *
 * @module
 */
import type { ModelReply, ModelRequest, ModelRole } from "./model-request.ts";

/** Which call it is. */
export interface GatedCall {
  /** Logical position: `iteration/3/forward/example/7/sample/0/call/1`. */
  readonly position: string;
  readonly role: ModelRole;
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Answers calls of language models. A process that rolls out for a run elsewhere hands its calls over by one, so that keys, budget,
 * limits, and records stay with the run.
 */
export interface ModelGate {
  /** @throws what `callModel` throws */
  answer(request: ModelRequest, call: GatedCall): Promise<ModelReply>;
}
