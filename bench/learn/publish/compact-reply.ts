/**
 * A completion without what no client reads: timings, names, and numbers of the server.
 *
 * @module
 */

/** Message, why it ended, and tokens of prompt and reply. */
export type CompactReply = readonly [message: string | object, finish: string | null, input: number, output: number];

interface Completion {
  readonly choices?: readonly { readonly message?: Readonly<Record<string, unknown>>; readonly finish_reason?: string | null }[];
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number };
}

export function compactReply(body: unknown): CompactReply {
  const { choices: [choice] = [], usage } = body as Completion;
  const { role: _, ...message } = choice?.message ?? {};
  const isText = typeof message.content === "string" && Object.keys(message).length === 1;
  const said = isText ? (message.content as string) : message;
  return [said, choice?.finish_reason ?? null, usage?.prompt_tokens ?? 0, usage?.completion_tokens ?? 0];
}

export function completeReply([said, finish, input, output]: CompactReply): object {
  const message = { role: "assistant", ...(typeof said === "string" ? { content: said } : said) };
  return {
    id: "chatcmpl-recorded",
    object: "chat.completion",
    created: 0,
    model: "recorded",
    choices: [{ index: 0, message, finish_reason: finish }],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  };
}
