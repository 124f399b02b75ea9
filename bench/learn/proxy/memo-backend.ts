/**
 * A backend that is asked everything once: for scores on held-out data, which many cells share.
 *
 * @module
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Backend, BackendReply } from "./backend.ts";
import { callKey } from "./call-key.ts";
import { readCalls } from "./cell-calls.ts";

/**
 * Remembers replies with status 200 for as long as the program runs; who asks what is being asked already waits for that reply. The calls are to be made at
 * temperature 0.
 *
 * @param known replies by the names of their requests @default none
 */
export function memoBackend(backend: Backend, known: ReadonlyMap<string, BackendReply> = new Map()): Backend {
  const replies = new Map<string, BackendReply | Promise<BackendReply>>(known);
  return {
    async answer(request, signal) {
      const key = callKey(request);
      for (let other = replies.get(key); other !== undefined; other = replies.get(key)) {
        const reply = await Promise.resolve(other).catch(() => undefined);
        if (reply?.status === 200) return reply;
        signal.throwIfAborted();
        // Its asker has gone, or was refused: this one asks again.
        if (replies.get(key) === other) replies.delete(key);
      }
      const asked = backend.answer(request, signal);
      replies.set(key, asked);
      const forget = (): void => {
        if (replies.get(key) === asked) replies.delete(key);
      };
      const reply = await asked.catch((error: unknown) => {
        forget();
        throw error;
      });
      if (reply.status !== 200) forget();
      return reply;
    },
  };
}

/** What the cells of a table have on record of held-out data. @param cells the folder of their folders */
export function recordedHeldOut(cells: string): Map<string, BackendReply> {
  const folders = existsSync(cells) ? readdirSync(cells) : [];
  const replies = new Map<string, BackendReply>();
  for (const folder of folders) {
    for (const { role, key, status = 200, reply } of readCalls(join(cells, folder, "calls.jsonl"), true)) {
      if (role === "held-out" && status === 200) replies.set(key, { status, body: reply });
    }
  }
  return replies;
}
