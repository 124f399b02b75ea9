/**
 * The contract of reply formats: how a model is told to answer, and how its answer is read.
 *
 * @module
 */
import type { JsonValue } from "../../data/json.ts";
import type { Parameter } from "../../graph/parameter.ts";
import type { ResponseFormat } from "../../llm/structured/response-format.ts";
import type { Rejection, Suggestion } from "../optimizer.ts";
import type { Fence } from "./fence.ts";

/** `tags` is text with a tagged block for each value, `json` one JSON object. */
export type ReplyFormatName = "tags" | "json";

/** A variable that a prompt asks about. */
export interface AskedVariable {
  readonly name: string;
  readonly parameter: Parameter;
  /** The value that the prompt shows. Edits apply to it. */
  readonly value: unknown;
}

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
  /** What was written for a variable, word for word; under `null` the reply as a whole. */
  readonly quotes: ReadonlyMap<string | null, string>;
  /** Whether the form was the trouble, so that it helps to show it again. */
  readonly isMalformed: boolean;
}

/** What a model is told about answers of one format. */
export interface ReplyWords {
  /** The form of the answer; shown again after a reply that did not keep to it. */
  readonly form: string;
  /** What there is to know about filling it in, each a line or a few. */
  readonly rules: readonly string[];
  /** How to say that no variable should change. */
  readonly noChange: string;
}

/** How the answer to one prompt is written and read. */
export interface ReplyFormat extends ReplyWords {
  readonly name: ReplyFormatName;
  /** What the provider is asked for; `undefined` for plain text. */
  readonly responseFormat: ResponseFormat | undefined;
  /** An answer in this format, as a worked example shows it. `read` gives the same values back. */
  answer(reasoning: string, values: ReadonlyMap<string, JsonValue>): string;
  /**
   * Reads any text in linear time and never throws: tolerant about the form, strict about the values. What it cannot take
   * it refuses, with a reason that a model can act on.
   *
   * @param parameters whose values may be answered, by name
   */
  read(reply: Reply, parameters: ReadonlyMap<string, Parameter>): ReadReply;
}

/**
 * Makes the format for one prompt.
 *
 * @param fence the tags of the prompt, which none of its texts contains
 * @param variables those that the prompt shows, in its order
 */
export type ReplyFormatFactory = (fence: Fence, variables: readonly AskedVariable[]) => ReplyFormat;
