/**
 * Rollouts: many runs of an agent in one pool, each on its own copy, each ending with a score, a failure, or unscored.
 *
 * @module
 */
import type { Scores } from "../data/scores.ts";
import { errorText, type InfrastructureRule, isInfrastructureError, StopError, setUpErrorIn } from "../errors.ts";
import { ExecutionError } from "../graph/execution-error.ts";
import { atPosition, currentPosition, type EventChannel, emitEvent, forkEvents, hasListeners } from "../graph/scope.ts";
import { discardingUnusable } from "../llm/discard-answers.ts";
import { redactText } from "../llm/redact-secrets.ts";
import { FirstRollouts } from "./alike-failures.ts";
import type { RolloutStatus } from "./events.ts";
import { currentRolloutTimeoutMs, forwardOverdue, LimitedWork } from "./limited-work.ts";
import { runServices } from "./run-services.ts";
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

/** How a task is run and told of. */
export interface TaskOptions extends WorkOptions, Pick<PerformOptions, "rolloutTimeoutMs"> {
  readonly pool: WorkPool;
  /** For people: "Evaluating agent (iteration 3)". */
  readonly description: string;
  /** Position of the task below the current one. */
  readonly label: string;
  /** Which errors of the user's own clients are outages. @default as outside the task */
  readonly isInfrastructure?: InfrastructureRule | undefined;
}

/** What a task consists of. */
export interface Task<T, R> {
  /** Taken one by one, as slots become free. */
  readonly items: Iterable<T> | AsyncIterable<T>;
  /** How many items there are; `null` when that is not known. */
  readonly total: number | null;
  /** Position of a rollout below that of the task. */
  readonly labelOf: (item: T, index: number) => string;
  readonly work: (item: T, index: number) => Promise<RolloutResult<R>>;
  /** Whether the items were run before and stayed unscored: that they stay so once more is no reason to stop. @default false */
  readonly isRepeat?: boolean | undefined;
  /** Hears of every rollout as it ends; what nobody keeps is garbage. */
  readonly onEnd?: ((rollout: Rollout<R>, item: T, index: number) => void) | undefined;
}

/**
 * Does the work of every item in the pool, each at its own position. Of the rollouts only their scores are kept.
 *
 * @throws InfrastructureError when there are items and every one of them stayed unscored, unless they are run once more
 * @throws ConfigurationError when nothing was scored so far and the first rollouts fail by the same wrong set-up
 */
export async function runRollouts<T, R>(task: Task<T, R>, options: TaskOptions): Promise<TaskTally> {
  const { pool, description, label, signal, isBackground, isInfrastructure } = options;
  const { rolloutTimeoutMs = currentRolloutTimeoutMs() } = options;
  const { items, total, labelOf, work, onEnd, isRepeat = false } = task;
  return atPosition(
    label,
    async () => {
      emitEvent({ type: "task-start", position: currentPosition(), description, total });
      const tally = new TaskTally();
      const first = new FirstRollouts();
      const channels = new OpenChannels();
      const perform = (item: T, index: number): Promise<void> =>
        channels.during(async (events) => {
          const options = { signal, events, rolloutTimeoutMs };
          const rollout = await performRollout(labelOf(item, index), () => work(item, index), options);
          tally.add(index, rollout);
          if (!isRepeat) first.add(index, rollout, description);
          onEnd?.(rollout, item, index);
        });
      try {
        await pool.each(items, perform, { signal, isBackground, readTimeoutMs: rolloutTimeoutMs });
      } finally {
        channels.close();
      }
      endTask(tally, description, isRepeat);
      return tally;
    },
    { signal, isInfrastructure },
  );
}

/** The channels in which rollouts under way report what happens. */
class OpenChannels {
  readonly #open = new Set<EventChannel>();

  /** Does some work with a channel of its own, in the order in which such work begins. */
  async during(work: (events: EventChannel | undefined) => Promise<void>): Promise<void> {
    const [events] = forkEvents(1) ?? [];
    if (events === undefined) return work(undefined);
    this.#open.add(events);
    try {
      await work(events);
    } finally {
      this.#open.delete(events);
      events.close();
    }
  }

  /** Closes all, also those of work that an abort has not waited for. */
  close(): void {
    for (const channel of this.#open) channel.close();
  }
}

/**
 * Reports the end of a task.
 *
 * @param isRepeat whether its rollouts were made before and could not be scored: then nothing is refused
 * @throws InfrastructureError when there were rollouts and every one of them stayed unscored
 * @throws NothingScoredError when nothing was scored so far and every rollout failed in the same way, by what no training changes
 * @throws ConfigurationError when that is a wrong set-up
 */
function endTask(tally: TaskTally, description: string, isRepeat = false): void {
  emitTaskEnd(tally, description);
  if (!isRepeat) refuseHopeless(tally, description);
}

function refuseHopeless(tally: TaskTally, description: string): void {
  tally.refuseAllUnscored(description);
  if (!runServices().outcomes?.hasScored) tally.refuseHopeless(description);
}

/** Reports the end of a task. A list of a million scores is only made for listeners. */
export function emitTaskEnd(tally: TaskTally, description: string): void {
  if (hasListeners()) emitEvent(tally.toEvent(currentPosition(), description));
}

/**
 * Runs `work` for every label in the pool; item `i` at the position that `labels[i]` names. Results are in order of the labels.
 *
 * @throws InfrastructureError when there are labels and every rollout stayed unscored
 */
export async function runTask<R>(
  labels: readonly string[],
  work: (index: number) => Promise<RolloutResult<R>>,
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

/** One rollout at its position, told of when it has ended. */
export function performRollout<R>(
  name: string,
  work: () => Promise<RolloutResult<R>>,
  { signal, events, rolloutTimeoutMs = currentRolloutTimeoutMs() }: PerformOptions,
): Promise<Rollout<R>> {
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

async function runOne<R>(
  work: () => Promise<RolloutResult<R>>,
  limits: LimitedWork,
  signal: AbortSignal | undefined,
): Promise<Rollout<R>> {
  try {
    const rollout = await settle(() => limits.run(work, forwardOverdue), signal);
    runServices().outcomes?.add(rollout);
    const { status, score, error } = rollout;
    emitEvent({ type: "rollout-end", position: currentPosition(), status, score, ...(error === undefined ? {} : { error }) });
    return rollout;
  } finally {
    limits.close();
  }
}

async function settle<R>(work: () => Promise<RolloutResult<R>>, signal: AbortSignal | undefined): Promise<Rollout<R>> {
  const { control, ledger, tally } = runServices();
  try {
    control?.throwIfStopped();
    ledger?.reserveRollout();
    if (tally !== undefined) tally.rollouts++;
    const { result, score, scores, error, cause } = await discardingUnusable(work, () => true);
    // What a run that ends has refused may have been caught by the agent, whose makeshift answer is not to be scored.
    signal?.throwIfAborted();
    control?.throwIfStopped();
    const status: RolloutStatus = error === undefined ? "scored" : "failed";
    const failure = error === undefined ? {} : { error: redactText(error), cause };
    return { status, result, score, ...(scores && { scores }), ...failure };
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof StopError) {
      control?.stop(cause);
      throw cause;
    }
    control?.throwIfStopped();
    const setUp = setUpErrorIn(cause);
    if (setUp !== undefined) throw setUp;
    if (cause instanceof ExecutionError || !isInfrastructureError(cause)) throw cause;
    return {
      status: "unscored",
      score: null,
      cause,
      error: redactText(errorText(cause)),
    };
  }
}
