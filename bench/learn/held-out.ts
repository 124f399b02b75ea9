/**
 * Scores of values on data that no decision of an algorithm rests on, and on the data that it chose them on.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type Candidate, evaluate, InfrastructureError } from "opto";
import type { RunningCell } from "./cell.ts";
import type { HeldOutScores } from "./held-out-scores.ts";
import { modelOf } from "./models.ts";
import { patiently } from "./patience.ts";
import type { Row } from "./tasks/task.ts";

/** Runs the agent on test and validation data. These calls are not part of the budget. */
export async function heldOutScores(cell: RunningCell, values: Candidate): Promise<HeldOutScores> {
  const { test, validation } = cell.split;
  const tested = await patiently(() => scoresOn(cell, values, test));
  const validated = await patiently(() => scoresOn(cell, values, validation));
  return { test: tested.scores, rows: test.map(rowName), validation: validated.mean };
}

async function scoresOn(cell: RunningCell, values: Candidate, rows: readonly Row[]) {
  const { task, open, settings } = cell;
  const agent = task.agent({ model: modelOf(open, "held-out"), trainsDemonstrations: true });
  agent.apply(values);
  const xs = rows.map(({ input }) => input);
  const infos = rows.map(({ info }) => info);
  const { scores, mean, unscored } = await evaluate(agent, task.guide, xs, infos, { numThreads: settings.heldOutThreads });
  if (unscored > 0) throw new InfrastructureError(`The model has not answered on ${unscored} held-out examples`);
  return { scores, mean };
}

function rowName({ id }: Row): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 8);
}
