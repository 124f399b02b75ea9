/**
 * `obtainRollout`: the one door of rollouts. What the run has on record is used again; else its executor is asked; else it is done here.
 *
 * @module
 */
import { describeValue, isPlainObject, type JsonValue } from "../data/json.ts";
import { ConfigurationError, InfrastructureError, isInfrastructureError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import { currentRun, emitEvent } from "../graph/scope.ts";
import { gateHere } from "../llm/call-model.ts";
import { discardingUnusable } from "../llm/discard-answers.ts";
import type { Executor, RolloutOutcome, RolloutTask } from "./executor.ts";
import { measured, measuredHere } from "./measured-work.ts";
import { recorded } from "./recorded.ts";
import type { RolloutResult } from "./rollout.ts";
import type { RolloutCodec } from "./rollout-records.ts";
import { currentRolloutTimeoutMs } from "./rollout-timeout.ts";
import { runServices } from "./run-services.ts";
import { readError } from "./written-error.ts";

/** A rollout that is wanted. */
export interface WantedRollout<R> {
  readonly agent: Module<never, unknown>;
  readonly x: unknown;
  readonly info: unknown;
  /** How its result is kept. */
  readonly codec: RolloutCodec<R>;
  /** What it is as a task, and how the result of one is read; `undefined` for what only this process can do. */
  readonly task?: (() => TaskForm<R>) | undefined;
  readonly work: () => Promise<RolloutResult<R>>;
}

/** A rollout as a task. */
export interface TaskForm<R> {
  readonly about: Omit<RolloutTask, "position" | "values" | "rolloutTimeoutMs" | "measures">;
  readonly read: (written: JsonValue) => R;
}

/** The result of a rollout at the current position, from wherever it comes. */
export function obtainRollout<R>({ agent, x, info, codec, task, work }: WantedRollout<R>): Promise<RolloutResult<R>> {
  const { executor, tally } = runServices();
  const perform = (): Promise<RolloutResult<R>> => {
    if (tally !== undefined) tally.performed++;
    return executor === undefined || task === undefined ? measured(work) : execute(executor, agent, task());
  };
  return recorded(() => ({ parameters: agent.candidate(), x, info, ...measuredHere() }), codec, perform);
}

/** An executor may be anybody's. */
function isOutcome(outcome: unknown): outcome is RolloutOutcome {
  return isPlainObject(outcome) && statuses.has(outcome.status) && Array.isArray(outcome.events);
}

const statuses: ReadonlySet<unknown> = new Set<RolloutOutcome["status"]>(["scored", "failed", "unscored", "thrown"]);

async function execute<R>(executor: Executor, agent: Module<never, unknown>, form: TaskForm<R>): Promise<RolloutResult<R>> {
  const { position = "", signal: ofRun, work } = currentRun() ?? {};
  const limits = { rolloutTimeoutMs: currentRolloutTimeoutMs(), ...measuredHere() };
  const task = { ...form.about, position, values: agent.candidate(), ...limits };
  const signals = [ofRun, work?.signal].filter((signal) => signal !== undefined);
  const context = { signal: AbortSignal.any(signals), gate: gateHere() };
  // Time is counted where the rollout runs.
  const endWait = work?.beginCall();
  try {
    return await discardingUnusable(async () => resultOf(await executor.run(task, context), form.read), isUsable);
  } finally {
    endWait?.();
  }
}

function resultOf<R>(outcome: RolloutOutcome, read: TaskForm<R>["read"]): RolloutResult<R> {
  if (!isOutcome(outcome)) {
    throw new ConfigurationError(
      `Expected the executor to return the outcome of a rollout, as \`performTask\` does, got ${describeValue(outcome)}`,
    );
  }
  for (const event of outcome.events) emitEvent(event);
  const cause = outcome.cause && readError(outcome.cause);
  if ("result" in outcome) {
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
