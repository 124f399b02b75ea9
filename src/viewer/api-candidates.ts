/**
 * What the viewer says of candidates.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { ModelCallView } from "./api-rollouts.ts";
import type { CandidateMark, DatasetName, RunView } from "./api-run.ts";

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
