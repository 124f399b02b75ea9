/**
 * The best values of a run whose scores were forgotten, because guide or code has changed: they are measured again.
 *
 * @module
 */
import { jsonEqual } from "../data/json.ts";
import { atPosition } from "../graph/scope.ts";
import { bindValues } from "../graph/with-values.ts";
import type { IterationTally } from "../trainer/run-services.ts";
import { startId } from "./archive.ts";
import type { IterationConclusion } from "./conclude-iteration.ts";
import type { ReportParts } from "./run-report.ts";

/** Measures what was the best of a run whose scores were forgotten, unless it is what the agent has now. */
export async function measureBestAgain<X, Y, Info>(
  { run, archive }: Omit<ReportParts<X, Y, Info>, "validated">,
  tally: IterationTally,
  conclusion: IterationConclusion<X, Y, Info>,
): Promise<void> {
  const { agent, progress, settings } = run;
  const { best } = progress;
  if (settings.evalFrequency === 0 || jsonEqual(best.parameters, agent.candidate())) return;
  const candidate = archive.find(best.parameters)?.id ?? startId;
  const work = (): Promise<void> => bindValues(agent, best.parameters)(() => conclusion.measureAgain(agent, best, candidate));
  // Where it was measured before, so that calls are found which are still the same.
  await atPosition(`iteration/${best.iteration}`, work, { services: { ...run.services, tally } });
}
