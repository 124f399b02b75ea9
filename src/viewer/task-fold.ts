/**
 * `TaskFold`: how many rollouts tasks had, and their scores while they are of use.
 *
 * @module
 */
import { parseJsonObject } from "../data/json.ts";
import { type JournalLine, textOfLine } from "./journal-lines.ts";
import { isMean, ScoreSums } from "./mean-interval.ts";

/** Takes in the ends of tasks. */
export class TaskFold {
  rollouts = 0;
  failed = 0;
  unscored = 0;
  readonly #scores = new Map<string, readonly unknown[]>();

  /** Only some are read whole: their scores say how certain a point of a series is. */
  add({ bytes, start, end, ...line }: JournalLine): void {
    const tail = bytes.toString("latin1", Math.max(start, end - 120), end);
    const [, scored = "0", failed = "0", unscored = "0"] = /"scored":(\d+),"failed":(\d+),"unscored":(\d+)/.exec(tail) ?? [];
    this.rollouts += Number(scored) + Number(failed) + Number(unscored);
    this.failed += Number(failed);
    this.unscored += Number(unscored);
    const head = bytes.toString("latin1", start, Math.min(end, start + 300));
    const [, position] = /"position":"(iteration\/\d+\/(?:test|validation|forward))"/.exec(head) ?? [];
    if (position === undefined) return;
    const { scores } = parseJsonObject(textOfLine({ bytes, start, end, ...line })) ?? {};
    if (Array.isArray(scores)) this.#scores.set(position, scores);
  }

  /**
   * Over the examples of the task at a position: those with several samples count once, by their mean.
   *
   * @param score what the task came to: where the mean over the examples is another one, they do not say how certain it is
   */
  sums(position: string, score: number | null, numSamples: number): ScoreSums | undefined {
    const scores = this.#scores.get(position);
    if (scores === undefined || score === null || scores.length % numSamples !== 0) return undefined;
    // What failed mostly counts as 0; what could not be scored does not count.
    return [null, 0].map((blank) => sumsOf(scores, numSamples, blank)).find((sums) => isMean(sums, score));
  }

  /** The iteration is over. */
  forget(): void {
    this.#scores.clear();
  }
}

function sumsOf(scores: readonly unknown[], numSamples: number, blank: number | null): ScoreSums {
  const sums = new ScoreSums();
  for (let at = 0; at < scores.length; at += numSamples) {
    const own = new ScoreSums();
    for (let sample = at; sample < at + numSamples; sample++) {
      const score = scores[sample] ?? blank;
      if (typeof score === "number") own.add(score);
    }
    if (own.mean !== null) sums.add(own.mean);
  }
  return sums;
}
