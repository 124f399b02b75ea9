/**
 * Edits in a block of tagged text.
 *
 * @module
 */
import type { Edit } from "./edits.ts";
import { type Fence, unwrap } from "./fence.ts";

/** The edits of a block, or why they are none. */
export type TaggedEdits = { readonly edits: Edit[] } | { readonly problem: string };

/**
 * The edits that a block holds; `undefined` for a block without any of their tags, which is a value, and a problem for one that
 * has them in another order than search and replace, or text besides.
 */
export function taggedEdits(block: string, fence: Fence): TaggedEdits | undefined {
  const edits: Edit[] = [];
  let searched: string | undefined;
  let expected = 0;
  /** Up to where the block has been read. */
  let end = 0;
  for (const match of block.matchAll(new RegExp(`<(/?)(search|replace)${fence.mark}\\s*>`, "gi"))) {
    const [all, slash, tag = ""] = match;
    const inner = block.slice(end, match.index);
    if (`${slash}${tag.toLowerCase()}` !== order[expected]) return wrong(fence);
    if (slash === "" && !isBlank(inner)) return wrong(fence);
    if (expected === 1) searched = unwrap(inner);
    if (expected === 3) edits.push({ search: searched as string, replace: unwrap(inner) });
    expected = (expected + 1) % order.length;
    end = match.index + all.length;
  }
  if (end === 0) return undefined;
  return expected === 0 && isBlank(block.slice(end)) ? { edits } : wrong(fence);
}

const order = ["search", "/search", "replace", "/replace"] as const;

/** Nothing, or the backticks that some models put around whatever they write. */
function isBlank(text: string): boolean {
  return /^\s*(?:```[\w-]*\s*)?$/.test(text);
}

function wrong(fence: Fence): TaggedEdits {
  const [search, replace] = [fence.open("search") + fence.close("search"), fence.open("replace") + fence.close("replace")];
  return {
    problem: `expected either the whole new value, or edits alone: ${search} and ${replace} in turn, with nothing else around`,
  };
}
