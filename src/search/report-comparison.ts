/**
 * Reporting a comparison: events of what the candidates came to, and the scores from which the optimizer learns.
 *
 * @module
 */
import { toldScore } from "../data/objectives.ts";
import { currentPosition } from "../graph/scope.ts";
import { emitRunEvent } from "../trainer/event-stream.ts";
import { type Compared, describeShortfall } from "./compare.ts";
import { lessonOf, reportScore } from "./report-score.ts";
import { severalOf } from "./run-progress.ts";
import type { ScoredCandidate } from "./score-candidates.ts";
import type { Entry, Sample } from "./search.ts";
import type { StepParts } from "./step-parts.ts";

/** To whom it is reported, and by which archive. */
export type ReportParts = Pick<
  StepParts<unknown, unknown, unknown, unknown>,
  "archive" | "optimizer" | "names" | "observes" | "isHeldOut"
>;

/**
 * Reports what candidates came to on a sample.
 *
 * @param scored how each was scored
 * @returns what each scored; `null` for one that cannot be compared
 */
export function reportComparison(
  { archive, optimizer, names, observes, isHeldOut }: ReportParts,
  entries: readonly Entry[],
  scored: readonly ScoredCandidate[],
  on: Sample,
): ReadonlyMap<Entry, number | null> {
  const position = currentPosition();
  const compared = archive.compared(entries, on);
  const scores = compared.map(({ score }) => score);
  for (const [index, entry] of entries.entries()) {
    const { dropped, trials } = scored[index] as ScoredCandidate;
    const { counts, means } = compared[index] as Compared;
    const about = { position, candidate: entry.id, examples: counts.scored + counts.failed, total: counts.total };
    const score = scores[index] ?? null;
    if (dropped === undefined)
      emitRunEvent({ type: "candidate-scored", ...about, score: toldScore(score, archive.objective), ...severalOf(means) });
    else
      emitRunEvent({
        type: "candidate-dropped",
        ...about,
        score: archive.mean(entry, on)?.score ?? null,
        reason: dropped.reason,
      });
    const shortfall = describeShortfall(entry.id, compared[index] as Compared, index === 0);
    if (shortfall !== undefined) emitRunEvent({ type: "warning", message: shortfall });
    if (trials.length === 0 || on.dataset !== observes) continue;
    const lesson = lessonOf(archive, { entries, scores, on, isHeldOut }, entry, dropped);
    if (lesson.score !== null) reportScore(optimizer, names.toOptimizer(entry.values), lesson.score, lesson.feedback);
  }
  return new Map(entries.map((entry, index) => [entry, scores[index] ?? null]));
}
