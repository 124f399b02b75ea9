/**
 * `rollouts.timeoutMs`: how long agent and guide may take for one example, and what it means when they take longer.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { InfrastructureError, RolloutTimeoutError } from "../errors.ts";
import { runServices } from "./run-services.ts";

/** The limit where none is set, in milliseconds. */
const defaultTimeoutMs = 600_000;

/** The limit here: that of the run, else the default. In milliseconds; `null` is no limit. */
export function currentRolloutTimeoutMs(): number | null {
  const ofRun = runServices().rolloutTimeoutMs;
  return ofRun === undefined ? defaultTimeoutMs : ofRun;
}

/** The agent's own doing: it counts as if it had thrown this. */
export function agentOverdue(limitMs: number): Error {
  return new RolloutTimeoutError(`The agent did not finish ${within(limitMs)}`);
}

/** Says nothing about the agent: the example is left unscored. */
export function guideOverdue(limitMs: number, input: unknown): Error {
  return new InfrastructureError(`The guide did not finish on the input ${describeValue(input)} ${within(limitMs)}`);
}

/** An algorithm's own `forward` takes too long besides agent and guide. */
export function forwardOverdue(limitMs: number): Error {
  return new InfrastructureError(`A rollout did not finish ${within(limitMs)}`);
}

/** The source of the examples of an evaluation. */
export function readOverdue(limitMs: number): Error {
  return new InfrastructureError(
    `No further example arrived within ${limitMs / 1000} s. If the source of the examples needs longer, raise \`rollouts.timeoutMs\``,
  );
}

function within(limitMs: number): string {
  return `within ${limitMs / 1000} s, model calls not counted. If it needs longer, raise \`rollouts.timeoutMs\``;
}
