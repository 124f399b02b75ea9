/**
 * The events of a run: one typed stream of plain JSON that every logger, journal and test listens to.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { Seed } from "../data/random.ts";
import type { StopCause } from "../errors.ts";
import type { Candidate } from "../graph/with-values.ts";

/** How a rollout ended: with a score, with an error of the program, or for reasons outside of it. */
export type RolloutStatus = "scored" | "failed" | "unscored";

/** A piece of work with many rollouts (a forward pass, an evaluation, a validation), or one of its rollouts. */
interface TaskEvent {
  /** Logical position: `iteration/3/forward` of a task, `iteration/3/forward/example/17/sample/0` of its rollout. */
  readonly position: string;
}

/** Everything that can happen in a run. `position` is logical, never a time. */
export type RunEvent =
  | {
      readonly type: "run-start";
      readonly algorithm: string;
      readonly numExamples: number;
      readonly numEpochs: number;
      readonly batchSize: number;
      readonly numThreads: number;
      readonly seed: Seed;
      /** Iterations that this run will take when nothing stops it. */
      readonly numIterations: number;
      readonly parameters: Candidate;
    }
  | {
      readonly type: "iteration-start";
      readonly iteration: number;
      readonly epoch: number;
      readonly batchSize: number;
      /** Which examples of the train dataset the batch has, in order. */
      readonly examples: readonly number[];
    }
  | ({
      readonly type: "task-start";
      readonly description: string;
      /** How many rollouts it has at most; `null` when that is not known. */
      readonly total: number | null;
    } & TaskEvent)
  | ({
      readonly type: "rollout-end";
      readonly status: RolloutStatus;
      readonly score: number | null;
      /** What went wrong, unless scored. */
      readonly error?: string;
    } & TaskEvent)
  | ({
      readonly type: "task-end";
      readonly description: string;
      readonly meanScore: number | null;
      /** The score of every rollout, in order. */
      readonly scores: readonly (number | null)[];
      /** How many rollouts ended in each way; together, with those left out, all of them. */
      readonly scored: number;
      readonly failed: number;
      readonly unscored: number;
      /** Rollouts that were left out because they could not matter any more; missing when there are none. */
      readonly skipped?: number;
    } & TaskEvent)
  | { readonly type: "candidate-proposed"; readonly position: string; readonly proposal: number; readonly values: Candidate }
  | {
      readonly type: "proposal-rejected";
      readonly position: string;
      readonly attempt: number;
      readonly name: string | null;
      readonly reason: string;
    }
  | {
      /** What was proposed in the end still could not be used: these values stay as they are; `null` names the reply as a whole. */
      readonly type: "proposal-failed";
      readonly position: string;
      readonly rejections: readonly { readonly name: string | null; readonly reason: string }[];
    }
  | {
      readonly type: "candidate-scored";
      readonly position: string;
      /** Number of the proposal; `null` for the current values. */
      readonly proposal: number | null;
      readonly score: number | null;
    }
  | {
      /** A candidate was not scored on the rest of the validation dataset, because it could not win any more. */
      readonly type: "candidate-dropped";
      readonly position: string;
      /** Number of the proposal; `null` for the current values. */
      readonly proposal: number | null;
      /** Its mean over the examples that it was scored on. */
      readonly score: number | null;
      /** How many examples that were, and of how many. */
      readonly examples: number;
      readonly total: number;
      /** Why: its agent failed, its best possible mean is too low, or it is too unlikely to win (racing). */
      readonly reason: "failed" | "bound" | "racing";
    }
  | {
      readonly type: "candidate-selected";
      readonly position: string;
      readonly proposal: number | null;
      readonly score: number | null;
    }
  | {
      readonly type: "update-accepted" | "update-rejected";
      readonly iteration: number;
      readonly currentScore: number | null;
      readonly newScore: number | null;
      readonly threshold: number;
    }
  | { readonly type: "prompt" | "reply"; readonly position: string; readonly role: string; readonly text: string }
  | {
      readonly type: "model-call";
      readonly position: string;
      readonly model: string;
      readonly role: string;
      readonly inputTokens: number | null;
      readonly outputTokens: number | null;
    }
  | { readonly type: "log"; readonly name: string; readonly data: JsonValue; readonly step: number }
  | { readonly type: "warning"; readonly message: string }
  | { readonly type: "checkpoint-saved"; readonly path: string; readonly iteration: number }
  | { readonly type: "iteration-end"; readonly iteration: number; readonly epoch: number; readonly score: number | null }
  | {
      readonly type: "run-end";
      readonly reason: StopReason | "aborted" | "failed";
      readonly error?: string;
      readonly iterations: number;
      readonly testScore: number | null;
      readonly parameters: Candidate;
    }
  | RunMark;

/** Why a run ended as a result; after `budget`, `quota`, `interrupted` and `deadline` it can be continued. */
export type StopReason = "completed" | "target-score" | "patience" | "max-iterations" | Exclude<StopCause, "storage">;

const resumable: readonly string[] = ["budget", "quota", "interrupted", "deadline"] satisfies StopReason[];

/** Whether a run that ended for this reason has more to do: the same command continues it when it is kept. */
export function canGoOn(reason: string): boolean {
  return resumable.includes(reason);
}

/** What happens on one machine at one moment: no part of the history of a run, which is the same in every process. */
export type RunMark =
  | {
      /** An unfinished run goes on. */
      readonly type: "run-resumed";
      readonly run: string;
      /** The iteration that was saved last. */
      readonly iteration: number;
      /** Iterations that the run will have taken when nothing stops it. */
      readonly numIterations: number;
      /** What had to be given up: damaged files. */
      readonly warnings: readonly string[];
    }
  | { readonly type: "run-stopping"; readonly reason: string }
  | {
      readonly type: "model-retry";
      readonly position: string;
      readonly model: string;
      readonly attempt: number;
      readonly delayMs: number;
      readonly reason: string;
    };

/** The kinds of events. */
export type RunEventType = RunEvent["type"];

const marks: readonly string[] = ["run-resumed", "run-stopping", "model-retry"] satisfies RunMark["type"][];

/** Whether events of this type are marks. */
export function isMark(type: string): boolean {
  return marks.includes(type);
}
