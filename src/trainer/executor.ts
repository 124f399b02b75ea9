/**
 * The contract of executors: where rollouts run. A rollout is data on its way there and on its way back, errors included.
 *
 * @module
 */

import { errorChain } from "../data/error-shape.ts";
import { isJsonValue, type JsonValue } from "../data/json.ts";
import type { Scores } from "../data/scores.ts";
import {
  ConfigurationError,
  GraphError,
  GuideError,
  InfrastructureError,
  InvalidArgumentError,
  OptoError,
  type OptoErrorOptions,
  RolloutTimeoutError,
  type StopCause,
  StopError,
  UnusableAnswerError,
} from "../errors.ts";
import type { AmbientEvent } from "../graph/scope.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { ModelGate } from "../llm/call-services.ts";
import { redactText } from "../llm/redact-secrets.ts";
import type { MeasuredMetric } from "../llm/spend/rollout-meter.ts";

/** The datasets of a run. */
export type RolloutDataset = "train" | "validate" | "test";

/** Which example of the run a rollout is of. */
export interface RolloutPlace {
  readonly dataset: RolloutDataset;
  /** Index in the dataset. */
  readonly example: number;
  /** Number of the rollout among those of this example, from 0. */
  readonly sample: number;
}

/** One rollout, as plain JSON: what a process needs to know that has the agent, the datasets, and the guides itself. */
export interface RolloutTask extends RolloutPlace {
  /** Logical position in the run; names random streams and model calls. */
  readonly position: string;
  /** `score`: the guide's score alone, untraced. `feedback`: feedback and the graph that it is propagated through. */
  readonly mode: "score" | "feedback";
  /** The values of all parameters, by path. */
  readonly values: Candidate;
  /** Score given when the agent throws; `null`: none, which counts as the lowest where candidates are compared. */
  readonly failureScore: number | null;
  /** How long the agent, and then the guide, may take, in milliseconds, model calls not counted; `null` is no limit. */
  readonly rolloutTimeoutMs: number | null;
  /** What is measured of the rollout and added to its metrics. @default nothing */
  readonly measures?: readonly MeasuredMetric[] | undefined;
}

/** A rollout that came to its end. */
export interface FinishedRollout {
  /** `failed`: the agent threw. */
  readonly status: "scored" | "failed";
  readonly score: number | null;
  /** Further metrics by name. */
  readonly scores?: Scores;
  /** The agent's error as text. */
  readonly error?: string;
  readonly cause?: WrittenError;
  /** The output with its graph, in mode `feedback`; else `null`. */
  readonly result: JsonValue;
  /** What was emitted, in logical order. */
  readonly events: readonly AmbientEvent[];
}

/** A rollout that did not. */
export interface BrokenRollout {
  /** `unscored`: something outside the program failed. `thrown`: a bug of the guide, a wrong set-up, or a stop, which ends the run. */
  readonly status: "unscored" | "thrown";
  readonly cause: WrittenError;
  readonly events: readonly AmbientEvent[];
}

/** How a rollout ended, as plain JSON. */
export type RolloutOutcome = FinishedRollout | BrokenRollout;

/** What an executor gets besides the task. */
export interface ExecutorContext {
  /** Aborted when the rollout is no longer waited for. */
  readonly signal?: AbortSignal | undefined;
  /** Answers the model calls of the rollout with the budget, limits, and records of the run. */
  readonly gate: ModelGate;
}

/**
 * Runs rollouts: in worker threads, in other processes, on other machines. `performTask` does the work where the task arrives.
 *
 * A task may be run more than once; whichever outcome comes first counts. The run waits for an executor as it waits for a model: the
 * time limit of a rollout is kept where it runs, so what hangs there is for the executor to end.
 */
export interface Executor {
  /** @throws InfrastructureError when the rollout got lost: it stays unscored and is made again */
  run(task: RolloutTask, context: ExecutorContext): Promise<RolloutOutcome>;
}

/** An error without its stack and without keys. */
export interface WrittenError {
  readonly name: string;
  readonly message: string;
  /** Whether it belongs to the family of opto's own errors. */
  readonly isOwn: boolean;
  /** What tells failures apart: codes, the status of a reply, the body of it. */
  readonly fields: { readonly [name: string]: JsonValue };
  readonly cause?: WrittenError;
}

/** The error and what it was caused by. What was thrown and is no error is written as one with its text. */
export function writeError(error: unknown): WrittenError {
  const chain = errorChain(error);
  if (chain.length === 0) return { name: "Error", message: redactText(String(error)), isOwn: false, fields: {} };
  const [first, ...causes] = chain.map(({ error: link, names, message, status }): Omit<WrittenError, "cause"> => {
    const fields = fieldNames.flatMap((name) => {
      const value = read(link, name);
      return isJsonValue(value) ? [[name, redacted(value)] as const] : [];
    });
    return {
      name: names[0] ?? "Error",
      message: redactText(message),
      isOwn: OptoError.isInstance(link),
      fields: { ...Object.fromEntries(fields), ...(status === undefined ? {} : { statusCode: status }) },
    };
  });
  const cause = causes.reduceRight<WrittenError | undefined>(
    (inner, link) => (inner === undefined ? link : { ...link, cause: inner }),
    undefined,
  );
  return { ...(first as WrittenError), ...(cause === undefined ? {} : { cause }) };
}

/** An error that is told apart as the one that was written is: by its class among opto's own, else by its name and fields. */
export function readError({ name, message, isOwn, fields, cause }: WrittenError): Error {
  const options = cause === undefined ? {} : { cause: readError(cause) };
  const error = isOwn ? ownError(String(fields.code), message, fields, options) : new Error(message, options);
  for (const [field, value] of Object.entries({ ...fields, name })) {
    Object.defineProperty(error, field, { value, writable: true, configurable: true, enumerable: field !== "name" });
  }
  return error;
}

/** What `errorChain` looks at, as far as it is data. */
const fieldNames = [
  "code",
  "reason",
  "status",
  "type",
  "details",
  "data",
  "responseBody",
  "url",
  "$retryable",
  "$fault",
] as const;

const ownClasses: Readonly<Record<string, new (message: string, options?: OptoErrorOptions) => OptoError>> = {
  "invalid-argument": InvalidArgumentError,
  "rollout-timeout": RolloutTimeoutError,
  "unusable-answer": UnusableAnswerError,
  configuration: ConfigurationError,
  infrastructure: InfrastructureError,
  graph: GraphError,
  guide: GuideError,
};

function ownError(code: string, message: string, fields: WrittenError["fields"], options: OptoErrorOptions): OptoError {
  if (code === "stopped") return new StopError(fields.reason as StopCause, message, options);
  const Class = Object.hasOwn(ownClasses, code) ? ownClasses[code] : undefined;
  return Class === undefined ? new OptoError(code, message, options) : new Class(message, options);
}

function redacted(value: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) =>
    typeof inner === "string" ? redactText(inner) : inner,
  ) as JsonValue;
}

function read(owner: object, key: string): unknown {
  try {
    return (owner as Readonly<Record<string, unknown>>)[key];
  } catch {
    return undefined;
  }
}
