/**
 * A backend whose failures are told: calls are repeated for minutes, and whoever waits for them should know why.
 *
 * @module
 */
import { type Backend, messageOf } from "./backend.ts";

/** @param notice receives the reason of every failure that is not the same as the one before */
export function noticedBackend(backend: Backend, notice: (reason: string) => void): Backend {
  let last: string | undefined;
  const fail = (reason: string): void => {
    if (reason !== last) notice(reason);
    last = reason;
  };
  return {
    async answer(request, signal) {
      const reply = await backend.answer(request, signal).catch((error: unknown) => {
        if (!signal.aborted) fail(error instanceof Error ? error.message : String(error));
        throw error;
      });
      if (reply.status === 200) last = undefined;
      else fail(messageOf(reply));
      return reply;
    },
  };
}
