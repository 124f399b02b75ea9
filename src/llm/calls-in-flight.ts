/**
 * Identical calls that are in flight at the same time, made once.
 *
 * @module
 */
import { untilAborted } from "../data/until-aborted.ts";
import { callKey } from "./call-key.ts";
import type { CallMerger } from "./call-services.ts";
import type { ModelReply, ModelRequest } from "./model-request.ts";

/**
 * Lets calls that ask the very same join one that is in flight. Only for those who ask for it: samples of one prompt are
 * meant to differ.
 */
export class CallsInFlight implements CallMerger {
  readonly #calls = new Map<string, Promise<ModelReply>>();

  /**
   * The reply of an identical call in flight, else that of `make`. When the other fails, whatever the reason, the call is
   * made after all.
   *
   * @param onJoined hears the reply that another call has paid for, before it is used
   */
  async join(
    model: string,
    request: ModelRequest,
    make: () => Promise<ModelReply>,
    onJoined: (reply: ModelReply) => Promise<void>,
  ): Promise<ModelReply> {
    const key = callKey("", model, request);
    const other = this.#calls.get(key);
    if (other !== undefined) {
      const reply = await untilAborted(
        other.catch(() => undefined),
        request.signal,
      );
      if (reply === undefined) return make();
      await onJoined(reply);
      return reply;
    }
    const own = make();
    this.#calls.set(key, own);
    try {
      return await own;
    } finally {
      this.#calls.delete(key);
    }
  }
}
