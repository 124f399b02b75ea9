/**
 * `CallProfile`: which calls of language models one piece of work makes, a rollout or a proposal.
 *
 * @module
 */
import { hullOf, type Range, sumOf } from "../../data/range.ts";
import type { DryCall } from "../dry-run.ts";
import type { ModelRole } from "../model-request.ts";

/** Calls of one model in one role. */
export interface CallProfile {
  /** `"provider/model"`. */
  readonly model: string;
  readonly role: ModelRole;
  readonly calls: Range;
  readonly inputTokens: Range;
  readonly outputTokens: Range;
}

/** What one rollout would have asked. */
export interface SampleCalls {
  /** Made in any case. */
  readonly certain: readonly DryCall[];
  /** Made only if something goes otherwise than here. */
  readonly possible: readonly DryCall[];
}

/** Prompts of plain prose have fewer tokens than the upper estimate by about this factor. */
export const proseFactor = 0.6;

/** Tokens of a short reply, by role: a label, a score with a few words, nothing to change. */
const shortReplies: Readonly<Record<ModelRole, number>> = { agent: 1, judge: 15, optimizer: 20 };

/**
 * Tokens of one reply, thoughts of reasoning models not counted. At most `maxOutputTokens`, else what is usual for the role.
 */
export function replyRange(role: ModelRole, maxOutputTokens: number | undefined): Range {
  const max = maxOutputTokens ?? firstEstimates[role];
  return { min: Math.min(shortReplies[role], max), max };
}

/**
 * From samples to what any rollout makes: at least what the cheapest sample made, at most what the dearest did.
 *
 * @param growth tokens by which a prompt of the agent may become longer in training
 */
export function profileOf(samples: readonly SampleCalls[], growth: number): CallProfile[] {
  const kinds = new Map<string, { readonly model: string; readonly role: ModelRole }>();
  for (const { certain, possible } of samples) {
    for (const { model, role } of [...certain, ...possible]) kinds.set(`${role} ${model}`, { model, role });
  }
  return [...kinds.values()].map(({ model, role }) => {
    const isOne = (call: DryCall): boolean => call.model === model && call.role === role;
    const grown = role === "agent" ? growth : 0;
    const measured = samples.map((sample) => measure(sample.certain.filter(isOne), sample.possible.filter(isOne), grown));
    return {
      model,
      role,
      calls: hullOf(measured.map(({ calls }) => calls)),
      inputTokens: hullOf(measured.map(({ inputTokens }) => inputTokens)),
      outputTokens: hullOf(measured.map(({ outputTokens }) => outputTokens)),
    };
  });
}

function measure(certain: readonly DryCall[], possible: readonly DryCall[], growth: number): Omit<CallProfile, "model" | "role"> {
  const inputs = (call: DryCall): Range => ({ min: Math.floor(call.inputTokens * proseFactor), max: call.inputTokens + growth });
  const outputs = ({ role, maxOutputTokens }: DryCall): Range => replyRange(role, maxOutputTokens);
  const upTo = ({ max }: Range): Range => ({ min: 0, max });
  return {
    calls: { min: certain.length, max: certain.length + possible.length },
    inputTokens: sumOf([...certain.map(inputs), ...possible.map(inputs).map(upTo)]),
    outputTokens: sumOf([...certain.map(outputs), ...possible.map(outputs).map(upTo)]),
  };
}

/** Tokens of a reply, by role, before there is any. An optimizer writes whole new prompts. */
const firstEstimates: Readonly<Record<ModelRole, number>> = { agent: 512, judge: 512, optimizer: 2_048 };
/** The share of the distance to a shorter reply by which the estimate comes down. */
const decay = 1 / 8;

/** Expects replies about as long as the longest of late: up at once with a longer one, down slowly with shorter ones. */
export class ExpectedOutput {
  readonly #estimates = new Map<string, number>();

  /** Tokens of the next reply of this model in this role, a whole number. */
  of(model: string, role: ModelRole): number {
    return Math.ceil(this.#estimate(model, role));
  }

  /** Notes how long a reply was. */
  learn(model: string, role: ModelRole, outputTokens: number): void {
    const before = this.#estimate(model, role);
    const next = outputTokens >= before ? outputTokens : before - (before - outputTokens) * decay;
    this.#estimates.set(keyOf(model, role), next);
  }

  #estimate(model: string, role: ModelRole): number {
    return this.#estimates.get(keyOf(model, role)) ?? firstEstimates[role];
  }
}

function keyOf(model: string, role: ModelRole): string {
  return `${role} ${model}`;
}
