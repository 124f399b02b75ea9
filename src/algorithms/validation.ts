/**
 * Validation: many candidates on the same examples, all in one pool, on one agent.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import { Random, type Seed } from "../data/random.ts";
import { untilAborted } from "../data/until-aborted.ts";
import type { Module } from "../graph/module.ts";
import type { ParameterOwner } from "../graph/parameter-names.ts";
import { atPosition, currentPosition, currentRun, emitEvent } from "../graph/scope.ts";
import { bindValues, type Candidate } from "../graph/with-values.ts";
import type { Guide } from "../guides/guide.ts";
import { scoreOne } from "../trainer/evaluate.ts";
import type { Pool } from "../trainer/pool.ts";
import { endTask, mean, performRollout } from "../trainer/rollout.ts";
import { TaskTally } from "../trainer/task-tally.ts";
import { type DropReason, Race } from "./race.ts";
import { ValidationRounds } from "./validation-rounds.ts";

/** What candidates are compared on, and how. */
export interface Validation<X, Y, Info> {
  readonly dataset: Dataset<X, Info>;
  readonly guide: Guide<X, Y, Info>;
  /** What an example scores on which the agent throws; `null` leaves the whole candidate without a score. */
  readonly minScore: number | null;
  /** The lowest and the highest score of the guide; with it candidates that cannot win any more are dropped. */
  readonly scoreRange?: readonly [number, number] | undefined;
  /** Drops also candidates that probably cannot win. */
  readonly racing?: { readonly errorProbability: number; readonly seed: Seed } | undefined;
}

/** The scores of one candidate, example by example. */
export interface ValidationScores {
  /** `null` where the example could not be scored for reasons outside the agent, and where a dropped candidate was not run. */
  readonly scores: readonly (number | null)[];
  /** The agent threw and there is no `minScore`: the candidate cannot win. */
  readonly broken: boolean;
  /** The different errors of the agent, in order of the examples. */
  readonly errors: readonly string[];
  /** When the candidate was not run on every example: why. */
  readonly dropped?: Dropped | undefined;
}

/** A candidate that was not run on every example. */
export interface Dropped {
  readonly reason: DropReason;
  /** The examples that it was run on. */
  readonly examples: readonly number[];
  /** The lowest and the highest mean that it can have. */
  readonly interval: readonly [lowest: number, highest: number];
}

/** A candidate of a validation. */
export interface Contender {
  readonly candidate: Candidate;
  /** Its scores, when they are known already: it is not run. */
  readonly known?: ValidationScores | undefined;
  /** Run on every example whatever the others score. */
  readonly mustFinish?: boolean | undefined;
}

/** Rounds of a race are this many at most: finding out who is out takes time for each. */
const mostRounds = 64;

/**
 * Scores every contender on every example, or until it is certain that it cannot win. One pool serves all, so no place stands
 * idle while any has work left.
 *
 * @param owner whose names the candidates use
 * @param contenders in order: of equally good ones the earlier wins
 */
export async function validateCandidates<X, Y, Info>(
  agent: Module<X, Y>,
  owner: ParameterOwner,
  contenders: readonly Contender[],
  validation: Validation<X, Y, Info>,
  options: { readonly pool: Pool; readonly signal: AbortSignal | undefined },
): Promise<ValidationScores[]> {
  const runners = [...contenders.keys()].filter((index) => contenders[index]?.known === undefined);
  const found = contenders.map(({ known }) => known ?? newScores(validation.dataset.length));
  if (runners.length === 0) return found;
  const description = `Validating ${runners.length} candidates`;
  const { signal } = options;
  await atPosition("validate", () => runAll(agent, owner, { contenders, runners, found, validation, description, ...options }), {
    signal,
  });
  return found;
}

interface Scored extends ValidationScores {
  readonly scores: (number | null)[];
  broken: boolean;
  errors: string[];
  dropped?: Dropped;
}

interface RunParts<X, Y, Info> {
  readonly contenders: readonly Contender[];
  readonly runners: readonly number[];
  readonly found: ValidationScores[];
  readonly validation: Validation<X, Y, Info>;
  readonly description: string;
  readonly pool: Pool;
  readonly signal: AbortSignal | undefined;
}

async function runAll<X, Y, Info>(agent: Module<X, Y>, owner: ParameterOwner, parts: RunParts<X, Y, Info>): Promise<void> {
  const { contenders, runners, found, validation, description, pool, signal } = parts;
  const { dataset, guide, minScore } = validation;
  const size = dataset.length;
  const total = runners.length * size;
  emitEvent({ type: "task-start", position: currentPosition(), description, total });
  const { race, blockSize } = raceOf(contenders, found, validation);
  const bound = new Map(runners.map((index) => [index, bindValues(owner, (contenders[index] as Contender).candidate)]));
  const numbers = new Map(runners.map((index, number) => [index, number]));
  const tally = new TaskTally();
  tally.scores.set(total - 1, null);
  tally.skipped = total;
  const errors = new Map<number, Map<number, string>>();
  const control = currentRun()?.services?.control;
  control?.throwIfStopped();
  signal?.throwIfAborted();
  const rounds = new ValidationRounds({
    race,
    blockSize,
    runners,
    perform: (contender, example, events) => {
      const { input, info } = dataset[example] as Dataset<X, Info>[number];
      const withCandidate = bound.get(contender) as typeof bound extends Map<number, infer B> ? B : never;
      const work = () => withCandidate(() => scoreOne(agent, guide, input, info, minScore));
      const name = `candidate/${numbers.get(contender)}/example/${example}/sample/0`;
      return performRollout(name, work, { signal, events });
    },
    onRollout: (contender, example, rollout) => {
      tally.add((numbers.get(contender) as number) * size + example, rollout);
      tally.skipped--;
      const scored = found[contender] as Scored;
      scored.scores[example] = rollout.score;
      if (rollout.status !== "failed") return;
      if (rollout.score === null) scored.broken = true;
      if (rollout.error !== undefined) errors.set(contender, (errors.get(contender) ?? new Map()).set(example, rollout.error));
    },
    isOver: () => signal?.aborted === true || control?.stopped !== undefined,
  });
  const listenNoMore = control?.onStop(() => rounds.settle());
  const close = pool.serve(rounds);
  try {
    await untilAborted(rounds.ended, signal);
  } finally {
    listenNoMore?.();
    close();
    rounds.close();
  }
  signal?.throwIfAborted();
  rounds.throwFailure();
  if (!rounds.isDone) control?.throwIfStopped();
  const verdict = race.verdict();
  for (const index of runners) {
    const scored = found[index] as Scored;
    const count = race.confirmed(index);
    const inOrder = [...(errors.get(index) ?? [])].sort(([a], [b]) => a - b).map(([, error]) => error);
    scored.errors = [...new Set(inOrder)];
    if (count === size) continue;
    const examples = race.order.slice(0, count).sort((a, b) => a - b);
    scored.dropped = { reason: verdict[index] ?? "bound", examples, interval: race.interval(index) };
  }
  endTask(tally, description);
}

function newScores(size: number): Scored {
  return { scores: new Array<number | null>(size).fill(null), broken: false, errors: [] };
}

/** The race, with what is known already. */
function raceOf<X, Y, Info>(
  contenders: readonly Contender[],
  found: readonly ValidationScores[],
  { dataset, minScore, scoreRange, racing }: Validation<X, Y, Info>,
): { readonly race: Race; readonly blockSize: number } {
  const size = dataset.length;
  // Without a range nobody is ever dropped, so there is nothing to decide between rounds.
  const blockSize = scoreRange === undefined ? size : Math.ceil(size / mostRounds);
  const natural = Array.from({ length: size }, (_, index) => index);
  const race = new Race({
    candidates: contenders.length,
    size,
    order: racing === undefined ? natural : new Random(racing.seed, "racing").fork(currentPosition()).shuffle(natural),
    range: scoreRange && widened(scoreRange, minScore),
    errorProbability: racing?.errorProbability,
    verdicts: Math.ceil(size / blockSize),
    mustFinish: new Set([...contenders.keys()].filter((index) => contenders[index]?.mustFinish)),
  });
  for (const [index, { known }] of contenders.entries()) {
    if (known === undefined) continue;
    for (const [example, score] of (found[index] as ValidationScores).scores.entries()) {
      race.note(index, example, { score, broken: known.broken && score === null });
    }
    race.confirm(index, size);
  }
  return { race, blockSize };
}

/** What a failure scores may lie outside of the range of the guide. */
function widened([lowest, highest]: readonly [number, number], minScore: number | null): readonly [number, number] {
  return minScore === null ? [lowest, highest] : [Math.min(lowest, minScore), Math.max(highest, minScore)];
}

/**
 * The mean score of every candidate over the examples that all of them were scored on, so that an example lost to the
 * network favours nobody. A candidate that is broken, was dropped, or was not scored at all, has none.
 */
export function comparableMeans(scored: ReadonlyMap<string, ValidationScores>): Map<string, number | null> {
  const inRace = [...scored.values()].filter(({ scores, broken, dropped }) => {
    return !broken && dropped === undefined && scores.some((score) => score !== null);
  });
  const size = inRace[0]?.scores.length ?? 0;
  const shared = Array.from({ length: size }, (_, index) => index).filter((index) => {
    return inRace.every(({ scores }) => scores[index] !== null);
  });
  return new Map(
    [...scored].map(([key, entry]) => {
      if (!inRace.includes(entry)) return [key, null];
      // With no example in common each candidate's own mean is the best there is.
      const examples = shared.length > 0 ? shared.map((index) => entry.scores[index] ?? null) : entry.scores;
      return [key, mean(examples.filter((score) => score !== null))];
    }),
  );
}

/** The worst score among all candidates, at most 0: what a failure without a score counts as. */
export function worstScore(scored: Iterable<ValidationScores>): number {
  let worst = 0;
  for (const { scores } of scored) for (const score of scores) if (score !== null && score < worst) worst = score;
  return worst;
}

/** What the optimizer is told of a candidate. */
export interface Lesson {
  readonly score: number | null;
  readonly feedback: string;
}

/** What the optimizer is told of a candidate that was run on every example, or has failed; failures without a score count as `worst`. */
export function lessonOf(scored: ValidationScores, worst: number): Lesson {
  const run = scored.dropped?.examples.map((example) => scored.scores[example] ?? null) ?? scored.scores;
  const counted = scored.broken ? run.map((score) => score ?? worst) : run.filter((score) => score !== null);
  return { score: mean(counted), feedback: feedbackOf(scored) };
}

/**
 * What the optimizer is told of a candidate that was dropped: what it would score if it kept its distance to the winner, which
 * both have been measured on the same examples, within what it still could have come to. Its own mean alone would say more of
 * whether its examples were easy than of itself. The words say that it is an estimate.
 */
export function lessonOfDropped(scored: ValidationScores, winner: ValidationScores, winnerMean: number | null): Lesson {
  const { examples, interval } = scored.dropped as Dropped;
  const differences = examples.flatMap((example) => {
    const [own, other] = [scored.scores[example], winner.scores[example]];
    return typeof own === "number" && typeof other === "number" ? [own - other] : [];
  });
  const difference = mean(differences);
  if (difference === null || winnerMean === null) return { score: null, feedback: feedbackOf(scored) };
  const score = Math.min(interval[1], Math.max(interval[0], winnerMean + difference));
  const note = `Estimated: run on ${examples.length} of ${scored.scores.length} examples, then dropped because it could not be the best any more.`;
  return { score, feedback: [feedbackOf(scored), note].filter((text) => text !== "").join("\n") };
}

function feedbackOf({ errors }: ValidationScores): string {
  return errors.slice(0, maxErrorsTold).join("\n");
}

const maxErrorsTold = 3;
