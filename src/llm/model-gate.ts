/**
 * The contract of the model gate: where a call of a language model is answered. Without one in the scope of a run, here.
 *
 * @module
 */
import type { GateRequest, ModelReply, ModelRole } from "./model-request.ts";

/** Which call it is. */
export interface GatedCall {
  /** Logical position: `iteration/3/forward/example/7/sample/0/call/1`. */
  readonly position: string;
  readonly role: ModelRole;
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined;
  /** Receives the answer to a direct call as it comes, from whoever can give it so. The reply has all of it in any case. */
  readonly live?: LiveAnswer | undefined;
}

/** The answer of a provider while, and as, it comes. */
export interface LiveAnswer {
  /** A stream begins; what is known of its request and its response. */
  begin(about: object): void;
  /** The next part of a stream. Only the last attempt gives any: what has given parts is not tried again. */
  part(part: object): void;
  /** The end of a stream, or all that the model returned, with what is not recorded. */
  result(result: object): void;
}

/**
 * Answers calls of language models. A process that rolls out for a run elsewhere hands its calls over by one, so that keys, budget,
 * limits, and records stay with the run.
 */
export interface ModelGate {
  /** @throws what `callModel` throws */
  answer(request: GateRequest, call: GatedCall): Promise<ModelReply>;
}
