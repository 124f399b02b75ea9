/**
 * Replies as tagged text: values stand between tags exactly as they are, so long texts and code need no escaping.
 *
 * @module
 */
import type { JsonValue } from "../../data/json.ts";
import type { Parameter } from "../../graph/parameter.ts";
import { variableText } from "../problem/describe-variable.ts";
import { taggedReplyPrompt } from "../prompts/reply-form-prompt.ts";
import { type Conversion, convert } from "./convert.ts";
import { applyEdits, type Edit, offersEdits } from "./edits.ts";
import { Fence, unwrap } from "./fence.ts";
import { parseTaggedReply, type ReplyBlock, tagsOf } from "./parse-tagged-reply.ts";
import type { AskedVariable, ReadReply, Reply, ReplyFormat } from "./reply-format.ts";

/** The tagged text format for a prompt with these tags. */
export function taggedFormat(fence: Fence, variables: readonly AskedVariable[]): ReplyFormat {
  const edits = offersEdits(variables);
  const shown = new Map(variables.map(({ name, value }) => [name, value]));
  return {
    name: "tags",
    ...taggedReplyPrompt(fence, edits),
    responseFormat: undefined,
    answer(reasoning: string, values: ReadonlyMap<string, JsonValue>) {
      const blocks = Array.from(values, ([name, value]) => fence.block("variable", variableText(value), { name }));
      return [fence.block("reasoning", reasoning), ...blocks].join("\n");
    },
    read: (reply, parameters) => readTaggedReply(reply, fence, parameters, edits ? shown : undefined),
  };
}

/**
 * Reads a reply by the tags of the prompt that it answers. The last block of a name counts, or the last ones when they hold edits.
 * No change at all is a legitimate answer when the reply says so; a value that may be cut off never is.
 *
 * @param editable the values that edits apply to; without it, blocks hold values only
 */
export function readTaggedReply(
  { text, finishReason }: Reply,
  fence: Fence,
  parameters: ReadonlyMap<string, Parameter>,
  editable?: ReadonlyMap<string, unknown>,
): ReadReply {
  const { blocks, unchanged, reasoning } = parseTaggedReply(text, fence, (name) => parameters.has(name), finishReason === "stop");
  const reading: Reading = { fence, parameters, editable, isComplete: finishReason === "stop" };
  const values = new Map<string, unknown>();
  const reasons = new Map<string | null, string>();
  const quotes = new Map<string | null, string>([[null, text]]);
  let isMalformed = false;
  for (const [name, answer] of answersIn(blocks, reading)) {
    const read = readAnswer(answer, reading);
    quotes.set(name, answer.last.text);
    if ("value" in read) values.set(name, read.value);
    else reasons.set(name === "" ? null : name, read.problem);
    isMalformed ||= "isMalformed" in read;
  }
  const saysNothing = blocks.length === 0 && !unchanged;
  if (saysNothing) reasons.set(null, whyNothing(text, fence, finishReason));
  return {
    values,
    rejections: Array.from(reasons, ([name, reason]) => ({ name, reason })),
    salvaged: blocks.flatMap(({ name, state }) => (state === "open" && values.has(name) ? [name] : [])),
    quotes,
    isMalformed: isMalformed || saysNothing,
    reasoning,
  };
}

/** What a reply is read by. */
interface Reading {
  readonly fence: Fence;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly editable: ReadonlyMap<string, unknown> | undefined;
  readonly isComplete: boolean;
}

/** What all the blocks of one name come to. */
interface Answer {
  readonly last: ReplyBlock;
  /** Those of the last blocks; `undefined` when the last block holds a value. */
  readonly edits: TaggedEdits | undefined;
}

type Problem = { readonly problem: string; readonly isMalformed?: true };

function answersIn(blocks: readonly ReplyBlock[], { fence, editable }: Reading): ReadonlyMap<string, Answer> {
  const answers = new Map<string, Answer>();
  for (const block of blocks) {
    const before = answers.get(block.name);
    const edits = editable === undefined ? undefined : taggedEdits(block.text, fence);
    // Some models write a block for each edit.
    const earlier = before?.last.state === "closed" && before.edits && "edits" in before.edits ? before.edits.edits : [];
    if (edits !== undefined && "edits" in edits) for (const edit of edits.edits) earlier.push(edit);
    // A later block counts with its place, too: reasons come in the order of the reply.
    answers.delete(block.name);
    answers.set(block.name, { last: block, edits: edits !== undefined && "edits" in edits ? { edits: earlier } : edits });
  }
  return answers;
}

function readAnswer({ last: { name, text, state }, edits }: Answer, reading: Reading): Conversion | Problem {
  const { fence, parameters, editable, isComplete } = reading;
  const close = fence.close("variable");
  if (name === "") {
    return malformed(`a ${fence.open("variable")} block has no name; write ${fence.open("variable", { name: "…" })}`);
  }
  if (state === "ambiguous") {
    return malformed(`expected one ${close} for the block, got text and another ${close} after it; the value would be cut off`);
  }
  if (state === "open" && !isComplete) {
    return {
      problem: `the reply ended before ${close}, so the value may be cut off; keep the reply shorter and close the block`,
    };
  }
  // Nothing in it, or another closing tag in its place: where the value ends is a guess.
  if (state === "open" && edits === undefined && /^$|<\/[\w-]+>$/.test(text)) {
    return malformed(`expected the block to be closed by ${close}`);
  }
  const parameter = parameters.get(name);
  // The optimizer says which names there are.
  if (parameter === undefined) return { value: text };
  if (edits === undefined) return convert(text, parameter);
  if ("problem" in edits) return malformed(edits.problem);
  const current = editable?.has(name) ? editable.get(name) : parameter.peek();
  if (typeof current !== "string") return { problem: "expected the whole new value, got edits; only text values can be edited" };
  return applyEdits(current, edits.edits);
}

function malformed(problem: string): Problem {
  return { problem, isMalformed: true };
}

function whyNothing(text: string, fence: Fence, finishReason: string): string {
  const wanted = `${fence.open("variable", { name: "…" })} … ${fence.close("variable")}`;
  if (finishReason === "length") return `the reply reached its length limit before any ${wanted}; keep the reasoning short`;
  if (finishReason === "content-filter") return `a content filter withheld the reply before any ${wanted}; phrase it differently`;
  if (text.trim() === "") return `expected a reply with ${wanted} blocks, got an empty one`;
  if (fence.mark !== "" && tagsOf(text, new Fence()).length > 0) {
    return `expected the tags with their number, as in ${wanted}; without it they count as text`;
  }
  return `expected a block ${wanted} for each variable to change, or ${fence.open("unchanged").replace(">", "/>")} to change none; got neither`;
}

/** The edits of a block, or why they are none. */
export type TaggedEdits = { readonly edits: Edit[] } | { readonly problem: string };

/**
 * The edits that a block holds; `undefined` for a block without any of their tags, which is a value, and a problem for one that
 * has them in another order than search and replace, or text besides.
 */
function taggedEdits(block: string, fence: Fence): TaggedEdits | undefined {
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
