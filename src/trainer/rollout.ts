/**
 * Rollouts: many runs of an agent in one pool, each on its own copy, each ending with a score, a failure, or unscored.
 *
 * @module
 */
import { errorText, InfrastructureError, isInfrastructureError, isSetUpError, StopError } from "../errors.ts";
import { ExecutionError } from "../graph/execution-error.ts";
import { atPosition, currentPosition, currentRun, emitEvent, forkEvents } from "../graph/scope.ts";
import type { RolloutStatus } from "./events.ts";
import type { Pool } from "./pool.ts";

/** How one rollout ended. `unscored` means that something outside the program failed: it counts for nothing. */
export type Rollout<R> =
  | { readonly status: "scored" | "failed"; readonly result: R; readonly score: number | null; readonly error?: string }
  | { readonly status: "unscored"; readonly score: null; readonly cause: unknown; readonly error: string };

/** What the work of one rollout gives. */
export interface RolloutResult<R> {
  readonly result: R;
  readonly score: number | null;
  /** The program's error, when it failed. */
  readonly error?: string | undefined;
}

/** How a task is run and told of. */
export interface TaskOptions {
  readonly pool: Pool;
  /** For people: "Evaluating agent (iteration 3)". */
  readonly description: string;
  /** Position of the task below the current one. */
  readonly label: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` for every item in the pool; item `i` at the position that `labels[i]` names. Results are in order of the items.
 *
 * @throws InfrastructureError when there are items and every one of them stayed unscored
 */
export async function runTask<R>(
  labels: readonly string[],
  work: (index: number) => Promise<RolloutResult<R>>,
  options: TaskOptions,
): Promise<Rollout<R>[]> {
  const { pool, description, label, signal } = options;
  return atPosition(
    label,
    async () => {
      emitEvent({ type: "task-start", position: currentPosition(), description, total: labels.length });
      const channels = forkEvents(labels.length);
      const perform = (name: string, index: number): Promise<Rollout<R>> => {
        const events = channels?.[index];
        const rollout = atPosition(name, () => runOne(() => work(index), signal), { events });
        return events === undefined ? rollout : rollout.finally(() => events.close());
      };
      let rollouts: Rollout<R>[];
      try {
        rollouts = await pool.map(labels, perform, signal);
      } finally {
        for (const channel of channels ?? []) channel.close();
      }
      const scores = rollouts.flatMap(({ score }) => (score === null ? [] : [score]));
      emitEvent({
        type: "task-end",
        position: currentPosition(),
        description,
        meanScore: mean(scores),
        scores: rollouts.map(({ score }) => score),
        scored: rollouts.filter(({ status }) => status === "scored").length,
        failed: rollouts.filter(({ status }) => status === "failed").length,
        unscored: rollouts.filter(({ status }) => status === "unscored").length,
      });
      refuseAllUnscored(rollouts, description);
      return rollouts;
    },
    { signal },
  );
}

/** The mean of some numbers; `null` of none. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function runOne<R>(work: () => Promise<RolloutResult<R>>, signal: AbortSignal | undefined): Promise<Rollout<R>> {
  const rollout = await settle(work, signal);
  const { status, score, error } = rollout;
  emitEvent({ type: "rollout-end", position: currentPosition(), status, score, ...(error === undefined ? {} : { error }) });
  return rollout;
}

async function settle<R>(work: () => Promise<RolloutResult<R>>, signal: AbortSignal | undefined): Promise<Rollout<R>> {
  const { control, ledger } = currentRun()?.services ?? {};
  try {
    control?.throwIfStopped();
    ledger?.reserveRollout();
    const { result, score, error } = await work();
    // What a run that ends has refused may have been caught by the agent, whose makeshift answer is not to be scored.
    signal?.throwIfAborted();
    control?.throwIfStopped();
    const status: RolloutStatus = error === undefined ? "scored" : "failed";
    return { status, result, score, ...(error === undefined ? {} : { error }) };
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof StopError) {
      control?.stop(cause);
      throw cause;
    }
    control?.throwIfStopped();
    if (cause instanceof ExecutionError || !isInfrastructureError(cause) || isSetUpError(cause)) throw cause;
    return {
      status: "unscored",
      score: null,
      cause,
      error: errorText(cause),
    };
  }
}

function refuseAllUnscored(rollouts: readonly Rollout<unknown>[], description: string): void {
  const unscored = rollouts.filter((rollout) => rollout.status === "unscored");
  const [first] = unscored;
  if (first === undefined || unscored.length < rollouts.length) return;
  throw new InfrastructureError(
    `${description}: none of ${rollouts.length} rollouts could be scored, for reasons outside the agent. The first: ${first.error}`,
    { cause: first.cause },
  );
}
