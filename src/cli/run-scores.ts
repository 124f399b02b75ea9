/**
 * The test scores of a run by iteration, from its journal.
 *
 * @module
 */
import { join } from "node:path";
import { fileNames } from "../runs/file-names.ts";
import { readJsonLines } from "./json-lines.ts";

/** The name under which the test score is logged. */
export const testScoreName = "Average test score";

/** What the test dataset scored after an iteration; 0 is before the first. */
export interface ScorePoint {
  readonly iteration: number;
  readonly score: number | null;
}

/** The test scores in order, without those of iterations that a restart has done again. */
export async function readScores(folder: string): Promise<ScorePoint[]> {
  let points: (ScorePoint & { readonly seq: number })[] = [];
  const isWanted = (text: string): boolean => text.includes(`"${testScoreName}"`) || text.includes('"mark":"run-resumed"');
  for await (const { value } of readJsonLines(join(folder, fileNames.events), isWanted)) {
    if (value?.mark === "run-resumed") {
      const after = typeof value.after === "number" ? value.after : 0;
      points = points.filter(({ seq }) => seq <= after);
    } else if (value?.type === "log" && value.name === testScoreName && typeof value.step === "number") {
      const score = typeof value.data === "number" ? value.data : null;
      points.push({ seq: Number(value.seq), iteration: value.step, score });
    }
  }
  return points.map(({ iteration, score }) => ({ iteration, score }));
}
