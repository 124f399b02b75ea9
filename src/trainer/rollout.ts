/**
 * Rollouts: many runs of an agent in one pool, each on its own copy, each ending with a score, a failure, or unscored.
 *
 * @module
 */
import { errorText, isInfrastructureError, isSetUpError, StopError } from "../errors.ts";
import { ExecutionError } from "../graph/execution-error.ts";
import { atPosition, currentPosition, currentRun, type EventChannel, emitEvent, forkEvents } from "../graph/scope.ts";
import type { RolloutStatus } from "./events.ts";
import type { Pool, WorkOptions } from "./pool.ts";
import { TaskTally } from "./task-tally.ts";

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
export interface TaskOptions extends WorkOptions {
  readonly pool: Pool;
  /** For people: "Evaluating agent (iteration 3)". */
  readonly description: string;
  /** Position of the task below the current one. */
  readonly label: string;
}

/** What a task consists of. */
export interface Task<T, R> {
  /** Taken one by one, as places become free. */
  readonly items: Iterable<T> | AsyncIterable<T>;
  /** How many items there are; `null` when that is not known. */
  readonly total: number | null;
  /** Position of a rollout below that of the task. */
  readonly labelOf: (item: T, index: number) => string;
  readonly work: (item: T, index: number) => Promise<RolloutResult<R>>;
  /** Hears of every rollout as it ends; what nobody keeps is garbage. */
  readonly onEnd?: ((rollout: Rollout<R>, item: T, index: number) => void) | undefined;
}

/**
 * Does the work of every item in the pool, each at its own position. Of the rollouts only their scores are kept.
 *
 * @throws InfrastructureError when there are items and every one of them stayed unscored
 */
export async function runRollouts<T, R>(task: Task<T, R>, options: TaskOptions): Promise<TaskTally> {
  const { pool, description, label, signal, isBackground } = options;
  const { items, total, labelOf, work, onEnd } = task;
  return atPosition(
    label,
    async () => {
      emitEvent({ type: "task-start", position: currentPosition(), description, total });
      const tally = new TaskTally();
      const open = new Set<EventChannel>();
      const perform = async (item: T, index: number): Promise<void> => {
        // In the order in which rollouts begin, which is that of the items.
        const [events] = forkEvents(1) ?? [];
        if (events !== undefined) open.add(events);
        try {
          const rollout = await performRollout(labelOf(item, index), () => work(item, index), { signal, events });
          tally.add(index, rollout);
          onEnd?.(rollout, item, index);
        } finally {
          if (events !== undefined) {
            open.delete(events);
            events.close();
          }
        }
      };
      try {
        await pool.each(items, perform, { signal, isBackground });
      } finally {
        // Also of work that an abort has not waited for.
        for (const channel of open) channel.close();
      }
      endTask(tally, description);
      return tally;
    },
    { signal },
  );
}

/** Tells of the end of a task. @throws InfrastructureError when there were rollouts and every one of them stayed unscored */
export function endTask(tally: TaskTally, description: string): void {
  // Nobody makes a list of a million scores for nobody.
  if (currentRun()?.events !== undefined) emitEvent(tally.toEvent(currentPosition(), description));
  tally.refuseAllUnscored(description);
}

/**
 * Runs `work` for every label in the pool; item `i` at the position that `labels[i]` names. Results are in order of the labels.
 *
 * @throws InfrastructureError when there are labels and every rollout stayed unscored
 */
export async function runTask<R>(
  labels: readonly string[],
  work: (index: number) => Promise<RolloutResult<R>>,
  options: TaskOptions,
): Promise<Rollout<R>[]> {
  const rollouts: Rollout<R>[] = [];
  const task: Task<string, R> = {
    items: labels,
    total: labels.length,
    labelOf: (name) => name,
    work: (_name, index) => work(index),
    onEnd: (rollout, _name, index) => {
      rollouts[index] = rollout;
    },
  };
  await runRollouts(task, options);
  return rollouts;
}

/** One rollout at its position, told of when it has ended. */
export function performRollout<R>(
  name: string,
  work: () => Promise<RolloutResult<R>>,
  { signal, events }: { readonly signal?: AbortSignal | undefined; readonly events?: EventChannel | undefined },
): Promise<Rollout<R>> {
  return atPosition(name, () => runOne(work, signal), { events });
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
  const { control, ledger, tally } = currentRun()?.services ?? {};
  try {
    control?.throwIfStopped();
    ledger?.reserveRollout();
    if (tally !== undefined) tally.rollouts++;
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
