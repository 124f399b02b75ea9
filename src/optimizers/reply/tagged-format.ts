/**
 * Replies as tagged text: values stand between tags exactly as they are, so long texts and code need no escaping.
 *
 * @module
 */
import type { JsonValue } from "../../data/json.ts";
import { variableText } from "../problem/describe-variable.ts";
import { taggedReplyPrompt } from "../prompts/tagged-reply-prompt.ts";
import { offersEdits } from "./edits.ts";
import type { Fence } from "./fence.ts";
import { readTaggedReply } from "./read-tagged-reply.ts";
import type { AskedVariable, ReplyFormat } from "./reply-format.ts";

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
