/**
 * The samples of a trace graph: outputs with what was said of them, the most informative first.
 *
 * @module
 */
import type { Feedback } from "../../data/feedback.ts";
import type { TargetFeedback } from "../../graph/trace-graph.ts";
import { batchSections } from "../problem/batch-sections.ts";
import type { GraphView } from "./graph-view.ts";

/** An output with all that was said of it. */
export interface Sample {
  /** Place of the output. */
  readonly place: number;
  readonly feedback: readonly Feedback[];
  /** Whether an operation on the way to it threw. */
  readonly fails: boolean;
  /** The lowest that was given; `null` when none was. */
  readonly score: number | null;
}

/**
 * The samples by how much there is to learn from them: failures, then outputs without a score, then the lowest scores; of
 * equals the earlier. What repeats the feedback of one before comes after all that do not. A batch is taken apart.
 */
export function rankedSamples(targets: readonly TargetFeedback[], view: GraphView): readonly Sample[] {
  const said = new Map<number, Feedback[]>();
  for (const { target, feedback } of targets.flatMap((one) => batchSections(one) ?? one)) {
    const place = view.placeOf(target);
    if (place === undefined || view.roleAt(place) === "input") continue;
    const known = said.get(place);
    if (known === undefined) said.set(place, [feedback]);
    else known.push(feedback);
  }
  const samples = [...said].map(([place, feedback]): Sample => {
    return { place, feedback, fails: view.failsAt(place), score: lowest(feedback) };
  });
  return distinctFirst(samples.sort((a, b) => urgency(a) - urgency(b) || (a.score ?? 0) - (b.score ?? 0)));
}

function lowest(feedback: readonly Feedback[]): number | null {
  let least: number | null = null;
  for (const { score } of feedback) if (score !== null && (least === null || score < least)) least = score;
  return least;
}

function urgency({ fails, score }: Sample): number {
  if (fails) return 0;
  return score === null ? 1 : 2;
}

function distinctFirst(samples: readonly Sample[]): readonly Sample[] {
  const seen = new Set<string>();
  const isNew = samples.map(({ feedback }) => {
    const key = feedback.map(({ feedback: text }) => endsOf(text)).join("\0");
    return !seen.has(key) && seen.add(key) !== undefined;
  });
  return [...samples.filter((_, index) => isNew[index]), ...samples.filter((_, index) => !isNew[index])];
}

/** Enough of a text to tell it from others: long ones are not worth the time. */
function endsOf(text: string): string {
  return text.length <= 2000 ? text : `${text.length} ${text.slice(0, 1000)} ${text.slice(-1000)}`;
}
