/**
 * Identical calls that are in flight at the same time, made once.
 *
 * @module
 */

import { fingerprint } from "../data/fingerprint.ts";
import { untilAborted } from "../data/shared-work.ts";
import type { CallMerger } from "./call-services.ts";
import type { GateRequest, ModelReply, ModelRequest } from "./model-request.ts";

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

/**
 * The key of a call that is made for the first time at its position. Settings that do not change the answer (retries, role,
 * signal) are no part of it, nor are headers, which hold keys, versions, and the numbers of traces.
 */
export function callKey(position: string, model: string, request: GateRequest): string {
  const { model: _model, maxRetries: _retries, signal: _signal, role: _role, headers: _headers, direct, ...asked } = request;
  if (direct === undefined) return fingerprint([position, model, asked]);
  const { headers: _own, ...options } = direct.options;
  return fingerprint([position, model, { kind: direct.kind, options }]);
}
