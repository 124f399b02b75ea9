/**
 * What is kept of rollouts and of calls of models, as lines of a file.
 *
 * @module
 */
import { isJsonValue, type JsonValue, textOf } from "../data/json.ts";
import type { Scores } from "../data/scores.ts";
import type { GateRequest, ModelReply } from "../llm/model-request.ts";
import type { GraphRecord } from "./graph-record.ts";
import type { Shown } from "./shown-value.ts";

/** A call of a model. */
export interface CallRecord {
  readonly position: string;
  readonly role: string;
  readonly model: string;
  /** ISO 8601. */
  readonly at: string;
  /** In milliseconds, with the time that it waited for limits. */
  readonly ms: number;
  readonly messages: readonly { readonly role: string; readonly content: JsonValue }[];
  readonly reply?: string;
  /** The parts of the reply that are no text. */
  readonly parts?: JsonValue;
  readonly finishReason?: string;
  readonly usage?: JsonValue;
  readonly error?: string;
}

/** A call outside of any rollout: of an optimizer above all. */
export interface CallLine extends CallRecord {
  readonly kind: "call";
}

/** A rollout with its calls. */
export interface RolloutLine {
  readonly kind: "rollout";
  readonly position: string;
  /** ISO 8601. */
  readonly at: string;
  readonly ms: number;
  readonly status: "scored" | "failed" | "unscored";
  readonly score: number | null;
  readonly dataset?: string;
  readonly example?: number;
  readonly sample?: number;
  /** Fingerprint of the values of all parameters. */
  readonly values: string;
  readonly scores?: Scores;
  readonly error?: string;
  readonly input: Shown;
  readonly expected: Shown;
  readonly output?: Shown;
  readonly feedback?: string;
  readonly graph?: GraphRecord;
  readonly calls: readonly CallRecord[];
}

/** How many were left out until then, to spare the run the time. */
export interface OmittedLine {
  readonly kind: "omitted";
  readonly rollouts: number;
  readonly calls: number;
}

/** A line of the file. */
export type TraceLine = CallLine | RolloutLine | OmittedLine;

/** The messages of a request, whoever has put it together. */
export function messagesOf({ system, prompt, messages, direct }: GateRequest): CallRecord["messages"] {
  const given = direct?.options.prompt ?? messages ?? (prompt === undefined ? [] : [{ role: "user", content: prompt }]);
  const own = given.map(({ role, content }) => ({ role: String(role), content: contentOf(content) }));
  return system === undefined ? own : [{ role: "system", content: system }, ...own];
}

/** What a reply holds besides its text. */
export function partsOf({ result }: ModelReply): JsonValue | undefined {
  const content = (result as { readonly content?: unknown } | undefined)?.content;
  if (!Array.isArray(content)) return undefined;
  const others = content.filter((part) => (part as { readonly type?: unknown } | null)?.type !== "text");
  return others.length === 0 ? undefined : contentOf(others);
}

/** Images and files are named, not kept. */
function contentOf(content: unknown): JsonValue {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return textOf(content);
  return content.map((part: unknown): JsonValue => {
    const { type, data, image, mediaType } = part as Readonly<Record<string, unknown>>;
    const bytes = data ?? image;
    if (bytes instanceof Uint8Array || (typeof bytes === "string" && type !== "text" && type !== "reasoning")) {
      return { type: String(type), mediaType: String(mediaType ?? ""), length: bytes.length };
    }
    return isJsonValue(part) ? part : textOf(part);
  });
}
