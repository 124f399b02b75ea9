/**
 * Finds the tags of a prompt's format in a reply, and which of them belong together. Linear in the reply.
 *
 * @module
 */
import { type Fence, unescapeAttribute } from "./fence.ts";

/** A tag and where it stands. */
export interface TagAt {
  readonly kind: "variable" | "reasoning" | "unchanged";
  readonly closes: boolean;
  /** Its `name` attribute; empty when there is none. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Whether only blanks stand before it on its line. */
  readonly startsLine: boolean;
}

/** The tags that a model writes, in order; upper and lower case are the same. `<variable/>` holds nothing and is none. */
export function tagsOf(reply: string, fence: Fence): TagAt[] {
  const pattern = new RegExp(`<(/?)(variable|reasoning|unchanged)${fence.mark}(?![\\w-])([^<>]*)>`, "gi");
  const tags: TagAt[] = [];
  for (const match of reply.matchAll(pattern)) {
    const [all, slash, kind = "", attributes = ""] = match;
    if (kind.toLowerCase() === "variable" && attributes.endsWith("/")) continue;
    tags.push({
      kind: kind.toLowerCase() as TagAt["kind"],
      closes: slash === "/",
      name: nameIn(attributes),
      start: match.index,
      end: match.index + all.length,
      startsLine: isLineStart(reply, match.index),
    });
  }
  return tags;
}

/** For the position of every opening tag of a kind in the list, that of the tag that closes it; none for one left open. */
export function closingTags(tags: readonly TagAt[], kind: TagAt["kind"]): ReadonlyMap<number, number> {
  const closing = new Map<number, number>();
  const open: number[] = [];
  for (const [at, tag] of tags.entries()) {
    if (tag.kind !== kind) continue;
    if (!tag.closes) open.push(at);
    else if (open.length > 0) closing.set(open.pop() as number, at);
  }
  return closing;
}

/** In double quotes, single quotes, or none; a second quote may be missing. */
function nameIn(attributes: string): string {
  const match = /(?:^|\s)name\s*=\s*(?:"([^"]*)|'([^']*)|([^\s"'/]+))/i.exec(attributes);
  return unescapeAttribute(match?.[1] ?? match?.[2] ?? match?.[3] ?? "").trim();
}

function isLineStart(text: string, position: number): boolean {
  let before = position - 1;
  while (text[before] === " " || text[before] === "\t") before--;
  return before < 0 || text[before] === "\n";
}
