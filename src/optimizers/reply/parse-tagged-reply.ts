/**
 * From the text of a reply to its reasoning and its blocks. Takes whatever a model may write, in linear time, and never throws.
 *
 * @module
 */
import type { Span } from "../../llm/structured/thought-marks.ts";
import { type AnswerForm, withoutThoughts } from "../../llm/structured/thoughts.ts";
import { saysUnchanged } from "./edits.ts";
import { type Fence, unescapeAttribute, unwrap } from "./fence.ts";

/** One `<variable>` block. */
export interface ReplyBlock {
  /** Empty when the tag has none. */
  readonly name: string;
  readonly text: string;
  /** How far the text can be trusted: `open` was never closed, `ambiguous` is followed by text and a second closing tag. */
  readonly state: "closed" | "open" | "ambiguous";
}

/** What a reply says. */
export interface ParsedReply {
  /** The reply without the thoughts that the model wrote down. */
  readonly text: string;
  /** Empty when there is none. */
  readonly reasoning: string;
  /** In the order of the reply; a name may come several times. */
  readonly blocks: readonly ReplyBlock[];
  /** Whether it says that nothing is to be changed. */
  readonly unchanged: boolean;
}

/**
 * Finds the reasoning and the outermost `<variable>` blocks of a reply. Thoughts are left out, with the drafts in them; what
 * stands between the blocks is ignored; tags inside a block belong to its text, as long as they are balanced.
 *
 * A block that is never closed ends where the next known variable begins at the start of a line, else at the end.
 *
 * @param isKnown whether there is a variable of that name
 * @param isComplete whether the model had said all @default true
 */
export function parseTaggedReply(text: string, fence: Fence, isKnown: (name: string) => boolean, isComplete = true): ParsedReply {
  return new TagReader(withoutThoughts(text, taggedForm(fence, isKnown), isComplete), fence, isKnown).read();
}

function taggedForm(fence: Fence, isKnown: (name: string) => boolean): AnswerForm {
  return {
    valuesIn: (reply) => blocksIn(reply, fence),
    openValuesIn: (reply) => openBlocksIn(reply, fence, isKnown),
    holdsAnswer: (reply) =>
      tagsOf(reply, fence).some(({ kind, closes }) => kind === "unchanged" || (kind === "variable" && !closes)) ||
      saysUnchanged(reply),
    // The tag for reasoning may be one of the format.
    isThought: (name) => name !== "reasoning" || fence.mark !== "",
  };
}

/** Reads a reply from tag to tag. */
class TagReader {
  readonly #reply: string;
  readonly #fence: Fence;
  readonly #isKnown: (name: string) => boolean;
  readonly #tags: readonly TagAt[];
  /** By their opening tags. */
  readonly #closing: { readonly variable: ReadonlyMap<number, number>; readonly reasoning: ReadonlyMap<number, number> };
  readonly #lastOpening: number;
  readonly #blocks: ReplyBlock[] = [];
  /** What stands around the blocks. */
  readonly #around: string[] = [];
  #reasoning: string | undefined;
  #unchanged = false;
  /** Up to where the reply has been read. */
  #end = 0;

  constructor(reply: string, fence: Fence, isKnown: (name: string) => boolean) {
    const tags = tagsOf(reply, fence);
    this.#reply = reply;
    this.#fence = fence;
    this.#isKnown = isKnown;
    this.#tags = tags;
    this.#lastOpening = tags.findLastIndex(({ kind, closes }) => kind === "variable" && !closes);
    this.#closing = { variable: closingTags(tags, "variable"), reasoning: closingTags(tags, "reasoning") };
  }

  read(): ParsedReply {
    for (let at = 0; at < this.#tags.length; at++) {
      const tag = this.#tags[at] as TagAt;
      this.#around.push(this.#reply.slice(this.#end, tag.start));
      if (tag.kind === "variable" && !tag.closes && tag.startsLine && !this.#closing.variable.has(at)) {
        at = this.#readOpen(at, tag);
        continue;
      }
      if (tag.kind === "unchanged") this.#unchanged = true;
      else if (tag.closes) this.#readStray(at, tag);
      else if (tag.kind === "reasoning") at = this.#readReasoning(at, tag);
      else at = this.#readClosed(at, tag);
      // What is left are tags that prose speaks of.
      this.#end = (this.#tags[at] as TagAt).end;
    }
    this.#around.push(this.#reply.slice(this.#end));
    // Models say it in words, too, or without the tags' number; but only where they say nothing else.
    const unchanged = this.#unchanged || saysUnchanged(this.#around.join(""));
    return { text: this.#reply, reasoning: this.#reasoning ?? "", blocks: this.#blocks, unchanged };
  }

  /** A closing tag that no opening tag belongs to. */
  #readStray(at: number, tag: TagAt): void {
    const last = this.#blocks.at(-1);
    // Closed without being opened, with the answer behind it: the server has put the opening tag into the prompt.
    const endsThought = tag.kind === "reasoning" && this.#reasoning === undefined && at < this.#lastOpening;
    if (endsThought) {
      this.#blocks.length = 0;
      this.#around.length = 0;
      this.#unchanged = false;
    }
    const isDoubtful = tag.kind === "variable" && this.#reply.slice(this.#end, tag.start).trim() !== "";
    if (isDoubtful && last !== undefined) this.#blocks[this.#blocks.length - 1] = { ...last, state: "ambiguous" };
  }

  /** @returns the index of the last tag that was read */
  #readReasoning(at: number, tag: TagAt): number {
    const close = this.#closing.reasoning.get(at);
    this.#reasoning ??= this.#reply.slice(tag.end, this.#tags[close ?? this.#tags.length]?.start).trim();
    // Left open, it swallows nothing: the blocks behind it still count.
    return close ?? at;
  }

  #readClosed(at: number, tag: TagAt): number {
    const close = this.#closing.variable.get(at);
    if (close === undefined) return at;
    const text = textIn(this.#reply.slice(tag.end, this.#tags[close]?.start), this.#fence);
    this.#blocks.push({ name: tag.name, text, state: "closed" });
    return close;
  }

  /** A block that is never closed. */
  #readOpen(at: number, tag: TagAt): number {
    const next = nextVariable(this.#tags, at + 1, this.#isKnown);
    const inner = this.#reply.slice(tag.end, this.#tags[next]?.start);
    this.#blocks.push({ name: tag.name, text: textIn(withoutDanglingCodeFence(inner), this.#fence).trim(), state: "open" });
    this.#end = this.#tags[next]?.start ?? this.#reply.length;
    return next - 1;
  }
}

/** Where closed blocks stand that are not part of another, in order. */
function blocksIn(reply: string, fence: Fence): Span[] {
  const tags = tagsOf(reply, fence);
  const closing = new Map([...closingTags(tags, "variable"), ...closingTags(tags, "reasoning")]);
  const blocks: Span[] = [];
  for (let at = 0; at < tags.length; at++) {
    const close = closing.get(at);
    if (close === undefined) continue;
    blocks.push({ start: (tags[at] as TagAt).start, end: (tags[close] as TagAt).end });
    at = close;
  }
  return blocks;
}

/** Where blocks stand that are never closed, in order: each up to the next known variable. */
function openBlocksIn(reply: string, fence: Fence, isKnown: (name: string) => boolean): Span[] {
  const tags = tagsOf(reply, fence);
  const closing = closingTags(tags, "variable");
  return tags.flatMap(({ kind, closes, startsLine, end }, at) => {
    if (kind !== "variable" || closes || !startsLine || closing.has(at)) return [];
    const next = nextVariable(tags, at + 1, isKnown);
    return [{ start: end - 1, end: tags[next]?.start ?? reply.length }];
  });
}

/** The text of a block. Some models put it into the tags in which other values are shown; no shown text contains those. */
function textIn(inner: string, fence: Fence): string {
  const trimmed = inner.trim();
  const [open, close] = [fence.open("value"), fence.close("value")];
  const isWrapped = trimmed.startsWith(open) && trimmed.endsWith(close) && trimmed.length >= open.length + close.length;
  return unwrap(isWrapped ? trimmed.slice(open.length, -close.length) : inner);
}

/** Position of the next known variable that begins a line; the number of tags when there is none. */
function nextVariable(tags: readonly TagAt[], from: number, isKnown: (name: string) => boolean): number {
  let at = from;
  for (; at < tags.length; at++) {
    const { kind, closes, startsLine, name } = tags[at] as TagAt;
    if (kind === "variable" && !closes && startsLine && isKnown(name)) break;
  }
  return at;
}

/** The text of an open block without the end of the code fence that the whole reply is in. */
function withoutDanglingCodeFence(text: string): string {
  const fences = text.match(/^[ \t]*```/gm)?.length ?? 0;
  return fences % 2 === 1 ? text.replace(/\n[ \t]*```\s*$/, "") : text;
}

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
function closingTags(tags: readonly TagAt[], kind: TagAt["kind"]): ReadonlyMap<number, number> {
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
