/**
 * What earlier processes of a run knew of its candidates, from the events that were kept.
 *
 * @module
 */
import type { RunEvent } from "../trainer/events.ts";
import type { SearchArchive } from "./archive.ts";
import type { RunProgress } from "./run-progress.ts";
import type { ValidatedCandidates } from "./validated.ts";

/** What learns from the events. */
export interface CandidateReaders {
  readonly archive: SearchArchive;
  readonly progress: RunProgress;
  readonly validated: ValidatedCandidates | undefined;
  /** Whether scores no longer count, because guide or code has changed. */
  readonly isOfOtherCode: boolean;
}

/** Takes in the events of candidates up to a checkpoint. */
export function restoreCandidates(
  events: Iterable<RunEvent>,
  { archive, progress, validated, isOfOtherCode }: CandidateReaders,
): void {
  const forget = (): void => {
    progress.forgetEvaluated();
    validated?.forget();
  };
  for (const event of events) {
    archive.fold(event);
    if (event.type === "scores-forgotten") forget();
    if (event.type !== "candidate-evaluated") continue;
    validated?.restore(event.candidate);
    const { candidate, iteration, scores, ranges } = event;
    progress.restoreEvaluated({ candidate, iteration, scores, parameters: archive.get(candidate).values }, ranges);
  }
  if (!isOfOtherCode) return;
  archive.fold({ type: "scores-forgotten" });
  forget();
}
