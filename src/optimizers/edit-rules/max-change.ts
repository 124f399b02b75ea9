/**
 * `maxChange`: how far one step may move from the current text.
 *
 * @module
 */
import { diffWordsWithSpace } from "diff";

/**
 * Says that `proposed` is too far from `current`, or `undefined` when it is near enough. The change of a text is the share
 * of words, blanks and punctuation marks that are removed or added, of all those in both texts: 0 leaves it alone, 1 writes it
 * anew. An empty text may become any other.
 *
 * @param maxChange the largest change allowed, 0 to 1
 */
export function tooFarFrom(current: string, proposed: string, maxChange: number): string | undefined {
  if (maxChange >= 1 || current === proposed || current.trim() === "") return undefined;
  const size = tokensIn(current) + tokensIn(proposed);
  const allowed = Math.floor(maxChange * size);
  // Stops as soon as it is clear, so that two long texts with nothing in common cost little.
  const parts = diffWordsWithSpace(current, proposed, { maxEditLength: allowed });
  const changed = parts?.reduce((sum, { added, removed, count }) => (added || removed ? sum + count : sum), 0);
  if (changed !== undefined && changed <= allowed) return undefined;
  const share = changed === undefined ? "more" : percent(changed / size);
  return `expected a change of at most ${percent(maxChange)} of the words of the current text, got ${share}; keep more of it as it is`;
}

/** Words, runs of blanks and punctuation marks, as the comparison counts them. */
function tokensIn(text: string): number {
  return diffWordsWithSpace("", text)[0]?.count ?? 0;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
