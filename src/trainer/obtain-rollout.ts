/**
 * `obtainRollout`: the one door of rollouts. What the run has on record is used again; else its executor is asked; else it is done here.
 *
 * @module
 */

import { errorChain } from "../data/error-shape.ts";
import { fingerprint } from "../data/fingerprint.ts";
import type { JsonValue } from "../data/json.ts";
import { type MaybePromise, settled } from "../data/maybe-promise.ts";
import type { Scores } from "../data/scores.ts";
import { InfrastructureError, isInfrastructureError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import { type AmbientEvent, currentRun, type EventChannel, emitEvent, withEvents } from "../graph/scope.ts";
import type { Guide } from "../guides/guide.ts";
import { gateHere } from "../llm/call-model.ts";
import { discardingUnusable } from "../llm/discard-answers.ts";
import { redactText } from "../llm/redact-secrets.ts";
import { isLastingFailure } from "./alike-failures.ts";
import { checkedOutcome } from "./check-outcome.ts";
import { EventLane } from "./event-stream.ts";
import { isMark } from "./events.ts";
import { type Executor, type RolloutOutcome, type RolloutTask, readError } from "./executor.ts";
import { currentRolloutTimeoutMs } from "./limited-work.ts";
import type { RolloutResult } from "./rollout.ts";
import { measured, measuredHere } from "./rollout-work.ts";
import type { EndRolloutTrace, RolloutCodec, RolloutRecords } from "./run-keeper.ts";
import { runServices } from "./run-services.ts";

/** A rollout that is wanted. */
export interface WantedRollout<R> {
  readonly agent: Module<never, unknown>;
  readonly guide: Pick<Guide<never, never, never>, "scoreRange">;
  readonly x: unknown;
  readonly info: unknown;
  /** How its result is kept. */
  readonly codec: RolloutCodec<R>;
  /** What it is as a task, and how the result of one is read; `undefined` for what only this process can do. */
  readonly task?: (() => TaskForm<R>) | undefined;
  readonly work: () => MaybePromise<RolloutResult<R>>;
}

/** A rollout as a task. */
export interface TaskForm<R> {
  readonly about: Omit<RolloutTask, "position" | "values" | "rolloutTimeoutMs" | "measures">;
  readonly read: (written: JsonValue) => R;
}

/** The result of a rollout at the current position, from wherever it comes. */
export function obtainRollout<R>({ agent, guide, x, info, codec, task, work }: WantedRollout<R>): MaybePromise<RolloutResult<R>> {
  const { executor, tally, rollouts, traces } = runServices();
  const perform = (): MaybePromise<RolloutResult<R>> => {
    if (tally !== undefined) tally.performed++;
    return executor === undefined || task === undefined ? measured(work) : execute(executor, { agent, guide }, task());
  };
  const obtain = (): MaybePromise<RolloutResult<R>> => {
    if (rollouts === undefined) return perform();
    return inRecords(rollouts, () => ({ parameters: agent.candidate(), x, info, ...measuredHere() }), codec, perform);
  };
  if (traces === undefined) return obtain();
  const { position = "" } = currentRun() ?? {};
  const end = traces.beginRollout({ position, agent, x, info, place: () => task?.().about ?? {} });
  return end === undefined ? obtain() : kept(obtain, end);
}

/** Keeps what came of a rollout in full. */
function kept<R>(work: () => MaybePromise<RolloutResult<R>>, end: EndRolloutTrace): MaybePromise<RolloutResult<R>> {
  return settled(
    work,
    (done) => {
      end(done);
      return done;
    },
    (thrown) => {
      end({ thrown });
      throw thrown;
    },
  );
}

async function execute<R>(
  executor: Executor,
  { agent, guide: { scoreRange } }: Pick<WantedRollout<R>, "agent" | "guide">,
  form: TaskForm<R>,
): Promise<RolloutResult<R>> {
  const { position = "", signal: ofRun, work } = currentRun() ?? {};
  const limits = { rolloutTimeoutMs: currentRolloutTimeoutMs(), ...measuredHere() };
  const task = { ...form.about, position, values: agent.candidate(), ...limits };
  const signals = [ofRun, work?.signal].filter((signal) => signal !== undefined);
  const context = { signal: AbortSignal.any(signals), gate: gateHere() };
  // Time is counted where the rollout runs.
  const endWait = work?.beginCall();
  try {
    const ended = async (): Promise<RolloutResult<R>> => {
      const outcome = checkedOutcome(await executor.run(task, context), { scoreRange, failureScore: task.failureScore });
      return resultOf(outcome, form.read);
    };
    return await discardingUnusable(ended, isUsable);
  } finally {
    endWait?.();
  }
}

function resultOf<R>(outcome: RolloutOutcome, read: TaskForm<R>["read"]): RolloutResult<R> {
  for (const event of outcome.events) emitEvent(event);
  const cause = outcome.cause && readError(outcome.cause);
  if (outcome.status === "scored" || outcome.status === "failed") {
    const { result, score, scores, error } = outcome;
    return { result: read(result), score, scores, error, cause };
  }
  if (outcome.status === "thrown" || isInfrastructureError(cause)) throw cause;
  // An outage by a rule of the user's that looks at what did not cross.
  throw new InfrastructureError((cause as Error).message, { cause });
}

/** An answer that the guide could not score is asked for again by a process that resumes the run. */
function isUsable({ score, error }: RolloutResult<unknown>): boolean {
  return score !== null || error !== undefined;
}

/** What is kept of a rollout: also what it emitted, so that the history is the same when it is used again. */
interface KeptRollout {
  readonly result: JsonValue;
  readonly score: number | null;
  readonly scores?: Scores;
  readonly error?: string;
  readonly events: readonly AmbientEvent[];
}

/**
 * Does the work of a rollout, or gives what an earlier process got from the same rollout.
 *
 * @param about what the rollout depends on besides its position: the example and the values of the parameters
 */
async function inRecords<R>(
  records: RolloutRecords,
  about: () => unknown,
  codec: RolloutCodec<R>,
  work: () => MaybePromise<RolloutResult<R>>,
): Promise<RolloutResult<R>> {
  const { signal, position = "" } = currentRun() ?? {};
  const { control } = runServices();
  const key = fingerprint([position, about()]);
  const found = records.find(key) as KeptRollout | undefined;
  if (found !== undefined && isScored(found)) {
    for (const event of found.events) emitEvent(event);
    const { result, score, scores, error } = found;
    return { result: codec.read(result), score, scores, error };
  }
  const { value, events } = await collectEvents(work);
  // An agent may have caught what a run that ends has refused; its makeshift answer is nothing to be kept.
  signal?.throwIfAborted();
  control?.throwIfStopped();
  // With more time it might end otherwise.
  if (currentRun()?.work?.abandoned !== undefined) return value;
  const { result, score, scores, error, cause } = value;
  // A failure of the set-up would be there again when that has been mended.
  if (cause !== undefined && (isLastingFailure(cause) || isOverdue(cause))) return value;
  const written = isScored(value) ? codec.write(result) : undefined;
  if (written !== undefined) {
    const lasting = events.filter(({ type }) => !isMark(type)) as unknown as JsonValue;
    await records.record(key, position, {
      result: written,
      score,
      ...(scores && { scores }),
      ...(error === undefined ? {} : { error: redactText(error) }),
      events: lasting,
    });
  }
  return value;
}

/** The same of an agent whose time was up elsewhere. */
function isOverdue(cause: unknown): boolean {
  return errorChain(cause).some(({ codes }) => codes.includes("rollout-timeout"));
}

/** What no guide could score is tried again by the next process. */
function isScored({ score, error }: { readonly score: number | null; readonly error?: string | undefined }): boolean {
  return score !== null || error !== undefined;
}

/** Does `work`, and gives what it emitted, in logical order, besides what it gave. The listeners of the run hear it as always. */
async function collectEvents<R>(work: () => MaybePromise<R>): Promise<{ readonly value: R; readonly events: AmbientEvent[] }> {
  const events: AmbientEvent[] = [];
  const channel = currentRun()?.events;
  if (channel === undefined) return { value: await work(), events };
  const collected = new EventLane({ live: () => {}, ordered: (event) => events.push(event) });
  const value = await withEvents(both(channel, collected), async () => work()).finally(() => collected.close());
  return { value, events: [...events] };
}

/** A channel into two. */
function both(one: EventChannel, other: EventChannel): EventChannel {
  return {
    emit: (event) => {
      one.emit(event);
      other.emit(event);
    },
    fork: (count) => {
      const others = other.fork(count);
      return one.fork(count).map((channel, index) => both(channel, others[index] as EventChannel));
    },
    close: () => {
      one.close();
      other.close();
    },
  };
}
