/**
 * Keeps of scored things as many as there is room for.
 *
 * @module
 */

/** What was kept and what was not, each in the order given. */
export interface KeptAndDropped<Item> {
  readonly kept: readonly Item[];
  readonly dropped: readonly Item[];
}

/**
 * Drops the worst until the rest takes at most `maxTokens`: what has no score first, then the lowest scores, and of equals the
 * oldest.
 *
 * @param items oldest first
 */
export function dropWorst<Item extends { readonly score: number | null }>(
  items: readonly Item[],
  tokensOf: (item: Item) => number,
  maxTokens: number,
): KeptAndDropped<Item> {
  const bestFirst = [...items.keys()].sort((a, b) => worth(items[b]) - worth(items[a]) || b - a);
  const kept = new Set<number>();
  let left = maxTokens;
  for (const index of bestFirst) {
    left -= tokensOf(items[index] as Item);
    if (left < 0) break;
    kept.add(index);
  }
  return {
    kept: items.filter((_, index) => kept.has(index)),
    dropped: items.filter((_, index) => !kept.has(index)),
  };
}

/** Large but finite, so that two of them are equal. */
function worth(item: { readonly score: number | null } | undefined): number {
  return item?.score ?? -Number.MAX_VALUE / 4;
}
