/**
 * The events of a run: one typed stream of plain JSON, and the contract of the loggers that listen to it.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { ObjectiveConfig } from "../data/objectives.ts";
import type { Seed } from "../data/random.ts";
import type { Range } from "../data/range.ts";
import type { Scores } from "../data/scores.ts";
import type { StopCause } from "../errors.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { RunReport } from "./run-report.ts";

/** How a rollout ended: with a score, with an error of the program, or for reasons outside it. */
export type RolloutStatus = "scored" | "failed" | "unscored";

/** A piece of work with many rollouts (a forward pass, an evaluation, a validation), or one of its rollouts. */
interface TaskEvent {
  /** Logical position: `iteration/3/forward` of a task, `iteration/3/forward/example/17/sample/0` of its rollout. */
  readonly position: string;
}

/** Rollouts in columns: entry `i` of each list is about `examples[i]`. */
interface TrialColumns {
  readonly examples: readonly number[];
  /** Which rollout of its example each is, from 0; missing when all are the first. */
  readonly samples?: readonly number[];
  /** By metric; `null` where there is none. */
  readonly scores: { readonly [metric: string]: readonly (number | null)[] };
  /** Which of them failed, by place in the lists; missing when none did. */
  readonly failed?: readonly number[];
  /** The errors, by place in the lists. */
  readonly errors?: { readonly [place: string]: string };
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
      /** How many rollouts that will be, and how many of them evaluate on all of the validation or test data. */
      readonly rollouts?: { readonly all: Range; readonly evaluation: Range };
      /** What the best values are chosen on. */
      readonly chosenOn?: ChosenOn;
      /** How candidates are compared; missing where that is by the guide's score alone. */
      readonly objective?: ObjectiveConfig;
      readonly parameters: Candidate;
      /** The model that scores the answers, each a paid call; missing when the guide is no `LLMJudge`. */
      readonly judge?: string;
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
      /** Rollouts that were skipped because they could no longer matter; missing when there are none. */
      readonly skipped?: number;
    } & TaskEvent)
  | {
      readonly type: "candidate-proposed";
      /** Where it was proposed. */
      readonly position: string;
      /** The id of the candidate: its position, or that of the first candidate with the same values. */
      readonly candidate: string;
      /** The candidates it was made from, by id. */
      readonly parents: readonly string[];
      /** What made it: the name of an optimizer, or what a search calls it. */
      readonly origin: string;
      /** A value for every parameter of the agent, by path. */
      readonly values: Candidate;
      /** Why, in the words of the optimizer's model, at most 500 characters; missing where it did not say. */
      readonly reasoning?: string;
    }
  | ({
      /** Rollouts of a candidate that count. */
      readonly type: "candidate-measured";
      readonly position: string;
      readonly candidate: string;
      readonly dataset: "train" | "validate";
    } & TrialColumns)
  | ({
      /**
       * How the start, or a candidate that is the best so far, did on data that no decision of the search rests on: the test dataset, or validation data that
       * only choose the best values. What the run reports of its gain is made of these.
       */
      readonly type: "candidate-tested";
      readonly iteration: number;
      readonly candidate: string;
      readonly dataset: "validate" | "test";
    } & TrialColumns)
  | {
      /**
       * A candidate was measured on what the best values are chosen on. Reported where answers have several metrics, or the objective is not
       * the guide's score alone.
       */
      readonly type: "candidate-evaluated";
      readonly iteration: number;
      readonly candidate: string;
      /** The mean of every metric; failures count as the worst, and so does what could not be scored. */
      readonly scores: Scores;
      /** The lowest and the highest value of every metric over the examples; hypervolumes are measured from the first of these. */
      readonly ranges: { readonly [metric: string]: readonly [lowest: number, highest: number] };
    }
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
      readonly candidate: string;
      /**
       * By the objective, over the examples that all compared candidates were scored on; `null` when it cannot win. Where it compares by one metric, as
       * the guide gives that, also if less of it is better.
       */
      readonly score: number | null;
      /** The mean of every metric; missing where there is no other than `score`. */
      readonly scores?: Scores;
      /** On how many examples it was scored, and of how many. */
      readonly examples: number;
      readonly total: number;
    }
  | {
      /** A candidate was not scored on the rest of the validation dataset, because it could not win any more. */
      readonly type: "candidate-dropped";
      readonly position: string;
      readonly candidate: string;
      /** Its mean over the examples that it was scored on. */
      readonly score: number | null;
      /** How many examples that were, and of how many. */
      readonly examples: number;
      readonly total: number;
      /** Why: its best possible mean is too low, or it is too unlikely to win (racing). */
      readonly reason: "bound" | "racing";
    }
  | {
      /** The candidate that the agent holds from now on. */
      readonly type: "candidate-selected";
      readonly position: string;
      readonly candidate: string;
      /** Whether the agent held another one before. */
      readonly changed: boolean;
      /** As in `candidate-scored`. */
      readonly score: number | null;
    }
  | {
      readonly type: "update-accepted" | "update-rejected";
      readonly iteration: number;
      /** As in `candidate-scored`. */
      readonly currentScore: number | null;
      readonly newScore: number | null;
      readonly threshold: number;
    }
  | {
      /** The optimizer was not asked: every output of the batch already has the best score that the guide can give. */
      readonly type: "update-skipped";
      readonly iteration: number;
      readonly score: number;
    }
  | { readonly type: "prompt" | "reply"; readonly position: string; readonly role: string; readonly text: string }
  | {
      readonly type: "model-call";
      readonly position: string;
      readonly model: string;
      readonly role: string;
      /** Why the reply ended: `stop`, `length` (cut off at the token limit), `content-filter`, … */
      readonly finishReason: string;
      readonly inputTokens: number | null;
      readonly outputTokens: number | null;
      /** How many of the input tokens were read from a cache, or written to one; missing when none. */
      readonly cachedInputTokens?: number;
      readonly cacheWriteTokens?: number;
      /** How many of the output tokens are reasoning; missing when none. */
      readonly reasoningTokens?: number;
      /** Whether the numbers are estimated, because the provider reported none that can be used; missing when not. */
      readonly estimated?: boolean;
    }
  | {
      /** The guide or the agent's code has changed: what was measured before does not compare with what comes. */
      readonly type: "scores-forgotten";
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
      /** The best values. */
      readonly best?: {
        readonly iteration: number;
        readonly score: number | null;
        /** The mean of every metric; missing where there is no other than `score`. */
        readonly scores?: Scores;
        readonly chosenOn: ChosenOn;
        /** Whether there is a test dataset beside what they were chosen on. */
        readonly hasTest: boolean;
        /** Whether the agent has them now. */
        readonly isKept: boolean;
      };
      /** What was gained; missing after an error or an abort. */
      readonly report?: RunReport;
      readonly parameters: Candidate;
    }
  | RunMark;

/** What a run chooses its best values on. */
export interface ChosenOn {
  /**
   * `"validation"`: a validation dataset. `"split"`: a part of the train dataset that was set aside. `"train"`: the train dataset
   * itself. `"test"`: the test dataset, of a training class that was given no validation data. `"none"`: nothing is evaluated, nor
   * measured on validation data by the search itself, and the last values count as the best.
   */
  readonly dataset: "validation" | "split" | "train" | "test" | "none";
  /** How many examples that are; where the best values were not evaluated, on how many of them the search has measured these. */
  readonly examples: number;
}

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
      /** An unfinished run resumes. */
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
    }
  | {
      /** Calls of a model wait for a limit, of the provider's or of the user's. Reported after some seconds, then seldom. */
      readonly type: "model-waiting";
      readonly model: string;
      /** For what. */
      readonly reason: string;
      /** How many calls wait. */
      readonly calls: number;
      /** For how long they have, and how long it takes until the next attempt, in milliseconds. */
      readonly waitedMs: number;
      readonly delayMs: number;
    }
  | {
      /** A wait that was reported is over. */
      readonly type: "model-wait-end";
      readonly model: string;
      readonly waitedMs: number;
      /** Whether the model has answered; else every call that waited has given up. */
      readonly isAnswered: boolean;
    };

/** The kinds of events. */
export type RunEventType = RunEvent["type"];

const marks: readonly string[] = [
  "run-resumed",
  "run-stopping",
  "model-retry",
  "model-waiting",
  "model-wait-end",
] satisfies RunMark["type"][];

/** Whether events of this type are marks. */
export function isMark(type: string): boolean {
  return marks.includes(type);
}

/**
 * Listens to a run. Implement `log` for named values (a score, a parameter) with their step, `onEvent` for everything, or both. A logger that
 * throws, or returns a promise that is rejected, is reported once and never stops the run; `log` and `onEvent` are not awaited.
 */
export interface Logger {
  /**
   * When events are reported: as they happen, or in logical order, which is the same in every run whatever the timing: what a
   * rollout emits then comes after all that the rollouts before it in its task do.
   *
   * @default "live"
   */
  readonly order?: "live" | "logical";
  /** A named value at an iteration: `log("Average test score", 0.8, 3)`. */
  log?(name: string, data: JsonValue, step: number): void;
  /** Any event, including those that `log` receives. */
  onEvent?(event: RunEvent): void;
  /** The run is over: flush and close files. Called once for each `train`. */
  close?(): void | Promise<void>;
}
