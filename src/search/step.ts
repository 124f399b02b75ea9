/**
 * `SearchStep`: one iteration of a search, with everything that its verbs cost.
 *
 * @module
 */

import { type Cell, isCovered } from "../data/comparison.ts";
import type { Dataset } from "../data/dataset.ts";
import { isByScore, isByScoreAlone, type ObjectiveConfig, toldScore } from "../data/objectives.ts";
import { Random } from "../data/random.ts";
import { mean, type Scores } from "../data/scores.ts";
import { InvalidArgumentError, NoProposalError } from "../errors.ts";
import type { Parameter } from "../graph/parameter.ts";
import { currentPosition, currentRun } from "../graph/scope.ts";
import { type Candidate, resolveCandidate } from "../graph/with-values.ts";
import type { Guide } from "../guides/guide.ts";
import type { HistoryView } from "../optimizers/optimizer.ts";
import type { KnownScore } from "../trainer/evaluate.ts";
import { emitRunEvent } from "../trainer/event-stream.ts";
import { batchPlaces } from "./batch-places.ts";
import type { CompareOptions } from "./compare.ts";
import { type WorkedExample, workedExamples } from "./demonstrations.ts";
import { Forwards } from "./forwards.ts";
import { currentIteration } from "./iteration-services.ts";
import { measuredEvent, type PlacedTrial } from "./measured-event.ts";
import type { Names } from "./names.ts";
import { proposalsFrom } from "./proposals-from.ts";
import { type Proposal, propose } from "./propose.ts";
import { reportComparison } from "./report-comparison.ts";
import { scoreCandidates } from "./score-candidates.ts";
import type {
  Archive,
  Drop,
  Entry,
  ForwardOutput,
  ParameterRules,
  ProposeOptions,
  Sample,
  SearchDataset,
  SearchExample,
  SearchPolicy,
  Step,
} from "./search.ts";
import { allExamples, type StepParts } from "./step-parts.ts";
import { knownScores } from "./validated-candidates.ts";

/** One iteration. */
export class SearchStep<X = unknown, Y = unknown, Info = unknown, Output = unknown> implements Step<Output> {
  readonly iteration: number;
  readonly current: Entry;
  readonly batch: Sample;
  readonly validation: Sample;
  readonly random: Random;
  readonly scoreRange: Step["scoreRange"];
  readonly #parts: StepParts<X, Y, Info, Output>;
  readonly #names: Names;
  readonly #forwards: Forwards<X, Y, Info, Output>;
  #numScores = 0;
  #numProposals = 0;
  /** What the candidates of the last scoring came to. */
  #scores: ReadonlyMap<Entry, number | null> = new Map();
  #isSelected = false;

  constructor(parts: StepParts<X, Y, Info, Output>, at: Pick<Step, "iteration" | "current" | "batch">) {
    this.iteration = at.iteration;
    this.current = at.current;
    this.batch = at.batch;
    this.validation = { dataset: "validate", examples: allExamples(parts.scoring.validate.dataset) };
    this.random = new Random(parts.seed, "search").fork(`iteration/${at.iteration}`);
    this.scoreRange = parts.scoring.train.scoreRange;
    this.#parts = parts;
    this.#forwards = new Forwards(parts, this.current, (...trials) => this.#note(...trials));
    this.#names = parts.names;
  }

  /** Rollouts with feedback that could not be scored. */
  get unscored(): number {
    return this.#forwards.unscored;
  }

  /** The mean score of the first candidate that was run with feedback. */
  get batchScore(): number | null {
    return mean(this.#forwards.cells.filter((cell) => typeof cell === "number"));
  }

  /** The policy that this is a step of. */
  get policy(): Pick<SearchPolicy, "name" | "settings"> {
    return this.#parts.policy;
  }

  /** Which scores the optimizer learns from. */
  get observes(): SearchDataset {
    return this.#parts.observes;
  }

  get archive(): Archive {
    return this.#parts.archive;
  }

  get objective(): ObjectiveConfig {
    return this.#parts.archive.objective;
  }

  /** The worst value of each metric that any candidate has had on the train dataset. */
  get worst(): CompareOptions["worst"] {
    return this.#parts.archive.optionsOf("train").worst;
  }

  get parameters(): readonly string[] {
    return this.#names.paths;
  }

  data({ dataset, examples }: Sample): readonly SearchExample[] {
    return examples.map((example) => this.#parts.scoring[dataset].dataset[example] as Dataset<X, Info>[number]);
  }

  rulesOf(path: string): ParameterRules {
    const parameter = this.#parameter(path);
    return { domain: parameter.domain, problems: (value) => parameter.problems(value) };
  }

  workedExamples({ output }: ForwardOutput<Output>, path: string): readonly WorkedExample[] {
    const answer = this.#parts.hooks.answerOf?.(output);
    return answer === undefined ? [] : workedExamples(answer, this.#parameter(path));
  }

  reached(outputs: readonly ForwardOutput<Output>[]): readonly string[] {
    const { optimizer, hooks } = this.#parts;
    if (!optimizer.learnsFromFeedback || outputs.length === 0) return this.parameters;
    const batch = outputs.map(({ output }) => output);
    const graph = hooks.graphOf(optimizer, batch);
    return this.parameters.filter((path) => graph.parameters.includes(this.#parameter(path)));
  }

  #parameter(path: string): Parameter {
    return this.#parts.agent.namedParameters().get(path) as Parameter;
  }

  async forward(parents: readonly Entry[], on: Sample = this.batch): Promise<readonly ForwardOutput<Output>[]> {
    return (await this.#forwards.run(parents, on)).flat();
  }

  get history(): HistoryView {
    return this.#parts.history.asOf(this.current);
  }

  async propose(parents: readonly Entry[], options: ProposeOptions = {}): Promise<readonly Entry[]> {
    const { on = this.batch, optimizer: name, origin } = options;
    const { optimizer, hooks, archive, failedProposals } = this.#parts;
    if (name !== undefined && name !== optimizer.constructor.name) {
      throw new InvalidArgumentError(`This run has the optimizer ${optimizer.constructor.name}, not "${name}"`);
    }
    const forwarded = await this.#forwards.run(parents, on);
    const batches = forwarded.map((outputs) => outputs.map(({ output }) => output));
    // The best score there is may still cost less.
    const perfect = batches.map((outputs) =>
      isByScoreAlone(archive.objective) ? hooks.perfectScore?.(optimizer, outputs) : undefined,
    );
    for (const score of perfect)
      if (score !== undefined) emitRunEvent({ type: "update-skipped", iteration: this.iteration, score });
    const basis = { perfect, forwarded, history: this.history };
    const proposals = proposalsFrom(parents, options, this.#parts, basis);
    try {
      const children = await this.collect(proposals, origin ?? optimizer.constructor.name);
      if (perfect.includes(undefined)) failedProposals.succeeded();
      return children;
    } catch (error) {
      if (!(error instanceof NoProposalError)) throw error;
      failedProposals.failed(error);
      return proposals.map((proposal) => proposal.parents[0] as Entry);
    }
  }

  /** Has proposals made concurrently, each under its number, and adds what comes of them in order. */
  async collect(proposals: readonly Proposal[], origin: string): Promise<readonly Entry[]> {
    const first = this.#numProposals;
    this.#numProposals += proposals.length;
    const made = await propose(proposals, { pool: this.#parts.pool, first });
    return made.map(({ values, reasoning }, index) => {
      const { parents } = proposals[index] as Proposal;
      return this.#register(this.#names.toAgent(values), { parents, origin, reasoning }, first + index);
    });
  }

  add(values: Candidate, parents: readonly Entry[], origin: string = this.policy.name): Entry {
    resolveCandidate(this.#parts.agent, values);
    const known = this.#parts.archive.find(this.#whole(values, parents));
    return known ?? this.#register(values, { parents, origin }, this.#numProposals++);
  }

  async score(entries: readonly Entry[], on: Sample, drop?: Drop): Promise<void> {
    const { agent, archive, scoring, pool, seed } = this.#parts;
    const number = this.#numScores++;
    const label = `${on.dataset === "validate" ? "validate" : "score"}${number === 0 ? "" : `-${number}`}`;
    const different = [...new Set(entries)];
    const { scoreRange, ...others } = scoring[on.dataset];
    // What bounds a score does not bound a sum of metrics.
    const bounded = isByScore(archive.objective) ? { ...others, scoreRange } : others;
    const options = { agent, archive, scoring: bounded, drop, seed, pool, label, signal: currentRun()?.signal };
    const scored = await scoreCandidates(different, on, options);
    for (const [index, { trials }] of scored.entries()) this.#note(different[index] as Entry, on.dataset, trials);
    const { optimizer, observes, isHeldOut } = this.#parts;
    this.#scores = reportComparison({ archive, optimizer, names: this.#names, observes, isHeldOut }, different, scored, on);
  }

  /** The training guide. */
  get guide(): Guide<X, Y, Info> {
    return this.#parts.scoring.train.guide;
  }

  /** The examples of the train dataset that some outputs are of. */
  examples(
    outputs: readonly { readonly example: number }[] = this.batch.examples.map((example) => ({ example })),
  ): Dataset<X, Info> {
    return outputs.map(({ example }) => this.#parts.scoring.train.dataset[example] as Dataset<X, Info>[number]);
  }

  /** Where examples are in the batch, in its order, by the training guide; `undefined` of others. */
  indicesOf(examples: Dataset<X, Info>, guide: Guide<X, Y, Info>): readonly number[] | undefined {
    if (guide !== this.guide) return undefined;
    return batchPlaces(this.batch.examples, this.#parts.scoring.train.dataset, examples);
  }

  /** Whether enough of the batch was scored to compare by. */
  isCovered(outputs: readonly unknown[]): boolean {
    const total = this.batch.examples.length;
    return isCovered({ scored: outputs.length, failed: 0, unscored: total - outputs.length, total });
  }

  /** How the current values did on the batch, example by example. */
  currentCells(): readonly Cell[] {
    return this.#forwards.cells;
  }

  /** The further metrics of the same. */
  currentMetrics(): readonly (Scores | undefined)[] {
    return this.#forwards.metrics;
  }

  /** What an entry scored on examples of the train dataset, where the validation data are the same, by the same guide. */
  knownScores(entry: Entry, outputs: readonly { readonly example: number }[]): readonly (KnownScore | null)[] | undefined {
    const { agent, archive, scoring } = this.#parts;
    const { train, validate } = scoring;
    if (train.dataset !== validate.dataset || train.guide !== validate.guide) return undefined;
    // One random sample does not stand for several.
    if ((currentIteration()?.numEvalSamples ?? 1) > 1 && !agent.deterministic) return undefined;
    const { scores } = knownScores(archive, entry, validate);
    return outputs.map(({ example }) => scores[example] ?? null);
  }

  /** The values of an entry by the optimizer's names. */
  forOptimizer(entry: Entry): Candidate {
    return this.#names.toOptimizer(entry.values);
  }

  /** Reports, once, which candidate was chosen of those that were scored. @returns what it scored */
  select(entry: Entry): number | null {
    const score = this.#scores.get(entry) ?? null;
    if (this.#scores.size === 0 || this.#isSelected) return score;
    this.#isSelected = true;
    emitRunEvent({
      type: "candidate-selected",
      position: currentPosition(),
      candidate: entry.id,
      changed: entry !== this.current,
      score: toldScore(score, this.objective),
    });
    return score;
  }

  /** All values of a candidate; those that are not named are those of the first parent. */
  #whole(values: Candidate, parents: readonly Entry[]): Candidate {
    return { ...(parents[0] ?? this.current).values, ...values };
  }

  /** Adds a candidate. */
  #register(values: Candidate, { parents, origin, reasoning }: Origin, number: number): Entry {
    const position = currentPosition();
    const id = `${position}/proposal/${number}`;
    const about = {
      parents: parents.map((parent) => parent.id),
      origin,
      values: this.#whole(values, parents),
      ...(reasoning !== undefined && { reasoning }),
    };
    const entry = this.#parts.archive.add({ id, ...about });
    emitRunEvent({ type: "candidate-proposed", position: id, candidate: entry.id, ...about });
    return entry;
  }

  #note(entry: Entry, dataset: SearchDataset, trials: readonly PlacedTrial[]): void {
    if (trials.length === 0) return;
    const event = measuredEvent({ position: currentPosition(), candidate: entry.id, dataset }, trials);
    this.#parts.archive.fold(event);
    emitRunEvent(event);
  }
}

/** Where a candidate comes from. */
type Origin = Pick<Entry, "origin"> & { readonly parents: readonly Entry[]; readonly reasoning?: string | undefined };
