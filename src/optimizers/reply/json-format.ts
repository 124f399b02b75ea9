/**
 * Replies as one JSON object, which providers can be made to keep to by a schema.
 *
 * @module
 */
import type { JsonValue } from "../../data/json.ts";
import { jsonReplyPrompt } from "../prompts/json-reply-prompt.ts";
import { answerSchema, writtenValue } from "./answer-schema.ts";
import { offersEdits } from "./edits.ts";
import type { Fence } from "./fence.ts";
import { readJsonReply } from "./read-json-reply.ts";
import type { AskedVariable, ReplyFormat } from "./reply-format.ts";

/** The JSON format for a prompt about these variables. JSON escapes what it holds, so the tags of the prompt do not matter. */
export function jsonFormat(_fence: Fence, variables: readonly AskedVariable[]): ReplyFormat {
  const edits = offersEdits(variables);
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  const shown = new Map(variables.map(({ name, value }) => [name, value]));
  return {
    name: "json",
    ...jsonReplyPrompt(edits),
    responseFormat: { type: "json", name: "answer", schema: answerSchema(variables, edits) },
    answer(reasoning: string, values: ReadonlyMap<string, JsonValue>) {
      const written = Array.from(values, ([name, value]) => [name, writtenValue(value, byName.get(name))]);
      return JSON.stringify({ reasoning, values: Object.fromEntries(written), ...(edits ? { edits: [] } : {}) }, null, 2);
    },
    read: (reply, parameters) => readJsonReply(reply, { parameters, editable: edits ? shown : undefined }),
  };
}
