/**
 * `recorded`: what an earlier process got from a rollout is used again.
 *
 * @module
 */
import { errorChain } from "../data/error-shape.ts";
import { fingerprint } from "../data/fingerprint.ts";
import type { JsonValue } from "../data/json.ts";
import type { Scores } from "../data/scores.ts";
import { type AmbientEvent, currentRun, type EventChannel, emitEvent, withEvents } from "../graph/scope.ts";
import { redactText } from "../llm/redact-secrets.ts";
import { isLastingFailure } from "./alike-failures.ts";
import { EventLane } from "./event-lane.ts";
import { isMark } from "./events.ts";
import type { RolloutResult } from "./rollout.ts";
import type { RolloutCodec, RolloutRecords } from "./rollout-records.ts";
import { runServices } from "./run-services.ts";

/** What is kept of a rollout: also what it emitted, so that the history is the same when it is used again. */
interface KeptRollout {
  readonly result: JsonValue;
  readonly score: number | null;
  readonly scores?: Scores;
  readonly error?: string;
  readonly events: readonly AmbientEvent[];
}

/**
 * Does the work of a rollout, or gives what an earlier process got from the same rollout, where the run keeps that.
 *
 * @param about what the rollout depends on besides its position: the example and the values of the parameters
 */
export function recorded<R>(
  about: () => unknown,
  codec: RolloutCodec<R>,
  work: () => Promise<RolloutResult<R>>,
): Promise<RolloutResult<R>> {
  const { rollouts: records } = runServices();
  return records === undefined ? work() : inRecords(records, about, codec, work);
}

async function inRecords<R>(
  records: RolloutRecords,
  about: () => unknown,
  codec: RolloutCodec<R>,
  work: () => Promise<RolloutResult<R>>,
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
async function collectEvents<R>(work: () => Promise<R>): Promise<{ readonly value: R; readonly events: AmbientEvent[] }> {
  const events: AmbientEvent[] = [];
  const channel = currentRun()?.events;
  if (channel === undefined) return { value: await work(), events };
  const collected = new EventLane({ live: () => {}, ordered: (event) => events.push(event) });
  const value = await withEvents(both(channel, collected), work).finally(() => collected.close());
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
