/**
 * How long a reply will be: a running upper estimate from the replies so far.
 *
 * @module
 */
import type { ModelRole } from "./model-request.ts";

/** Tokens of a reply, by role, before there is any. An optimizer writes whole new prompts. */
export const firstEstimates: Readonly<Record<ModelRole, number>> = { agent: 512, judge: 512, optimizer: 2_048 };
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
