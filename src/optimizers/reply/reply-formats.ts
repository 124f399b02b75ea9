/**
 * The formats of replies by name.
 *
 * @module
 */
import { jsonFormat } from "./json-format.ts";
import type { ReplyFormatFactory, ReplyFormatName } from "./reply-format.ts";
import { taggedFormat } from "./tagged-format.ts";

/** Every format of replies. */
export const replyFormats: Readonly<Record<ReplyFormatName, ReplyFormatFactory>> = { tags: taggedFormat, json: jsonFormat };
