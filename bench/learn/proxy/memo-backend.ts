/**
 * A backend that is asked everything once: for scores on held-out data, which many cells share.
 *
 * @module
 */
import type { Backend, BackendReply } from "./backend.ts";
import { callKey } from "./call-key.ts";

/** Remembers replies with status 200 for as long as the program runs. The calls are to be made at temperature 0. */
export function memoBackend(backend: Backend): Backend {
  const replies = new Map<string, BackendReply>();
  return {
    async answer(request, signal) {
      const key = callKey(request);
      const known = replies.get(key);
      if (known !== undefined) return known;
      const reply = await backend.answer(request, signal);
      if (reply.status === 200) replies.set(key, reply);
      return reply;
    },
  };
}
