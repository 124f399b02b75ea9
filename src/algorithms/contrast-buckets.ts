/**
 * Contrasts: for each example, what the best and the worst of several candidates made of it.
 *
 * @module
 */
import type { Archive, Entry, ForwardOutput, Step } from "../search/search.ts";
import { quoted } from "./quoted.ts";
import { shownScores } from "./shown-score.ts";
import { orientedScore } from "./standing.ts";

/** The rollouts of one example. */
export interface Bucket {
  readonly example: number;
  readonly best: ForwardOutput;
  readonly worst: ForwardOutput;
  readonly highest: number;
  readonly lowest: number;
  /** Whether the worst is a failure, which has no score. */
  readonly isFailure: boolean;
  /** Whether the best is more than the lowest tenth of the batch came to. */
  readonly hasSuccess: boolean;
  /** Whether that is so, the worst is less than the highest tenth came to, and they differ. */
  readonly hasContrast: boolean;
}

/** Characters of an input or an output in an advice. */
const mostCharacters = 1_000;

/**
 * The examples with a rollout that has a score, the ones first on which the scores differ the most; of equals those with the highest best score, then
 * those whose best is the furthest above the mean. A rollout that failed counts as the lowest score of all.
 */
export function bucketsOf(archive: Archive, outputs: readonly ForwardOutput[], examples: readonly number[]): readonly Bucket[] {
  const scored = outputs.flatMap((output) => {
    const trial = archive.trials(output.entry, { dataset: "train", examples: [output.example] })[0]?.at(-1);
    const score = orientedScore(archive, trial);
    return score === null && trial?.failed !== true ? [] : [{ output, score }];
  });
  const known = scored.flatMap(({ score }) => score ?? []).sort((a, b) => a - b);
  if (known.length === 0) return [];
  const lowestKnown = known[0] as number;
  const [low, high] = [0.1, 0.9].map((share) => known[Math.floor(share * (known.length - 1))] as number) as [number, number];
  const buckets = examples.flatMap((example) => {
    const own = scored
      .filter(({ output }) => output.example === example)
      .map(({ output, score }) => ({ output, score: score ?? lowestKnown, isFailure: score === null }))
      // Of equals the failure is the worst.
      .sort((a, b) => b.score - a.score || Number(a.isFailure) - Number(b.isFailure));
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined) return [];
    const mean = own.reduce((sum, { score }) => sum + score, 0) / own.length;
    const [highest, lowest] = [first.score, last.score];
    // Where nothing differs, the tenths are the same score.
    const hasSuccess = highest > low || (highest === high && high > lowestKnown);
    const hasContrast = highest > lowest && highest > low && lowest <= high;
    const { isFailure } = last;
    return [{ example, best: first.output, worst: last.output, highest, lowest, isFailure, mean, hasSuccess, hasContrast }];
  });
  return buckets.sort((a, b) => {
    return b.highest - b.lowest - (a.highest - a.lowest) || b.highest - a.highest || b.highest - b.mean - (a.highest - a.mean);
  });
}

/** What the optimizer is asked to learn from a bucket. */
export function contrastAdvice(step: Step, source: Entry, { best, worst, highest, lowest, isFailure }: Bucket): string {
  const textOf = (output: ForwardOutput): string => {
    const [path = ""] = step.parameters.filter((one) => step.workedExamples(output, one).length > 0);
    const worked = path === "" ? undefined : step.workedExamples(output, path).at(-1);
    return worked === undefined ? "no answer" : quoted(worked, mostCharacters);
  };
  const differing = step.parameters
    .filter((path) => JSON.stringify(best.entry.values[path]) !== JSON.stringify(source.values[path]))
    .map((path) => `- ${path}: ${quoted(best.entry.values[path] ?? null, mostCharacters)}`);
  const [high, low] = shownScores(step.archive, [highest, isFailure ? null : lowest]);
  return [
    "The same example was answered twice, with different success.",
    `Score ${high}: ${textOf(best)}`,
    isFailure ? `Failed: ${textOf(worst)}` : `Score ${low}: ${textOf(worst)}`,
    ...(differing.length === 0 ? [] : [`The better answer was given with\n${differing.join("\n")}`]),
    "Find out why the first answer is better, and add a short rule that leads to such answers, also on similar examples. Keep everything else as it is.",
  ].join("\n");
}
