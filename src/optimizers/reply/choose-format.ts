/**
 * `chooseFormat`: the form in which a prompt asks for its answer, tagged text or JSON; and both formats by name.
 *
 * @module
 */

import type { ModelLike } from "../../llm/language-model.ts";
import { offersStructuredOutput } from "../../llm/structured/response-format.ts";
import { jsonFormat } from "./json-format.ts";
import type { ReplyFormatFactory, ReplyFormatName } from "./reply-format.ts";
import { taggedFormat } from "./tagged-format.ts";

/** Every format of replies. */
export const replyFormats: Readonly<Record<ReplyFormatName, ReplyFormatFactory>> = { tags: taggedFormat, json: jsonFormat };

/**
 * The format that was asked for; for `auto` JSON where the model is known to keep to a schema, and the names of the variables
 * are such as providers take for the fields of one, else tagged text.
 */
export function chooseFormat(
  wanted: "auto" | ReplyFormatName,
  model: ModelLike | undefined,
  names: Iterable<string>,
): ReplyFormatName {
  if (wanted !== "auto") return wanted;
  return offersStructuredOutput(model) && [...names].every((name) => fieldName.test(name)) ? "json" : "tags";
}

const fieldName = /^[\w.-]{1,64}$/;
