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
import type { ObjectiveConfig } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import type { ChosenOn } from "../trainer/events.ts";
import type { RunReport } from "../trainer/run-report.ts";

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
  /** Model calls, tokens, dollars, and seconds of the run until then. */
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

/** Use of models. */
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

/** What became of a candidate. `best` is said beside it. */
export type CandidateStatus =
  | "start"
  | "current"
  | "selected"
  | "accepted"
  | "rejected"
  | "dropped"
  | "merged"
  | "measured"
  | "proposed";

/** `GET /api/runs/:run/lineage?from=0&count=2000`: candidates in the order in which they were proposed. */
export interface Lineage {
  readonly total: number;
  readonly from: number;
  readonly nodes: readonly CandidateNode[];
  /** From the start to the best, by id: the page may draw these first. */
  readonly path: readonly string[];
  /** The nodes of `path`, also those outside of the window. */
  readonly pathNodes: readonly CandidateNode[];
  /** Where there are more than some thousand candidates: what is outside of the window, by iteration. Else empty. */
  readonly groups: readonly {
    readonly fromIteration: number;
    readonly toIteration: number;
    /** Place of its first candidate, for `from`. */
    readonly from: number;
    readonly count: number;
    readonly bestScore: number | null;
    readonly accepted: number;
  }[];
}

export interface CandidateNode {
  readonly id: string;
  /** Place in the order of proposals. */
  readonly index: number;
  readonly iteration: number;
  readonly parents: readonly string[];
  /** What made it: the name of an optimizer, or what the search calls it. */
  readonly origin: string;
  readonly status: CandidateStatus;
  readonly isBest: boolean;
  readonly isFront: boolean;
  readonly isMarked: boolean;
  /** By the dataset that the best values are chosen on, else by the other. */
  readonly score: number | null;
  /** On how many examples. */
  readonly n: number;
  /** Paths of the parameters that differ from the first parent. */
  readonly changed: readonly string[];
}

/** `GET /api/runs/:run/candidates/:id`: one candidate. */
export interface CandidateView extends CandidateNode {
  readonly values: { readonly [path: string]: JsonValue };
  /** Of each parent, in order. */
  readonly parentValues: readonly { readonly id: string; readonly values: { readonly [path: string]: JsonValue } }[];
  readonly startValues: { readonly [path: string]: JsonValue };
  /** Why, in the words of the optimizer's model. */
  readonly reasoning: string | null;
  readonly mark: CandidateMark | null;
  readonly children: readonly string[];
  readonly results: readonly CandidateResult[];
  /** Against the first parent, dataset by dataset; empty for the start. */
  readonly againstParent: readonly CandidateComparison[];
  /** The call that proposed it; what is not kept says why. */
  readonly proposal: ProposalView;
  /** What happened to it, in order: when it was selected, accepted, dropped, and why. */
  readonly history: readonly { readonly iteration: number | null; readonly at: string; readonly text: string }[];
}

export interface CandidateResult {
  readonly dataset: DatasetName;
  readonly metric: string;
  readonly mean: number | null;
  /** 95%; `null` where too little was measured. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly examples: number;
  readonly failed: number;
  readonly unscored: number;
}

export interface CandidateComparison {
  readonly dataset: DatasetName;
  readonly against: string;
  /** On the examples that both were measured on. */
  readonly examples: number;
  readonly gain: number | null;
  readonly interval: readonly [low: number, high: number] | null;
  readonly pValue: number | null;
  /** In words: "+6.2 points (95% interval 1.9 to 10.4)". */
  readonly text: string;
  /** Examples that are better, and worse, the largest differences first; at most some hundred each. */
  readonly won: readonly ExampleDifference[];
  readonly lost: readonly ExampleDifference[];
  readonly numWon: number;
  readonly numLost: number;
}

export interface ExampleDifference {
  readonly example: number;
  readonly before: number | null;
  readonly after: number | null;
}

export interface ProposalView {
  /** Position of the proposal. */
  readonly position: string;
  readonly calls: readonly ModelCallView[];
  readonly rejections: readonly { readonly name: string | null; readonly reason: string; readonly attempt: number | null }[];
  /** Why there are no calls; `null` where there are. */
  readonly missing: string | null;
}

/** How the columns and the rows of the heat map are sorted. */
export type HeatSort = "proposed" | "score" | "difficulty" | "example";

/**
 * `GET /api/runs/:run/heat?dataset=validate&metric=score&from=0&count=100&columns=0&width=200&rows=proposed|score&sort=example|difficulty&filter=all|failed|better|worse&q=`:
 * a window of candidates × examples. `rows` sorts the candidates, `sort` the examples; `filter=failed` leaves candidates with a failure and examples that
 * failed for any; `better` and `worse` leave candidates that beat their parent, or are worse.
 */
export interface HeatWindow {
  readonly dataset: DatasetName;
  readonly metric: string;
  readonly metrics: readonly string[];
  readonly datasets: readonly DatasetName[];
  /** Of all, after the filter. */
  readonly totalRows: number;
  readonly totalColumns: number;
  readonly from: number;
  readonly columnsFrom: number;
  /** The examples, one a column: their mean over all candidates is their difficulty. */
  readonly columns: readonly HeatColumn[];
  readonly rows: readonly HeatRow[];
  /** The lowest and the highest score on this dataset, for the colours. */
  readonly range: readonly [lowest: number, highest: number] | null;
}

export interface HeatColumn {
  readonly example: number;
  readonly mean: number | null;
  readonly failed: number;
}

export interface HeatRow {
  readonly id: string;
  readonly index: number;
  readonly iteration: number;
  readonly mean: number | null;
  readonly n: number;
  readonly failed: number;
  readonly isBest: boolean;
  /** The first parent; `null` for the start. */
  readonly parent: string | null;
  /** One for each column: a number, `null` where it was not measured, `"failed"`, or `"unscored"`. */
  readonly cells: readonly HeatCell[];
  /** The difference to the first parent in each column; `null` where one of the two is missing. */
  readonly differences: readonly (number | null)[];
}

export type HeatCell = number | null | "failed" | "unscored";

/** `GET /api/runs/:run/rollouts?candidate=&dataset=&example=&status=&from=0&count=100`: rollouts that are kept in full, the newest first. */
export interface RolloutList {
  readonly total: number;
  readonly from: number;
  readonly rollouts: readonly RolloutBrief[];
  readonly missing: string | null;
}

export interface RolloutBrief {
  readonly position: string;
  /** `null` where its values are of no known candidate. */
  readonly candidate: string | null;
  readonly dataset: DatasetName | null;
  readonly example: number | null;
  readonly sample: number;
  readonly status: "scored" | "failed" | "unscored";
  readonly score: number | null;
  readonly durationMs: number;
  /** ISO 8601. */
  readonly at: string;
  /** The beginning of the input, as text. */
  readonly input: string;
  readonly error: string | null;
}

/** `GET /api/runs/:run/rollouts/:position`: one rollout in full. */
export interface RolloutView extends RolloutBrief {
  /** The input, what the guide knew of it, and what came out, as JSON; what is no JSON is a text. */
  readonly inputValue: JsonValue;
  readonly expected: JsonValue;
  readonly output: JsonValue;
  readonly feedback: string | null;
  readonly scores: Scores;
  readonly graph: RolloutGraph | null;
  readonly calls: readonly ModelCallView[];
  /** Of this example, by hand. */
  readonly correction: Correction | null;
  /** What is not kept, and why; one sentence each. */
  readonly missing: readonly string[];
}

/** The traced graph: inputs come before their users. */
export interface RolloutGraph {
  readonly nodes: readonly GraphNodeView[];
  /** Places in `nodes`: from an input to its user. */
  readonly edges: readonly { readonly from: number; readonly to: number; readonly name: string }[];
  /** The output. */
  readonly target: number | null;
  /** How many nodes were left out. */
  readonly omitted: number;
}

export interface GraphNodeView {
  readonly name: string;
  /** `parameter`, `constant`, `operation`, `exception`, … */
  readonly kind: string;
  readonly operation: string | null;
  readonly description: string | null;
  /** The path of a parameter. */
  readonly path: string | null;
  readonly text: string;
}

/** One call of a model. */
export interface ModelCallView {
  readonly position: string;
  readonly role: string;
  readonly model: string;
  readonly messages: readonly MessageView[];
  readonly reply: string | null;
  readonly toolCalls: readonly ToolCallView[];
  readonly finishReason: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cachedInputTokens: number | null;
  readonly reasoningTokens: number | null;
  readonly isEstimated: boolean;
  readonly usd: number | null;
  /** ISO 8601. */
  readonly at: string;
  /** Waiting for limits and retries included. */
  readonly durationMs: number;
  readonly error: string | null;
}

export interface MessageView {
  readonly role: string;
  readonly text: string;
  readonly toolCalls: readonly ToolCallView[];
}

export interface ToolCallView {
  readonly id: string | null;
  readonly name: string;
  readonly input: JsonValue;
  readonly output: JsonValue | null;
}

export interface Correction {
  readonly dataset: DatasetName;
  readonly example: number;
  readonly expected: JsonValue;
  readonly note: string;
  /** ISO 8601. */
  readonly at: string;
}

/** `GET /api/runs/:run/corrections`: the newest of every example. */
export type Corrections = readonly Correction[];

/** `GET /api/runs/:run/search?q=text&limit=100`. */
export interface SearchResult {
  readonly q: string;
  readonly hits: readonly SearchHit[];
  /** Whether there are more, or not everything was searched. */
  readonly isCut: boolean;
}

export interface SearchHit {
  readonly kind: "candidate" | "reasoning" | "prompt" | "reply" | "feedback" | "error" | "input" | "output" | "warning";
  /** Which candidate or rollout to open. */
  readonly candidate: string | null;
  readonly rollout: string | null;
  readonly position: string | null;
  /** What it was found in, around the text. */
  readonly before: string;
  readonly match: string;
  readonly after: string;
}

/** `GET /api/compare?a=&b=`: two runs side by side. */
export interface CompareView {
  readonly a: RunView;
  readonly b: RunView;
  /** The best values of both. */
  readonly values: readonly {
    readonly path: string;
    readonly a: JsonValue | null;
    readonly b: JsonValue | null;
    readonly isSame: boolean;
  }[];
  /** Options, seed, algorithm, data: what differs. */
  readonly differences: readonly { readonly name: string; readonly a: JsonValue; readonly b: JsonValue }[];
  /** Best against best on the examples that both were measured on; `null` where the datasets differ. */
  readonly comparison: CandidateComparison | null;
}

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
}

export interface ApplyAnswer {
  readonly run: string;
  readonly candidate: string;
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
 * The id of the `<script type="application/json">` of an exported file: an object of answers by their path with query, such as
 * `/api/runs/night`, as `requests.ts` writes them without options. The file has: the viewer, the runs (one), the run, `lineagePath(run)` with
 * all candidates, every candidate, `heatPath(run, { dataset, metric })` with the whole table for each dataset and metric,
 * `rolloutsPath(run)` with all rollouts, every rollout (or the most useful ones). The page sorts, filters, and searches these itself.
 * `pageWithAnswers` of `page.ts` puts them in.
 */
export const exportedDataId = "opto-data";
