/**
 * Rollouts: many runs of an agent in one pool, each on its own copy, each ending with a score, a failure, or unscored.
 *
 * @module
 */
import { after, type MaybePromise, settled } from "../data/maybe-promise.ts";
import type { Scores } from "../data/scores.ts";
import { errorText, type InfrastructureRule, isInfrastructureError, StopError, setUpErrorIn } from "../errors.ts";
import { ExecutionError } from "../graph/execution-error.ts";
import { atPosition, currentPosition, currentRun, type EventChannel, emitEvent, hasListeners } from "../graph/scope.ts";
import { discardingUnusable } from "../llm/discard-answers.ts";
import { redactText } from "../llm/redact-secrets.ts";
import { FirstRollouts } from "./alike-failures.ts";
import type { RolloutDataset } from "./executor.ts";
import { currentRolloutTimeoutMs, forwardOverdue, LimitedWork } from "./limited-work.ts";
import { type RunServices, runServices } from "./run-services.ts";
import { TaskTally } from "./task-tally.ts";
import type { WorkOptions, WorkPool } from "./work-pool.ts";

/** How one rollout ended. `unscored` means that something outside the program failed: it counts for nothing. */
export type Rollout<R> =
  | {
      readonly status: "scored" | "failed";
      readonly result: R;
      readonly score: number | null;
      /** Further metrics by name. */
      readonly scores?: Scores | undefined;
      readonly error?: string;
      readonly cause?: unknown;
    }
  | {
      readonly status: "unscored";
      readonly score: null;
      readonly scores?: undefined;
      readonly cause: unknown;
      readonly error: string;
    };

/** The result of the work of one rollout. */
export interface RolloutResult<R> {
  readonly result: R;
  readonly score: number | null;
  /** Further metrics by name. */
  readonly scores?: Scores | undefined;
  /** The program's error, when it failed. */
  readonly error?: string | undefined;
  /** What was thrown, where it is known. */
  readonly cause?: unknown;
}

/** How a task is run and reported. */
export interface TaskOptions extends WorkOptions, Pick<PerformOptions, "rolloutTimeoutMs"> {
  readonly pool: WorkPool;
  /** For people: "Evaluating agent (iteration 3)". */
  readonly description: string;
  /** Position of the task below the current one. */
  readonly label: string;
  /** The dataset of the run that the examples are from. @default none: when nothing can be scored, the run stops */
  readonly dataset?: RolloutDataset | undefined;
  /** Which errors of the user's own clients are outages. @default as outside the task */
  readonly isInfrastructure?: InfrastructureRule | undefined;
  /** Whether less of a score is better, so that failures count as the highest. @default false */
  readonly lowerIsBetter?: boolean | undefined;
}

/** What a task consists of. */
export interface Task<T, R> {
  /** Taken one by one, as slots become free. */
  readonly items: Iterable<T> | AsyncIterable<T>;
  /** How many items there are; `null` when that is not known. */
  readonly total: number | null;
  /** Position of a rollout below that of the task. */
  readonly labelOf: (item: T, index: number) => string;
  readonly work: (item: T, index: number) => MaybePromise<RolloutResult<R>>;
  /** Whether the items were run before and stayed unscored: if they stay unscored again, the run does not stop. @default false */
  readonly isRepeat?: boolean | undefined;
  /** Receives every rollout as it ends. Nothing else holds on to rollouts. */
  readonly onEnd?: ((rollout: Rollout<R>, item: T, index: number) => void) | undefined;
}

/**
 * Does the work of every item in the pool, each at its own position. Only the scores of the rollouts are kept.
 *
 * @throws InfrastructureError when there are items, every one of them stayed unscored, and so does what is tried besides, unless `isRepeat`
 * @throws ConfigurationError when nothing was scored so far and the first rollouts all fail because of the same wrong set-up
 */
export async function runRollouts<T, R>(task: Task<T, R>, options: TaskOptions): Promise<TaskTally> {
  const { pool, description, label, signal, isBackground, isInfrastructure, lowerIsBetter, dataset } = options;
  const { rolloutTimeoutMs = currentRolloutTimeoutMs() } = options;
  const { items, total, labelOf, work, onEnd, isRepeat = false } = task;
  return atPosition(
    label,
    async () => {
      emitEvent({ type: "task-start", position: currentPosition(), description, total });
      const tally = new TaskTally();
      const first = new FirstRollouts();
      const channels = new OpenChannels(hasListeners() ? currentRun()?.events : undefined);
      const perform = (item: T, index: number): MaybePromise<void> =>
        channels.during((events) => {
          const options = { signal, events, rolloutTimeoutMs };
          return after(
            performRollout(labelOf(item, index), () => work(item, index), options),
            (rollout) => {
              tally.add(index, rollout);
              if (!isRepeat) first.add(index, rollout, description);
              onEnd?.(rollout, item, index);
            },
          );
        });
      try {
        await pool.each(items, perform, { signal, isBackground, readTimeoutMs: rolloutTimeoutMs });
      } finally {
        channels.close();
      }
      emitTaskEnd(tally, description, lowerIsBetter);
      // Errors of rollouts that were run before are known.
      if (!isRepeat) await refuseHopeless(tally, description, dataset);
      return tally;
    },
    { signal, isInfrastructure },
  );
}

/** The event channels of the rollouts in progress. */
class OpenChannels {
  readonly #all: EventChannel | undefined;
  readonly #open = new Set<EventChannel>();

  /** @param all that of the task; `undefined` when nothing receives its events */
  constructor(all: EventChannel | undefined) {
    this.#all = all;
  }

  /** Does some work with its own channel; channels are in the order in which the work began. */
  during(work: (events: EventChannel | undefined) => MaybePromise<void>): MaybePromise<void> {
    const events = this.#all?.fork(1)[0];
    if (events === undefined) return work(undefined);
    this.#open.add(events);
    const close = (): void => {
      this.#open.delete(events);
      events.close();
    };
    return settled(
      () => work(events),
      () => close(),
      (error) => {
        close();
        throw error;
      },
    );
  }

  /** Closes all channels, including those of work that an abort did not wait for. */
  close(): void {
    for (const channel of this.#open) channel.close();
  }
}

/**
 * Refuses to go on after a task that came to nothing.
 *
 * @throws InfrastructureError when there were rollouts and every one of them stayed unscored
 * @throws NothingScoredError when nothing was scored so far and every rollout failed in the same way, for a reason that training cannot change, or
 * the guide gives no scores
 * @throws ConfigurationError when that reason is a wrong set-up
 */
async function refuseHopeless(tally: TaskTally, description: string, dataset: RolloutDataset | undefined): Promise<void> {
  await tally.refuseAllUnscored(description, dataset);
  const { outcomes } = runServices();
  if (!outcomes?.hasScored) tally.refuseHopeless(description);
  outcomes?.refuseWithoutScore?.(description);
}

/** Reports the end of a task. A list of a million scores is only made for listeners. */
export function emitTaskEnd(tally: TaskTally, description: string, lowerIsBetter = false): void {
  if (hasListeners()) emitEvent(tally.toEvent(currentPosition(), description, lowerIsBetter));
}

/**
 * Runs `work` for every label in the pool; item `i` at the position that `labels[i]` names. Results are in order of the labels.
 *
 * @throws InfrastructureError when there are labels and every rollout stayed unscored
 */
export async function runTask<R>(
  labels: readonly string[],
  work: (index: number) => MaybePromise<RolloutResult<R>>,
  { isRepeat, ...options }: TaskOptions & Pick<Task<string, R>, "isRepeat">,
): Promise<Rollout<R>[]> {
  const rollouts: Rollout<R>[] = [];
  const task: Task<string, R> = {
    isRepeat,
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

/** Performs one rollout at its position, and reports its end. It is over when this returns, if its work waits for nothing. */
export function performRollout<R>(
  name: string,
  work: () => MaybePromise<RolloutResult<R>>,
  { signal, events, rolloutTimeoutMs = currentRolloutTimeoutMs() }: PerformOptions,
): MaybePromise<Rollout<R>> {
  const limits = new LimitedWork(rolloutTimeoutMs);
  return atPosition(name, () => runOne(work, limits, signal), { events, work: limits });
}

/** How a rollout is performed. */
export interface PerformOptions {
  readonly signal?: AbortSignal | undefined;
  readonly events?: EventChannel | undefined;
  /** How long the agent, and then the guide, may take besides model calls, in milliseconds; `null` is no limit. @default that of the run */
  readonly rolloutTimeoutMs?: number | null | undefined;
}

function runOne<R>(
  work: () => MaybePromise<RolloutResult<R>>,
  limits: LimitedWork,
  signal: AbortSignal | undefined,
): MaybePromise<Rollout<R>> {
  const services = runServices();
  const limited = (): MaybePromise<RolloutResult<R>> => limits.run(work, forwardOverdue);
  const end = (outcome: () => Rollout<R>): Rollout<R> => {
    try {
      const rollout = outcome();
      services.outcomes?.add(rollout);
      if (hasListeners()) emitEnd(rollout);
      return rollout;
    } finally {
      limits.close();
    }
  };
  return settled(
    () => {
      admit(services);
      return discardingUnusable(limited, () => true);
    },
    (result) => end(() => finished(result, signal, services)),
    (cause) => end(() => unscored(cause, signal, services)),
  );
}

function emitEnd({ status, score, error }: Rollout<unknown>): void {
  emitEvent({ type: "rollout-end", position: currentPosition(), status, score, ...(error === undefined ? {} : { error }) });
}

/** Admits and counts a rollout. @throws StopError when the run has stopped or has no budget for it */
function admit({ control, ledger, tally }: Partial<RunServices>): void {
  control?.throwIfStopped();
  ledger?.reserveRollout();
  if (tally !== undefined) tally.rollouts++;
}

function finished<R>(
  { result, score, scores, error, cause }: RolloutResult<R>,
  signal: AbortSignal | undefined,
  { control }: Partial<RunServices>,
): Rollout<R> {
  // The agent may have caught the refusal of a call by a run that is ending; its fallback answer must not be scored.
  signal?.throwIfAborted();
  control?.throwIfStopped();
  const metrics = scores && { scores };
  if (error === undefined) return { status: "scored", result, score, ...metrics };
  return { status: "failed", result, score, ...metrics, error: redactText(error), cause };
}

/** @throws `cause`, unless it is an outage: then only this rollout is without a score */
function unscored<R>(cause: unknown, signal: AbortSignal | undefined, { control }: Partial<RunServices>): Rollout<R> {
  signal?.throwIfAborted();
  if (cause instanceof StopError) {
    control?.stop(cause);
    throw cause;
  }
  control?.throwIfStopped();
  const setUp = setUpErrorIn(cause);
  if (setUp !== undefined) throw setUp;
  if (cause instanceof ExecutionError || !isInfrastructureError(cause)) throw cause;
  return { status: "unscored", score: null, cause, error: redactText(errorText(cause)) };
}
