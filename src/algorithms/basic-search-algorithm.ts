/**
 * `BasicSearchAlgorithm`: several proposals for each batch; the one that scores best on validation data is kept.
 *
 * @module
 */

import { DataLoader } from "../data/data-loader.ts";
import { type Dataset, type DatasetLike, toDataset } from "../data/dataset.ts";
import { canonicalJson, describeValue, isPlainObject, type JsonValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InfrastructureError, InvalidArgumentError, isInfrastructureError, isSetUpError, StopError } from "../errors.ts";
import { currentRun, emitEvent, forkEvents, withEvents } from "../graph/scope.ts";
import { type Candidate, currentCandidate } from "../graph/with-values.ts";
import { type Guide, type GuideLike, scoreRangeOf, toGuide } from "../guides/guide.ts";
import type { RunEvent } from "../trainer/events.ts";
import { mean } from "../trainer/rollout.ts";
import type { TrainDataset } from "../trainer/trainer.ts";
import { MinibatchAlgorithm, type OptimizerStepOptions } from "./minibatch-algorithm.ts";
import type { MeasuredScores } from "./minibatch-options.ts";
import type { IdentityPart } from "./run-identity.ts";
import { type MinibatchTrainOptions, wholeNumber } from "./train-options.ts";
import type { TrainResult } from "./train-result.ts";
import {
  comparableMeans,
  lessonOf,
  lessonOfDropped,
  type Validation,
  type ValidationScores,
  validateCandidates,
  worstScore,
} from "./validation.ts";

/** Options of `BasicSearchAlgorithm.train`. */
export interface BasicSearchTrainOptions<X = unknown, Y = unknown, Info = unknown> extends MinibatchTrainOptions<X, Info> {
  /** What proposals are compared on. @default the train dataset */
  readonly validateDataset?: DatasetLike<X, Info> | null | undefined;
  /** Scores the answers on it. @default the training guide */
  readonly validateGuide?: GuideLike<X, Y, Info> | null | undefined;
  /** Proposals for each batch. @default 4 */
  readonly numProposals?: number | undefined;
  /**
   * Drops proposals in the middle of a validation that are unlikely to be the best, for guides that declare a `scoreRange`. The
   * best is dropped with a probability of at most `errorProbability` (above 0, below 1) in each validation. Without it only those
   * are dropped that certainly are not the best. @default none
   */
  readonly racing?: { readonly errorProbability: number } | null | undefined;
}

/**
 * Asks the optimizer for several proposals at each step, validates all of them and the current values at once on the
 * same agent, and keeps the best: highest mean, ties go to the current values, then to the earliest proposal. With a guide
 * that declares its `scoreRange`, candidates that cannot be the best any more are not validated further.
 *
 * The score of the current values is kept from step to step, also when `ensureImprovement` brings them back, and measured
 * anew when the parameters have changed in any other way. Optimizers that learn from scores are told what every candidate scored.
 *
 * @example
 * const search = new BasicSearchAlgorithm(agent, new TPE(agent, { seed: 1 }), { numThreads: 16 });
 * await search.train(guide, trainSet, { validateDataset, numProposals: 8, batchSize: 16 });
 */
export class BasicSearchAlgorithm<X = unknown, Y = unknown, Info = unknown> extends MinibatchAlgorithm<X, Y, Info> {
  protected override readonly reportsBatchScores: boolean = false;
  #search: Search<X, Y, Info> | undefined;

  override async train<I extends Info>(
    guide: GuideLike<X, Y, I>,
    trainDataset: TrainDataset<X, I>,
    options: BasicSearchTrainOptions<X, Y, I> = {},
  ): Promise<TrainResult> {
    const { validateDataset, validateGuide, numProposals = 4, racing, ...rest } = options;
    wholeNumber("numProposals", numProposals, 1);
    const examples = trainDataset instanceof DataLoader ? trainDataset : toDataset(trainDataset, "trainDataset");
    const own = toGuide(guide);
    const judge = validateGuide ? toGuide(validateGuide) : own;
    checkRacing(racing, judge);
    this.#search = {
      dataset: validateDataset ? toDataset(validateDataset, "validateDataset") : datasetOf(examples),
      guide: judge,
      numProposals,
      minScore: rest.minScore ?? null,
      scoreRange: scoreRangeOf(judge),
      racing: racing ? { ...racing, seed: examples instanceof DataLoader ? examples.seed : (rest.seed ?? 0) } : undefined,
      bringsBack: rest.ensureImprovement ?? false,
      kept: new Map(),
    };
    return super.train(own, examples, rest);
  }

  protected override identity(): IdentityPart {
    if (this.#search === undefined) return {};
    const { numProposals, dataset, racing } = this.#search;
    const ofRacing = racing === undefined ? {} : { racing: racing.errorProbability };
    return { options: { numProposals, ...ofRacing }, datasets: { validate: dataset } };
  }

  protected override state(): JsonValue {
    return [...(this.#search?.kept ?? [])].map(([values, { scores, broken, errors }]) => {
      return { values, scores: { scores, broken, errors } };
    });
  }

  protected override restore(state: JsonValue): void {
    if (this.#search === undefined) return;
    const kept = state as unknown as readonly { readonly values: string; readonly scores: ValidationScores }[];
    this.#search.kept = new Map(kept.map(({ values, scores }) => [values, scores]));
  }

  protected override measured(): MeasuredScores<X, Y, Info> | undefined {
    const search = this.#search;
    const kept = search?.kept.get(canonicalJson(this.agent.candidate()));
    if (search === undefined || kept === undefined || kept.broken || kept.errors.length > 0) return undefined;
    return { dataset: search.dataset, guide: search.guide, scores: kept.scores };
  }

  /** Proposes, validates, keeps the best; gives the values it chose, `{}` for the current ones. */
  override async optimizerStep(options: OptimizerStepOptions = {}): Promise<Candidate> {
    const search = this.#search;
    if (search === undefined) return super.optimizerStep(options);
    const proposals = await this.#propose(search, options);
    const before = canonicalJson(this.agent.candidate());
    const { chosen, current, scores, score } = await this.#select(search, proposals, options);
    const candidate = chosen === null ? {} : (proposals[chosen] as Candidate);
    if (!options.bypassing) {
      this.optimizer.update(candidate);
      // Also those of the values before: `ensureImprovement` may bring them back.
      const known: [string, ValidationScores][] = [
        [before, current],
        [canonicalJson(this.agent.candidate()), scores],
      ];
      search.kept = new Map(known.filter(([, scores]) => isComplete(scores)));
    }
    this.events.log("Validation score", score, this.nIters + 1);
    return candidate;
  }

  async #propose(search: Search<X, Y, Info>, options: OptimizerStepOptions): Promise<Candidate[]> {
    const numbers = Array.from({ length: search.numProposals }, (_, number) => number);
    const failures: unknown[] = [];
    const signal = currentRun()?.signal;
    const stepOptions = { ...options, bypassing: true, verbose: options.verbose ? "output" : false } as const;
    const propose = async (number: number): Promise<Candidate> => {
      try {
        return await super.optimizerStep({ ...stepOptions, label: `proposal/${number}` });
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof StopError || !isInfrastructureError(error) || isSetUpError(error)) throw error;
        failures.push(error);
        emitEvent({ type: "warning", message: `Proposal ${number} could not be made: ${String(error)}` });
        return {};
      }
    };
    const channels = forkEvents(numbers.length) ?? [];
    const inOrder = (number: number): Promise<Candidate> => {
      return withEvents(channels[number], () => propose(number)).finally(() => channels[number]?.close());
    };
    const pool = this.pool(options.numThreads);
    const proposals = await pool.map(numbers, inOrder, { signal }).finally(() => {
      for (const channel of channels) channel.close();
    });
    if (failures.length === proposals.length) {
      throw new InfrastructureError(`None of ${proposals.length} proposals could be made. One reason: ${String(failures[0])}`, {
        cause: failures[0],
      });
    }
    for (const [proposal, values] of proposals.entries()) {
      this.events.emit({
        type: "candidate-proposed",
        position: `${currentRun()?.position ?? ""}/proposal/${proposal}`,
        proposal,
        values,
      });
    }
    return proposals;
  }

  /** Scores every different candidate once; `chosen` is the number of a proposal, or `null` for the current values. */
  async #select(search: Search<X, Y, Info>, proposals: readonly Candidate[], options: OptimizerStepOptions): Promise<Selection> {
    const current = currentCandidate(this.optimizer);
    const keyOf = (candidate: Candidate): string => canonicalJson({ ...current, ...candidate });
    const currentKey = keyOf({});
    const kept = search.kept.get(canonicalJson(this.agent.candidate()));
    const different = new Map<string, Candidate>([[currentKey, current]]);
    for (const proposal of proposals) if (!different.has(keyOf(proposal))) different.set(keyOf(proposal), proposal);
    const contenders = [...different].map(([key, candidate]) => {
      const isCurrent = key === currentKey;
      // Values that may be brought back will be compared again.
      return { key, candidate, known: isCurrent ? kept : undefined, mustFinish: isCurrent && search.bringsBack };
    });
    const pool = this.pool(options.numThreads);
    const validated = await validateCandidates(this.agent, this.optimizer, contenders, search, {
      pool,
      signal: currentRun()?.signal,
    });
    const scores = new Map(contenders.map(({ key }, index) => [key, validated[index] as ValidationScores]));
    const means = comparableMeans(scores);
    const selection = this.#best(proposals.map(keyOf), currentKey, means, scores);
    const worst = worstScore(scores.values());
    for (const { key, candidate, known } of contenders) {
      const own = scores.get(key) as ValidationScores;
      if (known !== undefined) continue;
      const isEstimate = own.dropped !== undefined && !own.broken;
      const lesson = isEstimate ? lessonOfDropped(own, selection.scores, selection.score) : lessonOf(own, worst);
      if (lesson.score !== null) this.optimizer.observe?.(candidate, means.get(key) ?? lesson.score, lesson.feedback);
    }
    return selection;
  }

  #best(
    keys: readonly string[],
    currentKey: string,
    means: ReadonlyMap<string, number | null>,
    scores: ReadonlyMap<string, ValidationScores>,
  ): Selection {
    const position = currentRun()?.position ?? "";
    // Current values that the network kept from being scored have not lost against anybody.
    const current = scores.get(currentKey) as ValidationScores;
    const isUnknown = means.get(currentKey) === null && !current.broken && current.dropped === undefined;
    let chosen: number | null = null;
    let bestKey = currentKey;
    const tell = (proposal: number | null, key: string): void => {
      const score = means.get(key) ?? null;
      this.events.emit(
        droppedEvent(position, proposal, scores.get(key)) ?? { type: "candidate-scored", position, proposal, score },
      );
    };
    tell(null, currentKey);
    for (const [proposal, key] of keys.entries()) {
      const score = means.get(key) ?? null;
      tell(proposal, key);
      if (!isUnknown && (score ?? Number.NEGATIVE_INFINITY) > (means.get(bestKey) ?? Number.NEGATIVE_INFINITY)) {
        chosen = proposal;
        bestKey = key;
      }
    }
    const score = means.get(bestKey) ?? null;
    this.events.emit({ type: "candidate-selected", position, proposal: chosen, score });
    return { chosen, score, current, scores: scores.get(bestKey) as ValidationScores };
  }
}

/** Whether every example could be scored; holes would follow the kept scores into every later comparison. */
function isComplete({ scores, broken, dropped }: ValidationScores): boolean {
  return dropped === undefined && (broken || scores.every((score) => score !== null));
}

function datasetOf<X, Info>(examples: DataLoader<X, Info> | Dataset<X, Info>): Dataset<X, Info> {
  return examples instanceof DataLoader ? examples.dataset : examples;
}

function droppedEvent(
  position: string,
  proposal: number | null,
  scored: ValidationScores | undefined,
): Extract<RunEvent, { readonly type: "candidate-dropped" }> | undefined {
  if (scored?.dropped === undefined) return undefined;
  const { reason, examples } = scored.dropped;
  const score = mean(examples.flatMap((example) => scored.scores[example] ?? []));
  return { type: "candidate-dropped", position, proposal, score, examples: examples.length, total: scored.scores.length, reason };
}

function checkRacing(racing: BasicSearchTrainOptions["racing"], guide: Guide): void {
  if (racing === undefined || racing === null) return;
  if (isPlainObject(racing)) checkOptions(racing, ["errorProbability"], "racing");
  const { errorProbability } = racing;
  if (!(typeof errorProbability === "number" && errorProbability > 0 && errorProbability < 1)) {
    throw new InvalidArgumentError(
      `Expected \`racing\` to be { errorProbability } with a number above 0 and below 1, got ${describeValue(racing)}`,
    );
  }
  if (guide.scoreRange === undefined) {
    throw new InvalidArgumentError(
      "Expected a guide that declares its `scoreRange` with `racing`, because what a score may be bounds who can win",
    );
  }
}

/** What a search keeps between steps. */
interface Search<X, Y, Info> extends Validation<X, Y, Info> {
  readonly numProposals: number;
  /** Whether the values before a step may be brought back after it. */
  readonly bringsBack: boolean;
  /** The scores of the agent's values before and after the last step, valid while it has exactly these. */
  kept: ReadonlyMap<string, ValidationScores>;
}

interface Selection {
  readonly chosen: number | null;
  readonly score: number | null;
  /** Of the values before. */
  readonly current: ValidationScores;
  /** Of the values chosen. */
  readonly scores: ValidationScores;
}
