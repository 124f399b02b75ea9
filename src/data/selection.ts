/**
 * Selecting the best of several candidates under an objective.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { beats, kneeDistances } from "./fronts.ts";
import { describeValue } from "./json.ts";
import { metricOf, type ObjectiveConfig, objective, orient, scalarScore, violationOf, weightedScore } from "./objectives.ts";
import { Random } from "./random.ts";
import { type Scores, type ScoresLike, toScoresList } from "./scores.ts";

const byScore: ObjectiveConfig = objective();

/** True when `a` is at least as good as `b` on every metric, and better on one. */
export function dominates(a: ScoresLike, b: ScoresLike, by: ObjectiveConfig = byScore): boolean {
  const [left, right] = paretoVectors(toScoresList([a, b]), by);
  return beats(left!, right!);
}

/** For every candidate how many fronts lie before it: 0 when nothing dominates it, 1 when only those of rank 0 do, and so on. */
export function paretoRanks(candidates: readonly ScoresLike[], by: ObjectiveConfig = byScore): number[] {
  return ranksOf(paretoVectors(toScoresList(candidates), by));
}

/**
 * The index of the best candidate; of equally good ones the earliest.
 *
 * @throws InvalidArgumentError when there is no candidate, or a score is not finite.
 */
export function selectBest(candidates: readonly ScoresLike[], by: ObjectiveConfig = byScore): number {
  const [best] = selectTop(candidates, 1, by);
  if (best !== undefined) return best;
  throw new InvalidArgumentError("Expected at least one candidate to select from, got none");
}

/**
 * The indices of the `count` best candidates, best first; of equally good ones the earlier first. All of them when there
 * are fewer.
 *
 * @param lengthOf how long the text of a candidate is; asked only for `tie: "shorter"`
 * @throws InvalidArgumentError when `count` is not a whole number of at least 0, or a score is not finite.
 */
export function selectTop(
  candidates: readonly ScoresLike[],
  count: number,
  by: ObjectiveConfig = byScore,
  lengthOf?: (index: number) => number,
): number[] {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new InvalidArgumentError(`Expected a whole number of candidates to select, got ${describeValue(count)}`);
  }
  return descending(sortKeys(toScoresList(candidates), by, lengthOf)).slice(0, count);
}

/** The indices of the candidates that no other one beats: those of rank 0, without any that violates a constraint more than another. */
export function frontOf(candidates: readonly ScoresLike[], by: ObjectiveConfig = byScore): number[] {
  const list = toScoresList(candidates);
  const violations = list.map((scores) => violationOf(scores, by.constraints));
  const least = violations.reduce((lowest, violation) => Math.min(lowest, violation), Number.POSITIVE_INFINITY);
  const able = [...list.keys()].filter((index) => violations[index] === least);
  const ranks = ranksOf(
    paretoVectors(
      able.map((index) => list[index] as Scores),
      by,
    ),
  );
  return able.filter((_, at) => ranks[at] === 0);
}

/** One vector a candidate: the first is compared first, more being better. Who violates constraints comes after all who do not. */
function sortKeys(candidates: readonly Scores[], by: ObjectiveConfig, lengthOf?: (index: number) => number): number[][] {
  const violations = candidates.map((scores) => violationOf(scores, by.constraints));
  const keys: number[][] = [];
  for (const isFeasible of [true, false]) {
    const group = [...candidates.keys()].filter((index) => (violations[index] === 0) === isFeasible);
    const list = group.map((index) => candidates[index] as Scores);
    const own = by.mode === "pareto" ? paretoKeys(list, by) : list.map((scores) => [scalarScore(scores, by)]);
    for (const [at, index] of group.entries()) {
      const length = by.tie === "shorter" && lengthOf !== undefined ? [0 - lengthOf(index)] : [];
      keys[index] = [0 - (violations[index] as number), ...(own[at] as number[]), ...length];
    }
  }
  return keys;
}

function paretoKeys(candidates: readonly Scores[], by: ObjectiveConfig): number[][] {
  const vectors = paretoVectors(candidates, by);
  const ranks = ranksOf(vectors);
  const random = new Random(by.seed, "tie-break");
  const knees = by.tieBreak === "knee" ? kneesOf(vectors, ranks) : [];
  return candidates.map((scores, index) => {
    const tieBreaks = {
      weighted: () => [weightedScore(scores, by)],
      knee: () => [knees[index]!],
      lexicographic: () => vectors[index]!,
      random: () => [random.next()],
    };
    return [-ranks[index]!, ...tieBreaks[by.tieBreak]()];
  });
}

/** Of each candidate by the front that it is on. */
function kneesOf(vectors: readonly number[][], ranks: readonly number[]): number[] {
  const knees: number[] = [];
  for (const rank of new Set(ranks)) {
    const front = [...vectors.keys()].filter((index) => ranks[index] === rank);
    const distances = kneeDistances(front.map((index) => vectors[index]!));
    for (const [at, index] of front.entries()) knees[index] = distances[at]!;
  }
  return knees;
}

/** The metrics that a front is about: those that the objective names, else all of these scores, by name. */
export function frontMetrics(candidates: readonly Scores[], { paretoMetrics }: ObjectiveConfig): readonly string[] {
  return paretoMetrics ?? [...new Set(candidates.flatMap((scores) => Object.keys(scores)))].sort();
}

/** Every candidate's metrics, in the order of `frontMetrics`. */
function paretoVectors(candidates: readonly Scores[], by: ObjectiveConfig): number[][] {
  const metrics = frontMetrics(candidates, by);
  return candidates.map((scores) => {
    const oriented = orient(scores, by);
    return metrics.map((metric) => metricOf(oriented, metric, by));
  });
}

/**
 * Whoever dominates a vector sorts before it, so one pass in that order sees all dominators of each. They come with every
 * rank below that of the vector, lower ranks first, so that each pushes it one further back.
 */
function ranksOf(vectors: readonly number[][]): number[] {
  const ranks: number[] = vectors.map(() => 0);
  const seen: number[] = [];
  for (const index of descending(vectors)) {
    for (const other of seen) {
      if (ranks[other] === ranks[index] && beats(vectors[other]!, vectors[index]!)) ranks[index]! += 1;
    }
    seen.push(index);
  }
  return ranks;
}

/** Indices by vector, largest first; equal vectors keep their order. */
function descending(vectors: readonly number[][]): number[] {
  return vectors
    .map((_, index) => index)
    .sort((a, b) => {
      const [left, right] = [vectors[a]!, vectors[b]!];
      for (let position = 0; position < left.length; position++) {
        if (left[position] !== right[position]) return left[position]! > right[position]! ? -1 : 1;
      }
      return 0;
    });
}
