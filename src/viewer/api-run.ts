/**
 * What the viewer says of a run as a whole.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { ObjectiveConfig } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import type { ChosenOn } from "../trainer/events.ts";
import type { RunReport } from "../trainer/run-report.ts";

/** A dataset of a run. */
export type DatasetName = "train" | "validate" | "test";

/** How a run stands. `stopped` can be continued; `unreadable`: its files are of a newer version, or cannot be read. */
export type RunState = "running" | "stopped" | "finished" | "damaged" | "unreadable";

/** `GET /api/runs`: an element of the list, the newest run first. */
export interface RunSummary {
  readonly id: string;
  readonly name: string | null;
  readonly algorithm: string | null;
  readonly optimizer: string | null;
  readonly state: RunState;
  /** Why it ended, such as `completed` or `budget`. */
  readonly reason: string | null;
  /** ISO 8601. */
  readonly started: string | null;
  /** Time spent training, in milliseconds. */
  readonly elapsedMs: number | null;
  /** Iterations that are over. */
  readonly iterations: number | null;
  /** The best score so far, by what the best values are chosen on; and the same of the start, where it was measured (`null` before the run was opened once). */
  readonly best: number | null;
  readonly start: number | null;
  /** Not known before the run was opened once. */
  readonly candidates: number | null;
  readonly usd: number | null;
  readonly warnings: number | null;
  /** What is wrong with its files, one sentence each. */
  readonly problems: readonly string[];
}

/** `GET /api/runs/:run`: one run. */
export interface RunView extends Omit<RunSummary, "warnings"> {
  /** Counts up with every change; the events of the run name it. */
  readonly revision: number;
  readonly folder: string;
  /** The process that has it now. */
  readonly holder: { readonly pid: number; readonly host: string } | null;
  readonly error: string | null;
  /** Iterations that it takes when nothing stops it. */
  readonly numIterations: number | null;
  readonly seed: JsonValue;
  /** Options that change the course of the run, by name. */
  readonly options: { readonly [name: string]: JsonValue };
  readonly datasets: { readonly [name: string]: { readonly examples: number } };
  /** The datasets that candidates were measured on, example by example: first what the best values are chosen on. */
  readonly measuredDatasets: readonly DatasetName[];
  /** How candidates are compared; `null` where that is by the guide's score alone. */
  readonly objective: ObjectiveConfig | null;
  /** Names of all metrics, `score` first. */
  readonly metrics: readonly string[];
  readonly chosenOn: ChosenOn | null;
  /** What was gained, in words and numbers; `null` before the run has ended. */
  readonly report: RunReport | null;
  readonly series: readonly ScoreSeries[];
  readonly counts: RunCounts;
  readonly bestCandidate: CandidateBrief | null;
  readonly startCandidate: CandidateBrief | null;
  readonly currentCandidate: string | null;
  /** Under several metrics, every candidate that was measured on what the best values are chosen on; else empty. */
  readonly evaluated: readonly EvaluatedPoint[];
  /** How much the front covered after each evaluation; empty without a front. */
  readonly hypervolume: readonly { readonly iteration: number; readonly volume: number }[];
  readonly spend: Spend;
  readonly waits: Waits;
  readonly warnings: readonly WarningLine[];
  /** Marked by hand. */
  readonly marks: readonly CandidateMark[];
  /** Examples with a corrected answer. */
  readonly corrections: number;
  readonly traces: TracesSummary;
  /** Lines of the journal that could not be read. */
  readonly damagedLines: number;
}

/** A score over a run, in columns of the same length: entry `i` of each is one point. */
export interface ScoreSeries {
  readonly dataset: DatasetName;
  readonly metric: string;
  /** In words: "Average test score". */
  readonly label: string;
  readonly iteration: readonly number[];
  readonly score: readonly (number | null)[];
  /** The 95% interval of the mean over the examples; `null` where it is not known. */
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /**
   * Model calls, tokens, dollars, and seconds of the run until then: of all answers that were used, also where they were not paid for (those of a cache, of
   * an earlier process, and of an identical call in flight).
   */
  readonly calls: readonly number[];
  readonly tokens: readonly number[];
  /** `null` where a price is not known. */
  readonly usd: readonly (number | null)[];
  readonly seconds: readonly number[];
  /** Which candidate it is, where it is one. */
  readonly candidate: readonly (string | null)[];
  /** The place of the best values in these lists; `null` where they are not among them. */
  readonly best: number | null;
}

export interface RunCounts {
  readonly candidates: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly dropped: number;
  /** Proposals that could not be used. */
  readonly failedProposals: number;
  readonly rollouts: number;
  readonly failedRollouts: number;
  readonly unscoredRollouts: number;
  readonly events: number;
}

/** A candidate by name. */
export interface CandidateBrief {
  readonly id: string;
  readonly iteration: number;
  readonly score: number | null;
  readonly scores: Scores;
}

/** A candidate among several metrics. */
export interface EvaluatedPoint extends CandidateBrief {
  readonly isFront: boolean;
  readonly isBest: boolean;
}

/** Use of models: what was paid for. Answers of a cache, of an earlier process, and of an identical call in flight are not in it. */
export interface SpendLine {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly reasoningTokens: number;
  /** `null` where a price is not known. */
  readonly usd: number | null;
}

export interface Spend {
  readonly total: SpendLine;
  /** One line for each role and model. */
  readonly byRole: readonly (SpendLine & { readonly role: string; readonly model: string })[];
  /** One line for each role, model, and iteration (`null`: outside of any), in order; `groups` iterations are one line in long runs. */
  readonly byIteration: readonly (SpendLine & {
    readonly role: string;
    readonly model: string;
    readonly iteration: number | null;
  })[];
  /** How many iterations are one line. */
  readonly groups: number;
}

export interface Waits {
  readonly retries: number;
  readonly byReason: readonly {
    readonly model: string;
    readonly reason: string;
    readonly count: number;
    readonly delayMs: number;
  }[];
  /** Reported waits for limits. */
  readonly waits: readonly {
    readonly model: string;
    readonly reason: string;
    /** ISO 8601. */
    readonly at: string;
    readonly waitedMs: number;
  }[];
  readonly waitedMs: number;
}

export interface WarningLine {
  readonly message: string;
  /** ISO 8601, of the first. */
  readonly at: string;
  readonly count: number;
}

export interface CandidateMark {
  readonly candidate: string;
  readonly note: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What is kept of rollouts in full. */
export interface TracesSummary {
  readonly rollouts: number;
  readonly calls: number;
  readonly bytes: number;
  /** Why there are none, or not all; `null` where all are there. */
  readonly missing: string | null;
}
