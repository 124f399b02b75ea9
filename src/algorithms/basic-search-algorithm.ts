/**
 * `BasicSearchAlgorithm`: several proposals for each batch; the one that scores best on validation data is kept.
 *
 * @module
 */

import { DataLoader } from "../data/data-loader.ts";
import { type Dataset, type DatasetLike, toDataset } from "../data/dataset.ts";
import { canonicalJson, type JsonValue } from "../data/json.ts";
import { InfrastructureError, isInfrastructureError, isSetUpError, StopError } from "../errors.ts";
import { currentRun, emitEvent, forkEvents, withEvents } from "../graph/scope.ts";
import { type Candidate, currentCandidate } from "../graph/with-values.ts";
import { type Guide, type GuideLike, toGuide } from "../guides/guide.ts";
import type { TrainDataset } from "../trainer/trainer.ts";
import { MinibatchAlgorithm, type OptimizerStepOptions } from "./minibatch-algorithm.ts";
import type { IdentityPart } from "./run-identity.ts";
import { type MinibatchTrainOptions, wholeNumber } from "./train-options.ts";
import type { TrainResult } from "./train-result.ts";
import { comparableMeans, lessonOf, type ValidationScores, validateCandidates, worstScore } from "./validation.ts";

/** Options of `BasicSearchAlgorithm.train`. */
export interface BasicSearchTrainOptions<X = unknown, Y = unknown, Info = unknown> extends MinibatchTrainOptions<X, Info> {
  /** What proposals are compared on. @default the train dataset */
  readonly validateDataset?: DatasetLike<X, Info> | null | undefined;
  /** Scores the answers on it. @default the training guide */
  readonly validateGuide?: GuideLike<X, Y, Info> | null | undefined;
  /** Proposals for each batch. @default 4 */
  readonly numProposals?: number | undefined;
}

/**
 * Asks the optimizer for several proposals at each step, validates all of them and the current values at once on the
 * same agent, and keeps the best: highest mean, ties go to the current values, then to the earliest proposal.
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
    const { validateDataset, validateGuide, numProposals = 4, ...rest } = options;
    wholeNumber("numProposals", numProposals, 1);
    const dataset = validateDataset ?? (trainDataset instanceof DataLoader ? trainDataset.dataset : trainDataset);
    this.#search = {
      dataset: toDataset(dataset, validateDataset ? "validateDataset" : "trainDataset"),
      guide: toGuide(validateGuide ?? guide),
      numProposals,
      minScore: rest.minScore ?? null,
      kept: new Map(),
    };
    return super.train(guide, trainDataset, rest);
  }

  protected override identity(): IdentityPart {
    if (this.#search === undefined) return {};
    const { numProposals, dataset } = this.#search;
    return { options: { numProposals }, datasets: { validate: dataset } };
  }

  protected override state(): JsonValue {
    return [...(this.#search?.kept ?? [])].map(([values, scores]) => ({ values, scores: { ...scores } }));
  }

  protected override restore(state: JsonValue): void {
    if (this.#search === undefined) return;
    const kept = state as unknown as readonly { readonly values: string; readonly scores: ValidationScores }[];
    this.#search.kept = new Map(kept.map(({ values, scores }) => [values, scores]));
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
    const toValidate = [...different].filter(([key]) => key !== currentKey || kept === undefined);
    const validated = await validateCandidates(
      this.agent,
      this.optimizer,
      toValidate.map(([, candidate]) => candidate),
      search,
      { pool: this.pool(options.numThreads), signal: currentRun()?.signal },
    );
    const scores = new Map<string, ValidationScores>(
      toValidate.map(([key], index) => [key, validated[index] as ValidationScores]),
    );
    if (kept !== undefined) scores.set(currentKey, kept);
    const means = comparableMeans(scores);
    const worst = worstScore(scores.values());
    for (const [key, candidate] of toValidate) {
      const lesson = lessonOf(scores.get(key) as ValidationScores, worst);
      if (lesson.score !== null) this.optimizer.observe?.(candidate, means.get(key) ?? lesson.score, lesson.feedback);
    }
    return this.#best(proposals.map(keyOf), currentKey, means, scores);
  }

  #best(
    keys: readonly string[],
    currentKey: string,
    means: ReadonlyMap<string, number | null>,
    scores: ReadonlyMap<string, ValidationScores>,
  ): Selection {
    const position = currentRun()?.position ?? "";
    // Current values that the network kept from being scored have not lost against anybody.
    const isUnknown = means.get(currentKey) === null && scores.get(currentKey)?.broken === false;
    let chosen: number | null = null;
    let bestKey = currentKey;
    this.events.emit({ type: "candidate-scored", position, proposal: null, score: means.get(currentKey) ?? null });
    for (const [proposal, key] of keys.entries()) {
      const score = means.get(key) ?? null;
      this.events.emit({ type: "candidate-scored", position, proposal, score });
      if (!isUnknown && (score ?? Number.NEGATIVE_INFINITY) > (means.get(bestKey) ?? Number.NEGATIVE_INFINITY)) {
        chosen = proposal;
        bestKey = key;
      }
    }
    const score = means.get(bestKey) ?? null;
    this.events.emit({ type: "candidate-selected", position, proposal: chosen, score });
    const [current, best] = [scores.get(currentKey), scores.get(bestKey)] as [ValidationScores, ValidationScores];
    return { chosen, score, current, scores: best };
  }
}

/** Whether every example could be scored; holes would follow the kept scores into every later comparison. */
function isComplete({ scores, broken }: ValidationScores): boolean {
  return broken || scores.every((score) => score !== null);
}

/** What a search keeps between steps. */
interface Search<X, Y, Info> {
  readonly dataset: Dataset<X, Info>;
  readonly guide: Guide<X, Y, Info>;
  readonly numProposals: number;
  readonly minScore: number | null;
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
