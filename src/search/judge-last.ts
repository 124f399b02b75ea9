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
  } catch (error) {
    judgeLastAgain(parts);
    throw error;
  } finally {
    run.keep(known.state, tally.rollouts, { isWritten: false });
  }
}

/** Where that cannot be: takes over what an earlier process has evaluated in the end, if this one has come no further. */
export function judgeLastAgain<X, Y, Info>({ run, host, archive }: Omit<LastParts<X, Y, Info>, "validated">): void {
  const { lastEvaluation: last, evaluated } = run.progress;
  if (last === undefined || evaluated.has(last.candidate)) return;
  new IterationConclusion<X, Y, Info>(run, host).lastAgain(last, archive.get(last.candidate));
}
