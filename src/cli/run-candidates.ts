/**
 * The candidates of a run, and how the best of them was chosen, from its journal: by the same folds as the run itself.
 *
 * @module
 */
import { join } from "node:path";
import { type ObjectiveConfig, objective } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import { frontMetrics } from "../data/selection.ts";
import type { Candidate } from "../graph/with-values.ts";
import { fileNames } from "../runs/file-names.ts";
import { SearchArchive } from "../search/archive.ts";
import { BestCandidates, frontVolume, referenceOf } from "../search/best-candidates.ts";
import type { RunEvent } from "../trainer/events.ts";
import { readJsonLines } from "./json-lines.ts";

/** A candidate that was measured on what the best values are chosen on. */
export interface CandidateScores {
  readonly candidate: string;
  /** After which iteration it was measured; 0 is before the first. */
  readonly iteration: number;
  readonly parents: readonly string[];
  /** The mean of every metric. */
  readonly scores: Scores;
}

/** What the journal says of candidates. */
export interface RunCandidates {
  /** How they are compared; `null` where that is by the guide's score alone. */
  readonly objective: ObjectiveConfig | null;
  /** The starting values, where they were measured. */
  readonly start: CandidateScores | null;
  /** The best by the objective; `null` where answers have one metric, or nothing was measured. */
  readonly chosen: CandidateScores | null;
  /** Under a `pareto` objective the candidates that no other one beats, in order of their evaluation. */
  readonly front: readonly CandidateScores[];
  /** How much of the space of metrics the front covered after each evaluation, from the reference point; `null` without a front. */
  readonly hypervolume: {
    readonly reference: Scores;
    readonly points: readonly { readonly iteration: number; readonly volume: number }[];
  } | null;
  /** From the start to the best, by id. */
  readonly lineage: readonly string[];
}

const isWanted = (text: string): boolean =>
  /"type":"(?:run-start|candidate-proposed|candidate-evaluated|scores-forgotten)"|"mark":"run-resumed"/.test(text);

/** What the journal of a run says, without what a restart has done again. @param best the best values, where the files name them */
export async function readCandidates(folder: string, best: Candidate | null): Promise<RunCandidates> {
  let events: { readonly seq: number; readonly event: RunEvent }[] = [];
  for await (const { value } of readJsonLines(join(folder, fileNames.events), isWanted)) {
    if (value?.mark === "run-resumed") {
      const after = typeof value.after === "number" ? value.after : 0;
      events = events.filter(({ seq }) => seq <= after);
    } else if (value !== undefined) events.push({ seq: Number(value.seq), event: value as unknown as RunEvent });
  }
  try {
    return folded(
      events.map(({ event }) => event),
      best,
    );
  } catch {
    // A journal that something else has written into says nothing of candidates.
    return nothing;
  }
}

const nothing: RunCandidates = { objective: null, start: null, chosen: null, front: [], hypervolume: null, lineage: [] };

type Evaluated = Extract<RunEvent, { readonly type: "candidate-evaluated" }>;

function folded(events: readonly RunEvent[], bestValues: Candidate | null): RunCandidates {
  const archive = new SearchArchive();
  const [start] = events.filter((event) => event.type === "run-start");
  const given = start?.objective === undefined ? null : objective(start.objective);
  const by = given ?? objective();
  const candidates = new BestCandidates(by);
  const known = new Map<string, CandidateScores>();
  const points: { iteration: number; volume: number }[] = [];
  let reference: Scores | undefined;
  const isFront = by.mode === "pareto";
  const take = (event: Evaluated): void => {
    const { candidate, iteration, scores, ranges } = event;
    const entry = archive.get(candidate);
    candidates.add({ candidate, iteration, scores, parameters: entry.values });
    known.set(candidate, known.get(candidate) ?? { candidate, iteration, parents: entry.parents, scores });
    if (!isFront) return;
    reference ??= referenceOf(frontMetrics([scores], by), ranges, by);
    const front = candidates.front.map((one) => one.scores);
    const volume = frontVolume(front, reference, by);
    if (points.at(-1)?.iteration === iteration) points.pop();
    points.push({ iteration, volume });
  };
  for (const event of events) {
    archive.fold(event);
    if (event.type === "candidate-evaluated") take(event);
    if (event.type !== "scores-forgotten") continue;
    candidates.clear();
    known.clear();
    points.length = 0;
    reference = undefined;
  }
  // By the guide's score alone the run compares example by example, so its files say which values are the best.
  const ofFiles = bestValues === null ? undefined : archive.find(bestValues);
  const best = given === null ? ofFiles : archive.entries.find(({ id }) => id === candidates.best?.candidate);
  const scoresOf = (id: string | undefined): CandidateScores | null => known.get(id ?? "") ?? null;
  return {
    objective: given,
    start: scoresOf(archive.entries[0]?.id),
    chosen: scoresOf(best?.id),
    front: isFront ? candidates.front.map(({ candidate }) => known.get(candidate) as CandidateScores) : [],
    hypervolume: reference === undefined ? null : { reference, points },
    lineage:
      best === undefined
        ? []
        : archive
            .lineage(best)
            .map(({ id }) => id)
            .toReversed(),
  };
}
