/**
 * Results, parts of streams, and warnings in the words of specification v2, which `ai` 5 takes.
 *
 * @module
 */

type Fields = Readonly<Record<string, unknown>>;

/** @param part a result, or a part of a stream, in the words of v3 */
export function inVersion2(part: Fields): Fields {
  const { finishReason, usage, warnings } = part;
  return {
    ...part,
    ...(finishReason === undefined ? {} : { finishReason: (finishReason as { readonly unified: string }).unified }),
    ...(usage === undefined ? {} : { usage: flatUsage(usage as NestedUsage) }),
    ...(warnings === undefined ? {} : { warnings: (warnings as readonly Fields[]).map(flatWarning) }),
  };
}

/** The same of all parts of a stream. */
export async function* inVersion2All(parts: AsyncIterable<Fields>): AsyncGenerator<Fields, void, undefined> {
  for await (const part of parts) yield inVersion2(part);
}

interface NestedUsage {
  readonly inputTokens: { readonly total: number | undefined; readonly cacheRead: number | undefined };
  readonly outputTokens: { readonly total: number | undefined; readonly reasoning: number | undefined };
  readonly raw?: { readonly total_tokens?: number | null } | undefined;
}

function flatUsage({ inputTokens, outputTokens, raw }: NestedUsage): Fields {
  return {
    inputTokens: inputTokens.total,
    outputTokens: outputTokens.total,
    totalTokens: raw?.total_tokens ?? undefined,
    reasoningTokens: outputTokens.reasoning,
    cachedInputTokens: inputTokens.cacheRead,
  };
}

function flatWarning({ type, feature, details, message }: Fields): Fields {
  if (type !== "unsupported") return { type, message };
  return { type: "unsupported-setting", setting: feature, details };
}
