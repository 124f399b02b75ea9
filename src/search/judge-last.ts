/**
 * The last evaluation of a run: what the agent has in the end, where no evaluation was due.
 *
 * @module
 */
import { waitedFor } from "../trainer/limited-work.ts";
import { newTally } from "../trainer/run-services.ts";
import type { TrainerHost } from "../trainer/trainer.ts";
import type { SearchArchive } from "./archive.ts";
import { IterationConclusion } from "./conclude-iteration.ts";
import { partialScores } from "./partial-scores.ts";
import type { Tail } from "./tail.ts";
import type { TrainingRun } from "./training-run.ts";
import type { ValidatedData } from "./validated-candidates.ts";

interface LastParts<X, Y, Info> {
  readonly run: TrainingRun<X, Y, Info>;
  readonly host: TrainerHost<X, Y>;
  readonly archive: SearchArchive;
  readonly validated: ValidatedData | undefined;
}

/** Whether the best values are chosen by evaluations that not every iteration has. */
export function isJudgedLast<X, Y, Info>({ run, validated }: Omit<LastParts<X, Y, Info>, "host" | "archive">): boolean {
  return validated === undefined && run.settings.evalFrequency > 1;
}

/**
 * Evaluates what the agent has in the end, unless it was evaluated before. It is no part of the history: a run that continues after all has
 * never made it.
 */
export async function judgeLast<X, Y, Info>(
  parts: LastParts<X, Y, Info>,
  known: Omit<Tail<X, Y, Info>, "agent" | "isFirst">,
): Promise<void> {
  const { run, host } = parts;
  const { iteration, current } = known.state.loop;
  const isDue = isJudgedLast(parts) && iteration % run.settings.evalFrequency !== 0;
  if (!isDue || run.progress.evaluated.has(current)) return;
  run.progress.settle();
  const tally = newTally();
  const conclusion = new IterationConclusion<X, Y, Info>(run, host);
  const tail = { ...known, agent: run.agent, isFirst: Promise.resolve() };
  try {
    run.checkBrakes();
    await waitedFor(() => conclusion.last(tail), `iteration/${iteration}`, { services: { ...run.services, tally } });
  } finally {
    run.keep(known.state, tally.rollouts, { isWritten: false });
  }
}

/** Sets the agent to the best values of a run that something has ended, in its last evaluation or before. */
export function endUnjudged<X, Y, Info>(parts: LastParts<X, Y, Info>): void {
  const { run } = parts;
  const { best } = run.progress;
  judgeLastAgain(parts);
  trustSearch(parts);
  if (run.progress.best !== best) run.keepBest();
  run.applyBest();
}

/** Takes over what an earlier process has evaluated in the end, if this one has come no further. */
function judgeLastAgain<X, Y, Info>({ run, host, archive }: LastParts<X, Y, Info>): void {
  const { lastEvaluation: last, evaluated } = run.progress;
  if (last === undefined || evaluated.has(last.candidate)) return;
  new IterationConclusion<X, Y, Info>(run, host).lastAgain(last, archive.get(last.candidate));
}

/**
 * Where there is no such evaluation: what the agent has is the best if the search itself has measured it as better, on the examples that both were
 * measured on. The search has made it the current candidate for a reason, and what was paid for it is not to be lost.
 */
function trustSearch<X, Y, Info>({ run, host, archive, validated }: LastParts<X, Y, Info>): void {
  const { agent, progress } = run;
  const [best, current] = [archive.find(progress.best.parameters), archive.find(agent.candidate())];
  if (best === undefined || current === undefined || best === current || progress.evaluated.has(current.id)) return;
  const estimate = isJudgedLast({ run, validated }) ? partialScores(archive, current) : undefined;
  if (estimate === undefined) return;
  const known = new Set(archive.table(best, "validate").examples());
  const examples = [...archive.table(current, "validate").examples()].filter((example) => known.has(example));
  const [before, after] = archive.compare([best, current], { dataset: "validate", examples }) as [number | null, number | null];
  if (before === null || after === null || after <= before) return;
  progress.unjudged(host.nIters, current.values, estimate);
}
