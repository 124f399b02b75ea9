/**
 * The contract between the server of the viewer and its page: one type for every answer, all of them plain JSON.
 *
 * Every answer to a `GET` has a path below `/api`; the page loads it with one function, which reads it from the exported file where there is
 * one. `:run` and all other parts of a path are written with `encodeURIComponent`. An error is an `ApiError` with a status of 4xx or 5xx.
 * Whatever a model, a user, or a provider wrote comes as it is: the page shows it as text.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { Correction } from "./api-rollouts.ts";
import type { CandidateMark, DatasetName, RunState } from "./api-run.ts";

export type {
  CandidateComparison,
  CandidateNode,
  CandidateResult,
  CandidateStatus,
  CandidateView,
  CompareView,
  ExampleDifference,
  HeatCell,
  HeatColumn,
  HeatRow,
  HeatSort,
  HeatWindow,
  Lineage,
  ProposalView,
} from "./api-candidates.ts";
export type {
  Correction,
  Corrections,
  GraphNodeView,
  MessageView,
  ModelCallView,
  RolloutBrief,
  RolloutGraph,
  RolloutList,
  RolloutView,
  SearchHit,
  SearchResult,
  ToolCallView,
} from "./api-rollouts.ts";
export type {
  CandidateBrief,
  CandidateMark,
  DatasetName,
  EvaluatedPoint,
  RunCounts,
  RunState,
  RunSummary,
  RunView,
  ScoreSeries,
  Spend,
  SpendLine,
  TracesSummary,
  Waits,
  WarningLine,
} from "./api-run.ts";

/** The body of every answer with a status of 400 or more. */
export interface ApiError {
  readonly error: {
    /** For programs: `not-found`, `forbidden`, `invalid`, `too-large`, `conflict`, `unreadable`, `failed`. */
    readonly code: string;
    /** For people: what is wrong, and what to do. */
    readonly message: string;
  };
}

/** `GET /api/viewer`: what this page is. */
export interface ViewerInfo {
  readonly version: string;
  /** The folder of all runs. */
  readonly folder: string;
  /** The run that the page opens; `null` opens the list. */
  readonly run: string | null;
  /** Whether this is an exported file: nothing is live, and nothing can be written. */
  readonly isExport: boolean;
  /** What can be done here, besides downloads. */
  readonly actions: readonly ViewerAction[];
}

/** What changes something. */
export type ViewerAction = "apply" | "mark" | "stop" | "correct";

/**
 * `GET /api/runs/:run/events`: `text/event-stream`. An event `changed` has this as its data, at most some a second; the page loads again what it
 * shows. `GET /api/events` has the same for all runs.
 */
export interface ChangedEvent {
  readonly run: string;
  readonly revision: number;
  readonly state: RunState;
  readonly iterations: number | null;
  /** What is new. */
  readonly parts: readonly ("scores" | "candidates" | "spend" | "traces" | "warnings" | "state" | "marks")[];
}

/**
 * `GET /api/runs/:run/download/:what.csv` and `.json`. `trials` takes `?dataset=`.
 */
export type DownloadName = "candidates" | "scores" | "trials" | "spend" | "rollouts" | "corrections" | "warnings";

/** `POST /api/runs/:run/apply`. All writes need the header `x-opto-token`, the same origin, and a JSON body. */
export interface ApplyRequest {
  /** @default the best */
  readonly candidate?: string;
  /** Says what would be written. */
  readonly dry: boolean;
  /** The `plan` of the answer with `dry: true`, to write it. It is refused with 409 when what it would overwrite has changed since. */
  readonly plan?: string;
}

export interface ApplyAnswer {
  readonly run: string;
  readonly candidate: string;
  /** Names this plan: the fingerprint of what is there and what would be. */
  readonly plan: string;
  /** Whether everything has these values already. */
  readonly same: boolean;
  readonly written: boolean;
  readonly targets: readonly {
    readonly name: string;
    readonly same: boolean;
    readonly exists: boolean;
    readonly changes: readonly {
      readonly path: string;
      readonly state: "same" | "changed" | "added" | "removed";
      readonly from: JsonValue | null;
      readonly to: JsonValue | null;
    }[];
  }[];
}

/** `POST /api/runs/:run/mark`. */
export interface MarkRequest {
  readonly candidate: string;
  /** `null` takes the mark away. */
  readonly note: string | null;
}

export interface MarkAnswer {
  readonly marks: readonly CandidateMark[];
}

/** `POST /api/runs/:run/stop`: as the first Ctrl-C; the body is `{}`. */
export interface StopAnswer {
  /** What happens now, in words. */
  readonly message: string;
}

/** `POST /api/runs/:run/correct`. */
export interface CorrectRequest {
  readonly dataset: DatasetName;
  readonly example: number;
  readonly expected: JsonValue;
  readonly note?: string;
}

export interface CorrectAnswer {
  readonly correction: Correction;
}

/**
 * The id of the `<script>` of an exported file: an object of answers, as JSON in gzip in base64, by their path with query, such as
 * `/api/runs/night`, as `requests.ts` writes them without options. The file has: the viewer, the runs (one), the run, `lineagePath(run)` with
 * all candidates, every candidate, `heatPath(run, { dataset, metric })` with the whole table for each dataset and metric,
 * `rolloutsPath(run)` with all rollouts, every rollout (or the most useful ones). The page sorts, filters, and searches these itself.
 * `pageWithAnswers` of `page.ts` puts them in.
 */
export const exportedDataId = "opto-data";
