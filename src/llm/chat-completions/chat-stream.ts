/**
 * `ChatParts`: the parts of the AI SDK's stream that pieces of a chat completion make.
 *
 * @module
 */
import {
  aboutCompletion,
  finishOf,
  logprobsIn,
  markOf,
  predictionIn,
  sourceOf,
  thoughtIn,
  usageOfCompletion,
} from "./chat-result.ts";
import type { Choice, ChoiceMessage, Completion, CompletionUsage } from "./completion.ts";
import { ToolCallPieces } from "./tool-call-pieces.ts";

type Part = Readonly<Record<string, unknown>>;

/** Follows a stream from piece to piece. */
export class ChatParts {
  readonly #calls: ToolCallPieces;
  #isAnnounced = false;
  #thoughts = 0;
  #isThinking = false;
  #hasText = false;
  #hasRefusal = false;
  #hasFailed = false;
  #sources = 0;
  #rawFinish: string | undefined;
  #usage: CompletionUsage | undefined;
  #prediction: object = {};
  #logprobs: object[] | undefined;

  /** @param makeId names a call of a tool that the server has not named, by its place */
  constructor(makeId: (index: number) => string) {
    this.#calls = new ToolCallPieces(makeId);
  }

  /** What a piece adds. */
  of(piece: Completion): Part[] {
    const parts: Part[] = [];
    const about = aboutCompletion(piece);
    if (!this.#isAnnounced && Object.values(about).some(Boolean)) {
      this.#isAnnounced = true;
      parts.push({ type: "response-metadata", ...about });
    }
    if (piece.usage !== undefined && piece.usage !== null) {
      this.#usage = piece.usage;
      this.#prediction = { ...this.#prediction, ...predictionIn(piece.usage) };
    }
    const [choice] = piece.choices;
    if (choice === undefined) return parts;
    this.#noteChoice(choice);
    if (choice.delta !== undefined && choice.delta !== null) parts.push(...this.#said(choice.delta));
    return parts;
  }

  /** The part for a failure in the middle; the stream goes on. */
  failed(error: unknown): Part {
    this.#hasFailed = true;
    this.#rawFinish = undefined;
    return { type: "error", error };
  }

  /** What ends the stream. */
  end(): Part[] {
    const ended = finishOf(this.#rawFinish, this.#hasRefusal);
    const finishReason = this.#hasFailed && this.#rawFinish === undefined ? { unified: "error", raw: undefined } : ended;
    const logprobs = this.#logprobs === undefined ? {} : { logprobs: this.#logprobs };
    return [
      ...this.#endThoughts(),
      ...(this.#hasText ? [{ type: "text-end", id: textId }] : []),
      ...this.#calls.end(),
      {
        type: "finish",
        finishReason,
        usage: usageOfCompletion(this.#usage),
        providerMetadata: { openai: { ...this.#prediction, ...logprobs } },
      },
    ];
  }

  #noteChoice(choice: Choice): void {
    this.#rawFinish = choice.finish_reason ?? this.#rawFinish;
    const { logprobs } = logprobsIn(choice);
    if (logprobs !== undefined) this.#logprobs = [...(this.#logprobs ?? []), ...logprobs];
  }

  #said(message: ChoiceMessage): Part[] {
    const { content, refusal, tool_calls, annotations } = message;
    const parts = this.#thought(message);
    if (refusal) this.#hasRefusal = true;
    const texts = [content, refusal].filter((text): text is string => Boolean(text));
    if (texts.length === 0 && content === "" && parts.length === 0) texts.push("");
    for (const text of texts) {
      if (text !== "") parts.push(...this.#endThoughts());
      if (!this.#hasText) parts.push({ type: "text-start", id: textId });
      this.#hasText = true;
      parts.push({ type: "text-delta", id: textId, delta: text });
    }
    if ((tool_calls?.length ?? 0) > 0) parts.push(...this.#endThoughts());
    for (const piece of tool_calls ?? []) parts.push(...this.#calls.add(piece));
    for (const annotation of annotations ?? []) parts.push(sourceOf(annotation, this.#sources++) as Part);
    return parts;
  }

  /** Thoughts that something else comes between are parts of their own. */
  #thought(message: ChoiceMessage): Part[] {
    const thought = thoughtIn(message);
    if (thought === undefined) return [];
    const start = { type: "reasoning-start", id: `thought-${this.#thoughts}`, ...markOf(thought) };
    const delta = { type: "reasoning-delta", id: start.id, delta: thought.text };
    if (this.#isThinking) return [delta];
    this.#isThinking = true;
    return [start, delta];
  }

  #endThoughts(): Part[] {
    if (!this.#isThinking) return [];
    this.#isThinking = false;
    return [{ type: "reasoning-end", id: `thought-${this.#thoughts++}` }];
  }
}

const textId = "0";

/** Whether a piece holds something of the answer. */
export function isOutput({ choices }: Completion): boolean {
  return choices.some(({ delta }) => {
    if (delta === undefined || delta === null) return false;
    const { content, refusal, tool_calls, annotations } = delta;
    if (thoughtIn(delta) !== undefined) return true;
    return [content, refusal, tool_calls, annotations].some((said) => said !== undefined && said !== null && said.length > 0);
  });
}
