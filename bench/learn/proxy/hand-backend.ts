/**
 * A model that is played by hand: each request is a file, and its reply is the file that is written beside it.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Backend, completionOf } from "./backend.ts";
import { callKey, readableRequest } from "./call-key.ts";

/** How replies are waited for. */
export interface HandBackendOptions {
  /** Milliseconds between two looks for the reply. @default 1000 */
  readonly pollMs?: number | undefined;
}

/**
 * Writes `req-KEY.txt` and waits for `ans-KEY.txt`, KEY being the first 16 digits of the request's name. A reply that exists already is used,
 * so a folder of replies is a record. Write the reply to another file and rename it, or it may be read half-written.
 */
export function handBackend(folder: string, { pollMs = 1000 }: HandBackendOptions = {}): Backend {
  return {
    async answer(request, signal) {
      const key = callKey(request).slice(0, 16);
      const reply = join(folder, `ans-${key}.txt`);
      if (!existsSync(reply)) {
        await mkdir(folder, { recursive: true });
        const file = join(folder, `req-${key}.txt`);
        await writeFile(`${file}.tmp`, `${readableRequest(request)}\n`);
        await rename(`${file}.tmp`, file);
      }
      while (!existsSync(reply)) await sleep(pollMs, undefined, { signal });
      return { status: 200, body: completionOf(request.model, await readFile(reply, "utf8")) };
    },
  };
}
