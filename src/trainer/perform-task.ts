/**
 * `performTask`: does a rollout that arrives as data, with an agent, datasets, and guides of this process.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import type { JsonValue } from "../data/json.ts";
import { type InfrastructureRule, InvalidArgumentError, isInfrastructureError, isSetUpError, StopError } from "../errors.ts";
import { ExecutionError } from "../graph/execution-error.ts";
import type { Module } from "../graph/module.ts";
import { type AmbientEvent, atPosition, outsideOfRuns } from "../graph/scope.ts";
import { bindValues } from "../graph/with-values.ts";
import type { Guide } from "../guides/guide.ts";
import type { ModelGate } from "../llm/call-services.ts";
import { redactText } from "../llm/redact-secrets.ts";
import { EventLane } from "./event-stream.ts";
import { type FinishedRollout, type RolloutDataset, type RolloutOutcome, type RolloutTask, writeError } from "./executor.ts";
import { forwardOverdue, LimitedWork } from "./limited-work.ts";
import type { RolloutResult } from "./rollout.ts";
import { forwardHere, measured, scoreHere } from "./rollout-work.ts";
import { RunControl } from "./run-control.ts";
import { optimizationStep, type StepOutput, writeToCross } from "./standard-optimization-step.ts";

/** A dataset of the run, and the guide that scores answers on it. */
export interface TaskData<X = unknown, Y = unknown, Info = unknown> {
  readonly dataset: Dataset<X, Info>;
  readonly guide: Guide<X, Y, Info>;
}

/** What a process that performs tasks has itself: the same as the run, made by the same code. */
export interface TaskParts<X = unknown, Y = unknown, Info = unknown> {
  readonly agent: Module<X, Y>;
  readonly data: Readonly<Partial<Record<RolloutDataset, TaskData<X, Y, Info>>>>;
  /** Which errors of your own clients are outages: the option of the run. */
  readonly isInfrastructure?: InfrastructureRule | undefined;
}

/** How a task is performed. */
export interface PerformTaskOptions {
  /** Gives up on the task. */
  readonly signal?: AbortSignal | undefined;
  /** Answers model calls. @default they are made here, without budget and records */
  readonly gate?: ModelGate | undefined;
}

/**
 * Performs a task, whatever run or scope it is called in. What is thrown is part of the outcome.
 *
 * @throws the reason of the signal, unchanged
 * @example
 * parentPort.on("message", async ({ task }) => parentPort.postMessage(await performTask({ agent, data }, task)));
 */
export async function performTask<X, Y, Info>(
  parts: TaskParts<X, Y, Info>,
  task: RolloutTask,
  { signal, gate }: PerformTaskOptions = {},
): Promise<RolloutOutcome> {
  const { isInfrastructure } = parts;
  const { position, rolloutTimeoutMs, measures } = task;
  const events: AmbientEvent[] = [];
  const lane = new EventLane({ live: () => {}, ordered: (event) => events.push(event) });
  const services = { control: new RunControl(), gate, rolloutTimeoutMs, measures };
  const perform = async (): Promise<RolloutOutcome> => {
    const limits = new LimitedWork(rolloutTimeoutMs);
    try {
      const work = () => limits.run(async () => written(await measured(() => rollOut(parts, task))), forwardOverdue);
      return { ...(await atPosition("", work, { events: lane, work: limits })), events };
    } catch (error) {
      signal?.throwIfAborted();
      const isOutage = isInfrastructureError(error) && !isSetUpError(error);
      const ends = error instanceof StopError || error instanceof ExecutionError || !isOutage;
      return { status: ends ? "thrown" : "unscored", cause: writeError(error), events };
    } finally {
      limits.close();
      lane.close();
    }
  };
  return outsideOfRuns(() => atPosition(position, perform, { signal, services, isInfrastructure }));
}

type Result = RolloutResult<JsonValue>;

async function rollOut<X, Y, Info>({ agent, data }: TaskParts<X, Y, Info>, task: RolloutTask): Promise<Result> {
  const { mode, values, failureScore } = task;
  const { guide, example } = exampleOf(data, task);
  const parts = { agent, guide, x: example.input, info: example.info, failureScore };
  return bindValues(
    agent,
    values,
  )(async (): Promise<Result> => {
    if (mode === "score") return { ...(await scoreHere(parts)), result: null };
    const rollout = await forwardHere(parts, (copy, x, judge, info) => {
      return optimizationStep(copy, x, judge, info, failureScore ?? 0);
    });
    return { ...rollout, result: writeToCross(agent, rollout.result as StepOutput<Y>) };
  });
}

function written({ result, score, scores, error, cause }: Result): Omit<FinishedRollout, "events"> {
  const metrics = scores === undefined ? {} : { scores };
  if (error === undefined) return { status: "scored", score, ...metrics, result };
  const origin = cause === undefined ? {} : { cause: writeError(cause) };
  return { status: "failed", score, ...metrics, error: redactText(error), ...origin, result };
}

function exampleOf<X, Y, Info>(data: TaskParts<X, Y, Info>["data"], { dataset: name, example: index }: RolloutTask) {
  const found = data[name];
  if (found === undefined) {
    throw new InvalidArgumentError(`This process has no dataset "${name}", which the run uses. Pass it as data.${name}`);
  }
  const { dataset, guide } = found;
  const example = dataset[index];
  if (example !== undefined) return { guide, example };
  throw new InvalidArgumentError(
    `Expected data.${name} to be the dataset of the run, which has an example ${index}, got one with ${dataset.length} examples`,
  );
}
