/**
 * `TaskFold`: how many rollouts tasks had, and the sums over their scores while they are of use.
 *
 * @module
 */
import { parseJsonObject } from "../data/json.ts";
import { type JournalLine, textOfLine } from "./journal-lines.ts";
import { ScoreSums } from "./mean-interval.ts";

/** Takes in the ends of tasks. */
export class TaskFold {
  rollouts = 0;
  failed = 0;
  unscored = 0;
  readonly #sums = new Map<string, ScoreSums>();

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
    const sums = new ScoreSums();
    for (const score of Array.isArray(scores) ? scores : []) if (typeof score === "number") sums.add(score);
    this.#sums.set(position, sums);
  }

  /** Over the scores of the task at a position. */
  sums(position: string): ScoreSums | undefined {
    return this.#sums.get(position);
  }

  /** The iteration is over. */
  forget(): void {
    this.#sums.clear();
  }
}
