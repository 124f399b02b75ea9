/**
 * What language models were used for: requests, tokens and dollars, by role, model, iteration and candidate.
 *
 * @module
 */
import type { ModelRole } from "../model-request.ts";

/** On whose behalf and where in the run a model is called: what use is counted by. */
export interface CallEntry {
  /** `"provider/model"`. */
  readonly model: string;
  readonly role: ModelRole;
  /** `null` outside an iteration. */
  readonly iteration: number | null;
  /** Which candidate is being scored (`"iteration/3/candidate/2"`), or `null` for the current values. */
  readonly candidate: string | null;
}

/** Sums over some calls. */
export interface UsageLine {
  /** Requests sent to providers, every retry counted. */
  readonly requests: number;
  /** Requests that were answered. */
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Dollars; `null` when the price of one of the models is not known. */
  readonly usd: number | null;
  /** Of how many calls the tokens are estimated, because their provider did not report usable numbers; missing when of none. */
  readonly estimated?: number;
}

/** What a run has used, over all its restarts. */
export interface Usage extends UsageLine {
  readonly rollouts: number;
  /** Time spent training, in milliseconds. */
  readonly elapsedMs: number;
  readonly byRole: Readonly<Record<string, UsageLine>>;
  readonly byModel: Readonly<Record<string, UsageLine>>;
  /** By number of the iteration; what came before the first is under `0`. */
  readonly byIteration: Readonly<Record<string, UsageLine>>;
  readonly byCandidate: Readonly<Record<string, UsageLine>>;
}
