/**
 * Parts of the batch on which a candidate fails: each candidate is run on one part after the other until it does.
 *
 * @module
 */
import type { Entry, Sample, Step } from "../search/search.ts";
import { bestScore, feedbackBatch } from "./feedback-batch.ts";
import { orientedScore } from "./standing.ts";

/** A part of the batch, and the candidates whose first failure is there. */
export interface FailingBlock {
  readonly on: Sample;
  readonly candidates: readonly Entry[];
}

/**
 * Runs candidates with feedback on the batch, `size` examples at a time. Fresh examples measure a candidate as well as they teach; so it is run on more of
 * them only as long as there is nothing to learn. One that fails on none of them is run on its known failures instead of the last part.
 *
 * @returns the parts with a candidate, in order; each candidate is in one of them
 */
export async function failingBlocks(step: Step, candidates: readonly Entry[], size: number): Promise<readonly FailingBlock[]> {
  const { batch, archive } = step;
  const parts = partsOf(batch, size);
  const found: FailingBlock[] = [];
  let left = candidates;
  for (const [block, fresh] of parts.entries()) {
    if (left.length === 0) break;
    const isLast = block === parts.length - 1;
    const most = fresh.examples.length;
    const on = isLast && block > 0 ? feedbackBatch(step, left, { failures: "most", least: most, most }) : fresh;
    await step.forward(left, on);
    const best = bestScore(archive);
    const failing = left.filter((entry) => {
      return archive.trials(entry, on).some((trials) => {
        const trial = trials.at(-1);
        const score = orientedScore(archive, trial);
        return trial?.failed === true || (score !== null && score < best);
      });
    });
    const chosen = isLast ? left : failing;
    if (chosen.length > 0) found.push({ on, candidates: chosen });
    left = left.filter((entry) => !chosen.includes(entry));
  }
  return found;
}

/** A sample in parts of `size` examples; the last one may be smaller. */
export function partsOf(sample: Sample, size: number): readonly Sample[] {
  return Array.from({ length: Math.ceil(sample.examples.length / size) }, (_, part) => {
    return { ...sample, examples: sample.examples.slice(part * size, (part + 1) * size) };
  });
}
