/**
 * What optimizers learn from scores: the score of a candidate, and what it says about the one it was made from.
 *
 * @module
 */

import { mean } from "../data/scores.ts";
import { isPromiseLike } from "../data/shared-work.ts";
import { errorText } from "../errors.ts";
import { emitEvent } from "../graph/scope.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { SearchArchive } from "./archive.ts";
import type { Dropped } from "./score-candidates.ts";
import type { Entry, Sample } from "./search.ts";
import { toldErrors } from "./told-errors.ts";

const reported = new WeakSet<Optimizer>();

/** Calls `observe`, where the optimizer has it and there is a score. A promise is not waited for; that one was rejected is reported once. */
export function reportScore(optimizer: Optimizer, candidate: Candidate, score: number | null, feedback?: string): void {
  if (score === null) return;
  const returned: unknown = optimizer.observe?.(candidate, score, feedback);
  if (!isPromiseLike(returned)) return;
  returned.then(undefined, (error: unknown) => {
    if (reported.has(optimizer)) return;
    reported.add(optimizer);
    const name = optimizer.constructor.name;
    emitEvent({
      type: "warning",
      message: `\`observe\` of ${name} failed: ${errorText(error)}. Its later failures are not reported`,
    });
  });
}

/** A score, and what else there is to say: the errors that the candidate caused. */
export interface Lesson {
  readonly score: number | null;
  readonly feedback: string;
}

/** Candidates that were compared. */
export interface Comparison {
  readonly entries: readonly Entry[];
  readonly scores: readonly (number | null)[];
  readonly on: Sample;
  /** Whether the validation data are not the training data: their errors are then not told. */
  readonly isHeldOut: boolean;
}

/**
 * What a candidate scored, comparable with the others. For one that was dropped that is what it would score if it kept its distance to
 * the best, which both have been measured on the same examples, within what it still could have come to: its own mean alone would say
 * more of whether its examples were easy than of itself. The text says that it is an estimate.
 */
export function lessonOf(archive: SearchArchive, comparison: Comparison, entry: Entry, dropped: Dropped | undefined): Lesson {
  const { entries, scores, on, isHeldOut } = comparison;
  const table = archive.table(entry, on.dataset);
  const errors = toldErrors(archive, entry, on, isHeldOut).join("\n");
  if (dropped === undefined) {
    const score = scores[entries.indexOf(entry)] ?? null;
    const unscored = on.examples.filter((example) => table.state(example) === "unscored").length;
    const lost = unscored === 0 ? "" : `${unscored} of ${on.examples.length} examples could not be scored and count as failed.`;
    return { score, feedback: [errors, lost].filter((text) => text !== "").join("\n") };
  }
  const [winner] = archive.top(entries, 1, on);
  const best = winner === undefined ? null : (scores[entries.indexOf(winner)] ?? null);
  if (winner === undefined || best === null) return { score: null, feedback: errors };
  const other = archive.table(winner, on.dataset);
  const differences = on.examples.flatMap((example) => {
    const difference = table.value("score", example, dropped.lowest) - other.value("score", example, dropped.lowest);
    return Number.isNaN(difference) ? [] : [difference];
  });
  const difference = mean(differences);
  if (difference === null) return { score: null, feedback: errors };
  const score = Math.min(dropped.interval[1], Math.max(dropped.interval[0], best + difference));
  const note = `Estimated: run on ${differences.length} of ${on.examples.length} examples, then dropped because it could no longer be among the best.`;
  return { score, feedback: [errors, note].filter((text) => text !== "").join("\n") };
}
