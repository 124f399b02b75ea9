/**
 * From a reply to a suggestion: values of the parameters' types, and for everything else a reason that a model can act on.
 *
 * @module
 */
import type { Parameter } from "../../graph/parameter.ts";
import type { Rejection, Suggestion } from "../optimizer.ts";
import { type Conversion, convert } from "./convert.ts";
import { Fence } from "./fence.ts";
import { parseReply, type ReplyBlock } from "./parse-reply.ts";
import { tagsOf } from "./tags.ts";

/** The part of a model's answer that matters here. */
export interface Reply {
  readonly text: string;
  /** Why the model stopped: `"stop"` when it had said all. */
  readonly finishReason: string;
}

/** What a reply suggests. */
export interface ReadReply extends Suggestion {
  readonly rejections: readonly Rejection[];
  /** Variables whose block was left open by a model that had said all; their values were read to where the text ended. */
  readonly salvaged: readonly string[];
}

/**
 * Reads a reply by the tags of the prompt that it answers. The last block of a name counts. No change at all is a
 * legitimate answer when the reply says so; a value that may be cut off never is.
 */
export function readReply({ text, finishReason }: Reply, fence: Fence, parameters: ReadonlyMap<string, Parameter>): ReadReply {
  const { blocks, unchanged } = parseReply(text, fence, (name) => parameters.has(name));
  const isComplete = finishReason === "stop";
  const values = new Map<string, unknown>();
  const reasons = new Map<string | null, string>();
  for (const block of new Map(blocks.map((block) => [block.name, block])).values()) {
    const read = readBlock(block, fence, parameters.get(block.name), isComplete);
    if ("value" in read) values.set(block.name, read.value);
    else reasons.set(block.name === "" ? null : block.name, read.problem);
  }
  if (blocks.length === 0 && !unchanged) reasons.set(null, whyNothing(text, fence, finishReason));
  return {
    values,
    rejections: Array.from(reasons, ([name, reason]) => ({ name, reason })),
    salvaged: blocks.flatMap(({ name, state }) => (state === "open" && values.has(name) ? [name] : [])),
  };
}

function readBlock(
  { name, text, state }: ReplyBlock,
  fence: Fence,
  parameter: Parameter | undefined,
  isComplete: boolean,
): Conversion {
  const close = fence.close("variable");
  if (name === "")
    return { problem: `a ${fence.open("variable")} block has no name; write ${fence.open("variable", { name: "…" })}` };
  if (state === "ambiguous") {
    return {
      problem: `expected one ${close} for the block, got text and another ${close} behind it; the value would be cut off`,
    };
  }
  if (state === "open" && !isComplete) {
    return { problem: `the reply ended before ${close}, so the value may be cut off; answer more briefly and close the block` };
  }
  // Nothing in it, or another closing tag in its place: where the value ends is a guess.
  if (state === "open" && /^$|<\/[\w-]+>$/.test(text)) return { problem: `expected the block to be closed by ${close}` };
  // The optimizer says which names there are.
  return parameter === undefined ? { value: text } : convert(text, parameter);
}

function whyNothing(text: string, fence: Fence, finishReason: string): string {
  const wanted = `${fence.open("variable", { name: "…" })} … ${fence.close("variable")}`;
  if (finishReason === "length") return `the reply reached its length limit before any ${wanted}; keep the reasoning short`;
  if (text.trim() === "") return `expected a reply with ${wanted} blocks, got an empty one`;
  if (fence.mark !== "" && tagsOf(text, new Fence()).length > 0) {
    return `expected the tags with their number, as in ${wanted}; without it they count as text`;
  }
  return `expected a block ${wanted} for each variable to change, or ${fence.open("unchanged").replace(">", "/>")} to change none; got neither`;
}
