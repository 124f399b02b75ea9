/**
 * A run as the page first shows it: its state, its scores, its cost, and what it says in words.
 *
 * @module
 */
import { isPlainObject, type JsonValue } from "../data/json.ts";
import type { Scores } from "../data/scores.ts";
import type { RunFiles } from "../runs/read-run-files.ts";
import type { ChosenOn } from "../trainer/events.ts";
import type { RunReport } from "../trainer/run-report.ts";
import type {
  CandidateBrief,
  DatasetName,
  EvaluatedPoint,
  RunCounts,
  RunSummary,
  RunView,
  ScoreSeries,
  TracesSummary,
} from "./api.ts";
import { type CandidateRow, meanOf } from "./candidate-table.ts";
import { meanInterval } from "./mean-interval.ts";
import type { RunFold } from "./run-fold.ts";
import type { SeriesPoint } from "./series-fold.ts";
import type { ViewedRun } from "./viewed-run.ts";

/** A run in a list. @param run once it was opened */
export function runSummary(files: RunFiles, run?: ViewedRun): RunSummary {
  const { config } = files;
  const { fold } = run ?? {};
  return {
    id: files.id,
    name: files.name,
    algorithm: textOrNull(config.algorithm),
    optimizer: textOrNull(config.optimizer),
    state: files.state,
    reason: files.reason,
    started: files.createdAt,
    elapsedMs: files.elapsedMs,
    iterations: fold?.iterations ?? files.iteration,
    best: files.best?.score ?? null,
    start: run === undefined ? null : scoreOf(run, run.fold.candidates.get("start")),
    candidates: fold?.candidates.rows.length ?? null,
    usd: run === undefined ? null : run.paid.usd,
    warnings: fold?.warnings.size ?? null,
    problems: files.problems,
  };
}

/** A run in full. */
export function runView(run: ViewedRun): RunView {
  const { files, fold } = run;
  const start = fold.start ?? {};
  const { algorithm: _a, optimizer: _o, ...options } = files.config;
  const { warnings: _count, ...summary } = runSummary(files, run);
  const best = run.best;
  // At its end a run knows on how many examples that was.
  const { chosenOn } = isPlainObject(fold.end?.best) ? fold.end.best : start;
  return {
    ...summary,
    algorithm: summary.algorithm ?? textOrNull(start.algorithm as JsonValue),
    revision: run.revision,
    folder: run.folder,
    holder: files.holder,
    error: files.error,
    numIterations: typeof start.numIterations === "number" ? start.numIterations : null,
    seed: files.seed,
    options,
    datasets: Object.fromEntries(Object.entries(files.datasets).map(([name, { examples }]) => [name, { examples }])),
    measuredDatasets: run.measuredDatasets,
    objective: run.objective,
    metrics: metricsOf(run),
    chosenOn: isPlainObject(chosenOn) ? (chosenOn as unknown as ChosenOn) : null,
    report: reportIn(fold.end?.report),
    series: seriesIn(fold.series.points, best?.id),
    counts: countsIn(run),
    bestCandidate: best === undefined ? null : brief(run, best),
    startCandidate: briefOrNull(run, fold.candidates.get("start")),
    currentCandidate: fold.current,
    evaluated: evaluatedIn(run),
    hypervolume: run.front.points,
    spend: run.paid.view(),
    waits: fold.waits.view(),
    warnings: [...fold.warnings.values()],
    marks: run.notes.marks,
    corrections: run.notes.corrections.length,
    traces: tracesIn(run),
    damagedLines: run.damagedLines,
  };
}

/** `score` first. */
export function metricsOf({ fold }: ViewedRun): string[] {
  return [...new Set(["score", ...fold.candidates.metrics])];
}

/** What a candidate came to. */
export interface Standing {
  readonly score: number | null;
  /** On how many examples. */
  readonly n: number;
}

/** As the run says it, by what the best values are chosen on; else the mean of what was measured, of whole datasets where there are any. */
export function standingOf(run: ViewedRun, row: CandidateRow): Standing {
  const { files, fold } = run;
  const { names, all, size } = yardstickOf(run);
  const numOn = (dataset: DatasetName): number => row.measured.get(dataset)?.examples.size ?? 0;
  const meanOn = (dataset: DatasetName): number | null => {
    return meanOf(row.measured.get(dataset), "score", fold.candidates.ranges.get(`${dataset} score`)?.[0] ?? 0);
  };
  const kept = row === run.best ? (files.best?.score ?? undefined) : undefined;
  const evaluated = names.map((name) => row.evaluated.get(name)).find((score) => score !== undefined);
  const said = kept ?? evaluated ?? row.scores?.score;
  if (said !== undefined) return { score: said, n: size };
  const whole = names.find((name) => size > 0 && numOn(name) === size && row.measured.get(name)?.blank === 0);
  const found = whole ?? all.find((name) => meanOn(name) !== null);
  if (typeof row.score === "number" && whole === undefined)
    return { score: row.score, n: found === undefined ? 0 : numOn(found) };
  return found === undefined ? { score: null, n: 0 } : { score: meanOn(found), n: numOn(found) };
}

/** What candidates of a run are compared by. */
interface Yardstick {
  /** How much of the run was known. */
  readonly events: number;
  readonly files: RunFiles;
  /** What the best values are chosen on, by all of its names. */
  readonly names: readonly DatasetName[];
  /** The same, and then the others. */
  readonly all: readonly DatasetName[];
  /** How many examples. */
  readonly size: number;
}

/** The same for ten thousand candidates of a list. */
const yardsticks = new WeakMap<RunFold, Yardstick>();

function yardstickOf(run: ViewedRun): Yardstick {
  const { files, fold } = run;
  const known = yardsticks.get(fold);
  if (known?.events === fold.events && known.files === files) return known;
  const main = run.mainDataset;
  // Batches are measured as "train", whatever the data of the whole are called.
  const names = run.namesOf(main).filter((name) => name !== "train" || name === main);
  const { examples } = (fold.start?.chosenOn ?? {}) as Partial<ChosenOn>;
  const yardstick: Yardstick = {
    events: fold.events,
    files,
    names,
    all: [...new Set([...names, "validate", "test", "train"] as const)],
    size: examples || (files.datasets[main]?.examples ?? 0),
  };
  yardsticks.set(fold, yardstick);
  return yardstick;
}

export function scoreOf(run: ViewedRun, row: CandidateRow | undefined): number | null {
  return row === undefined ? null : standingOf(run, row).score;
}

/** Whether the run has decided against a candidate: it was compared and not taken. */
export function isRejected({ fold }: ViewedRun, row: CandidateRow): boolean {
  if (row.wasRejected) return true;
  return fold.held.isSaid && row.measured.size > 0 && (row.iteration < fold.iterations || fold.end !== undefined);
}

/** Why not everything is kept. */
export function missingTraces(run: ViewedRun): string | null {
  const { traces } = run;
  const { omitted, unreadable } = traces;
  if (traces.rollouts.length + traces.numCalls + unreadable === 0) {
    return "Nothing is kept of what rollouts did: the run was made before that was kept, or with `run.traces: 0`";
  }
  const left = `${omitted.toLocaleString("en-US")} rollouts or calls are not kept in full, because that would have cost the run too much time`;
  const lines = unreadable === 1 ? "1 line" : `${unreadable.toLocaleString("en-US")} lines`;
  const damaged = `${lines} of rollouts and calls could not be read`;
  const sentences = [...(omitted === 0 ? [] : [left]), ...(unreadable === 0 ? [] : [damaged])];
  return sentences.length === 0 ? null : sentences.join(". ");
}

export function brief(run: ViewedRun, row: CandidateRow): CandidateBrief {
  return { id: row.id, iteration: row.iteration, score: scoreOf(run, row), scores: row.scores ?? meansOf(run, row) };
}

function briefOrNull(run: ViewedRun, row: CandidateRow | undefined): CandidateBrief | null {
  return row === undefined ? null : brief(run, row);
}

function meansOf(run: ViewedRun, row: CandidateRow): Scores {
  const measured = row.measured.get(run.mainDataset);
  const means = [...(measured?.sums.keys() ?? [])].map((metric) => [metric, meanOf(measured, metric, 0)] as const);
  return Object.fromEntries(means.filter((entry): entry is [string, number] => entry[1] !== null));
}

function evaluatedIn(run: ViewedRun): EvaluatedPoint[] {
  if (run.fold.evaluated.length === 0) return [];
  const { front, best } = run.front;
  const byId = new Map(run.fold.evaluated.map((one) => [one.candidate, one]));
  const onFront = new Set(front);
  const bestId = run.best?.id ?? best;
  return [...byId.values()].map(({ candidate, iteration, scores }) => ({
    id: candidate,
    iteration,
    score: scores.score ?? null,
    scores,
    isFront: onFront.has(candidate),
    isBest: candidate === bestId,
  }));
}

/** Points by dataset, metric, and label; of one iteration the last counts. */
function seriesIn(points: readonly SeriesPoint[], best: string | undefined): ScoreSeries[] {
  const groups = new Map<string, Map<number, SeriesPoint>>();
  for (const point of points) {
    const key = `${point.dataset} ${point.metric} ${point.label}`;
    const group = groups.get(key) ?? new Map<number, SeriesPoint>();
    groups.set(key, group.set(point.iteration, point));
  }
  return [...groups.values()].map((group): ScoreSeries => {
    const all = thinned([...group.values()].sort((a, b) => a.iteration - b.iteration));
    const [{ dataset, metric, label }] = all as [SeriesPoint];
    const intervals = all.map(({ sums }) => (sums === undefined ? null : meanInterval(sums)));
    const at = best === undefined || dataset === "train" ? -1 : all.findIndex(({ candidate }) => candidate === best);
    return {
      dataset,
      metric,
      label,
      iteration: all.map(({ iteration }) => iteration),
      score: all.map(({ score }) => score),
      low: intervals.map((interval) => interval?.[0] ?? null),
      high: intervals.map((interval) => interval?.[1] ?? null),
      calls: all.map(({ calls }) => calls),
      tokens: all.map(({ tokens }) => tokens),
      usd: all.map(({ usd }) => usd),
      seconds: all.map(({ seconds }) => seconds),
      candidate: all.map(({ candidate }) => candidate),
      best: at < 0 ? null : at,
    };
  });
}

/** A chart has no room for more. */
const mostPoints = 2_000;

/** One in every few, and the last. */
function thinned(points: readonly SeriesPoint[]): readonly SeriesPoint[] {
  const every = Math.ceil(points.length / mostPoints);
  return every <= 1 ? points : points.filter((_, index) => index % every === 0 || index === points.length - 1);
}

function countsIn(run: ViewedRun): RunCounts {
  const { fold } = run;
  const { rows } = fold.candidates;
  const proposed = rows.filter(({ id }) => id !== "start");
  return {
    candidates: rows.length,
    accepted: proposed.filter((row) => row.wasAccepted || row.wasSelected).length,
    rejected: proposed.filter((row) => !row.wasAccepted && !row.wasSelected && !row.wasDropped && isRejected(run, row)).length,
    dropped: proposed.filter(({ wasDropped }) => wasDropped).length,
    failedProposals: fold.failedProposals,
    rollouts: fold.tasks.rollouts,
    failedRollouts: fold.tasks.failed,
    unscoredRollouts: fold.tasks.unscored,
    events: fold.events,
  };
}

function tracesIn(run: ViewedRun): TracesSummary {
  const { rollouts, numCalls, bytes } = run.traces;
  return { rollouts: rollouts.length, calls: numCalls, bytes, missing: missingTraces(run) };
}

function reportIn(value: unknown): RunReport | null {
  return isPlainObject(value) && typeof value.text === "string" ? (value as unknown as RunReport) : null;
}

function textOrNull(value: JsonValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}
