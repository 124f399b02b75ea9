/**
 * The evaluations that the report of a run still needs when all iterations are over.
 *
 * @module
 */
import { errorText, InfrastructureError, StopError } from "../errors.ts";
import { bindValues } from "../graph/with-values.ts";
import { waitedFor } from "../trainer/limited-work.ts";
import { newTally } from "../trainer/run-services.ts";
import type { TrainerHost } from "../trainer/trainer.ts";
import { IterationConclusion } from "./conclude-iteration.ts";
import { comparedEntries, hasHeldOut, type ReportParts, stopCauses } from "./run-report.ts";

/**
 * Evaluates the start and the best values on the test dataset where no iteration has done so: with `evalFrequency` above 1, and where the best
 * were never the current ones. Nothing follows from the scores but the report.
 *
 * @param count receives how many rollouts that were
 * @returns why one of them is not measured, as the end of a sentence; `undefined` where both are, or need not be
 * @throws what ends the run
 */
export async function testForReport<X, Y, Info>(
  parts: ReportParts<X, Y, Info>,
  host: TrainerHost<X, Y>,
  count: (rollouts: number) => void,
): Promise<string | undefined> {
  const { run, validated } = parts;
  const compared = comparedEntries(parts);
  if (compared === undefined || compared.start === compared.best || !hasHeldOut(run, validated)) return undefined;
  const tally = newTally();
  const conclusion = new IterationConclusion<X, Y, Info>(run, host);
  const { testedCandidates, best } = run.progress;
  const all = [
    { entry: compared.start, iteration: 0, name: "start", who: "the start was" },
    { entry: compared.best, iteration: best.iteration, name: "best", who: "the best values were" },
  ];
  for (const { entry, iteration, name, who } of all) {
    if (testedCandidates.has(entry.id, "test")) continue;
    const test = (): Promise<void> => conclusion.test(run.agent, entry, iteration);
    try {
      run.checkBrakes();
      await waitedFor(() => bindValues(run.agent, entry.values)(test), `report/${name}`, {
        services: { ...run.services, tally },
      });
    } catch (error) {
      run.settings.signal?.throwIfAborted();
      const reason = reasonOf(error);
      if (reason === undefined) throw error;
      return `${who} not measured, because ${reason}`;
    } finally {
      count(tally.rollouts);
      tally.rollouts = 0;
    }
  }
  return undefined;
}

function reasonOf(error: unknown): string | undefined {
  // What ends the evaluations, and not the run: all that decides its result is done.
  if (error instanceof StopError) {
    return error.reason === "storage" || error.reason === "interrupted" ? undefined : stopCauses[error.reason];
  }
  return error instanceof InfrastructureError ? errorText(error) : undefined;
}
