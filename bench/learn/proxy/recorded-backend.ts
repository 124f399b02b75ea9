/**
 * A model whose replies are on record, so that the proposals of a capable model are available without its key.
 *
 * @module
 */
import { appendFile, readFile } from "node:fs/promises";
import { type Backend, completionOf, errorReply } from "./backend.ts";
import { callKey, readableRequest } from "./call-key.ts";

/**
 * Replies from a file of JSON lines `{ key, text }`. Other requests go to `next`, whose replies are added to the file.
 *
 * @param next @default requests that are not on record are refused
 */
export async function recordedBackend(file: string, next?: Backend): Promise<Backend> {
  const replies = new Map<string, string>();
  for (const line of (await readFile(file, "utf8").catch(() => "")).split("\n")) {
    if (line.trim() === "") continue;
    const { key, text } = JSON.parse(line) as { readonly key: string; readonly text: string };
    replies.set(key, text);
  }
  return {
    async answer(request, signal) {
      const key = callKey(request);
      const known = replies.get(key);
      if (known !== undefined) return { status: 200, body: completionOf(request.model, known) };
      if (next === undefined) {
        // Like a refused key: it ends a run, resumably, instead of counting as a bad reply.
        return errorReply(401, `There is no recorded reply to request ${key.slice(0, 16)}. Record it with --optimizer-dir`);
      }
      const reply = await next.answer(request, signal);
      const text = textOf(reply.body);
      if (reply.status === 200 && text !== undefined) {
        replies.set(key, text);
        await appendFile(file, `${JSON.stringify({ key, request: readableRequest(request), text })}\n`);
      }
      return reply;
    },
  };
}

function textOf(body: unknown): string | undefined {
  const { choices = [] } = body as { readonly choices?: readonly { readonly message?: { readonly content?: unknown } }[] };
  const content = choices[0]?.message?.content;
  return typeof content === "string" ? content : undefined;
}
