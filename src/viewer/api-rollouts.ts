/**
 * What the viewer says of rollouts, model calls, and the answers that people have corrected.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { Scores } from "../data/scores.ts";
import type { DatasetName } from "./api-run.ts";

/** `GET /api/runs/:run/rollouts?candidate=&dataset=&example=&status=&from=0&count=100`: rollouts that are kept in full, the newest first. */
export interface RolloutList {
  readonly total: number;
  readonly from: number;
  readonly rollouts: readonly RolloutBrief[];
  readonly missing: string | null;
}

export interface RolloutBrief {
  readonly position: string;
  /** `null` where its values are of no known candidate. */
  readonly candidate: string | null;
  readonly dataset: DatasetName | null;
  readonly example: number | null;
  readonly sample: number;
  readonly status: "scored" | "failed" | "unscored";
  readonly score: number | null;
  readonly durationMs: number;
  /** ISO 8601. */
  readonly at: string;
  /** The beginning of the input, as text. */
  readonly input: string;
  readonly error: string | null;
}

/** `GET /api/runs/:run/rollouts/:position`: one rollout in full. */
export interface RolloutView extends RolloutBrief {
  /** The input, what the guide knew of it, and what came out, as JSON; what is no JSON is a text. */
  readonly inputValue: JsonValue;
  readonly expected: JsonValue;
  readonly output: JsonValue;
  readonly feedback: string | null;
  readonly scores: Scores;
  readonly graph: RolloutGraph | null;
  readonly calls: readonly ModelCallView[];
  /** Of this example, by hand. */
  readonly correction: Correction | null;
  /** What is not kept, and why; one sentence each. */
  readonly missing: readonly string[];
}

/** The traced graph: inputs come before their users. */
export interface RolloutGraph {
  readonly nodes: readonly GraphNodeView[];
  /** Places in `nodes`: from an input to its user. */
  readonly edges: readonly { readonly from: number; readonly to: number; readonly name: string }[];
  /** The output. */
  readonly target: number | null;
  /** How many nodes were left out. */
  readonly omitted: number;
}

export interface GraphNodeView {
  readonly name: string;
  /** `parameter`, `constant`, `operation`, `exception`, … */
  readonly kind: string;
  readonly operation: string | null;
  readonly description: string | null;
  /** The path of a parameter. */
  readonly path: string | null;
  readonly text: string;
}

/** One call of a model. */
export interface ModelCallView {
  readonly position: string;
  readonly role: string;
  readonly model: string;
  readonly messages: readonly MessageView[];
  readonly reply: string | null;
  readonly toolCalls: readonly ToolCallView[];
  readonly finishReason: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cachedInputTokens: number | null;
  readonly reasoningTokens: number | null;
  readonly isEstimated: boolean;
  readonly usd: number | null;
  /** ISO 8601. */
  readonly at: string;
  /** Waiting for limits and retries included. */
  readonly durationMs: number;
  readonly error: string | null;
}

export interface MessageView {
  readonly role: string;
  readonly text: string;
  readonly toolCalls: readonly ToolCallView[];
}

export interface ToolCallView {
  readonly id: string | null;
  readonly name: string;
  readonly input: JsonValue;
  readonly output: JsonValue | null;
}

export interface Correction {
  readonly dataset: DatasetName;
  readonly example: number;
  readonly expected: JsonValue;
  readonly note: string;
  /** ISO 8601. */
  readonly at: string;
}

/** `GET /api/runs/:run/corrections`: the newest of every example. */
export type Corrections = readonly Correction[];

/** `GET /api/runs/:run/search?q=text&limit=100`. */
export interface SearchResult {
  readonly q: string;
  readonly hits: readonly SearchHit[];
  /** Whether there are more, or not everything was searched. */
  readonly isCut: boolean;
}

export interface SearchHit {
  readonly kind: "candidate" | "reasoning" | "prompt" | "reply" | "feedback" | "error" | "input" | "output" | "warning";
  /** Which candidate or rollout to open. */
  readonly candidate: string | null;
  readonly rollout: string | null;
  readonly position: string | null;
  /** What it was found in, around the text. */
  readonly before: string;
  readonly match: string;
  readonly after: string;
}
