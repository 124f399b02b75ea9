/**
 * `SearchStep`: one iteration of a search, with everything that its verbs cost.
 *
 * @module
 */

import { type Cell, isCovered } from "../data/comparison.ts";
import type { Dataset } from "../data/dataset.ts";
import type { JsonValue } from "../data/json.ts";
import { isByScore, type ObjectiveConfig } from "../data/objectives.ts";
import { Random } from "../data/random.ts";
import { mean, type Scores } from "../data/scores.ts";
import { InvalidArgumentError, NoProposalError } from "../errors.ts";
import { currentPosition, currentRun, emitEvent } from "../graph/scope.ts";
import { type Candidate, resolveCandidate } from "../graph/with-values.ts";
import type { Guide } from "../guides/guide.ts";
import type { HistoryView } from "../optimizers/optimizer.ts";
import type { KnownScore } from "../trainer/evaluate.ts";
import type { RunEvent } from "../trainer/events.ts";
import { type Compared, type CompareOptions, describeShortfall } from "./compare.ts";
import { Forwards } from "./forwards.ts";
import { currentIteration } from "./iteration-services.ts";
import { measuredEvent, type PlacedTrial } from "./measured-event.ts";
import type { Names } from "./names.ts";
import { type Proposal, propose } from "./propose.ts";
import { lessonOf, reportScore } from "./report-score.ts";
import { severalOf } from "./run-progress.ts";
import { type ScoredCandidate, scoreCandidates } from "./score-candidates.ts";
import type { Archive, Drop, Entry, ForwardOutput, ProposeOptions, Sample, SearchDataset, SearchPolicy, Step } from "./search.ts";
import { allExamples, type StepParts } from "./step-parts.ts";
import { knownScores } from "./validated.ts";

/** One iteration. */
export class SearchStep<X = unknown, Y = unknown, Info = unknown, Output = unknown> implements Step<Output> {
  readonly iteration: number;
  readonly current: Entry;
  readonly batch: Sample;
  readonly validation: Sample;
  readonly random: Random;
  readonly #parts: StepParts<X, Y, Info, Output>;
  readonly #names: Names;
  readonly #forwards: Forwards<X, Y, Info, Output>;
  #numScores = 0;
  #numProposals = 0;
  /** What the candidates of the last scoring came to. */
  #scores = new Map<Entry, number | null>();
  #isSelected = false;

  constructor(parts: StepParts<X, Y, Info, Output>, at: Pick<Step, "iteration" | "current" | "batch">) {
    this.iteration = at.iteration;
    this.current = at.current;
    this.batch = at.batch;
    this.validation = { dataset: "validate", examples: allExamples(parts.scoring.validate.dataset) };
    this.random = new Random(parts.seed, "search").fork(`iteration/${at.iteration}`);
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
    const { cells } = this.#forwards;
    return mean(cells.filter((cell) => typeof cell === "number"));
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

  async forward(parents: readonly Entry[], on: Sample = this.batch): Promise<readonly ForwardOutput<Output>[]> {
    return (await this.#forwards.run(parents, on)).flat();
  }

  get history(): HistoryView {
    return this.#parts.history.asOf(this.current);
  }

  async propose(parents: readonly Entry[], options: ProposeOptions = {}): Promise<readonly Entry[]> {
    const { count = 1, on = this.batch, parameters, advice, optimizer: name } = options;
    const { optimizer, hooks, verbose, archive, failedProposals } = this.#parts;
    if (name !== undefined && name !== optimizer.constructor.name) {
      throw new InvalidArgumentError(`This run has the optimizer ${optimizer.constructor.name}, not "${name}"`);
    }
    const forwarded = await this.#forwards.run(parents, on);
    const batches = forwarded.map((outputs) => outputs.map(({ output }) => output));
    // The best score there is may still cost less.
    const perfect = batches.map((outputs) =>
      isByScore(archive.objective) ? hooks.perfectScore?.(optimizer, outputs) : undefined,
    );
    for (const score of perfect) if (score !== undefined) emit({ type: "update-skipped", iteration: this.iteration, score });
    const names = parameters && this.#names.namesOf(parameters);
    const common = { parameters: names, advice, history: this.history, scoreMeaning: this.guide.meaning };
    const makerOf = (parent: Entry, outputs: readonly Output[]): Proposal["make"] => {
      const [from, graph] = [this.#names.toOptimizer(parent.values), hooks.graphOf(optimizer, outputs)];
      const request = { ...common, from, graph, verbose: verbose ? ("output" as const) : false };
      return async (label, onReasoning) => {
        return optimizer.propose({ ...request, label, onReasoning, signal: currentRun()?.signal });
      };
    };
    const proposals = parents.flatMap((parent, index): Proposal[] => {
      const make = perfect[index] === undefined ? makerOf(parent, batches[index] ?? []) : async () => ({});
      return Array.from({ length: count }, () => ({ parents: [parent], make }));
    });
    try {
      const children = await this.collect(proposals, optimizer.constructor.name);
      if (perfect.includes(undefined)) failedProposals.succeeded();
      return children;
    } catch (error) {
      if (!(error instanceof NoProposalError)) throw error;
      failedProposals.failed(error);
      return proposals.flatMap((proposal) => proposal.parents);
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
    if (known !== undefined) return known;
    return this.#register(values, { parents, origin }, this.#numProposals++);
  }

  async score(entries: readonly Entry[], on: Sample, drop?: Drop): Promise<void> {
    const { agent, archive, scoring, pool, seed } = this.#parts;
    const number = this.#numScores++;
    const label = `${on.dataset === "validate" ? "validate" : "score"}${number === 0 ? "" : `-${number}`}`;
    const different = [...new Set(entries)];
    const { signal } = currentRun() ?? {};
    const { scoreRange, ...others } = scoring[on.dataset];
    // What bounds a score does not bound a sum of metrics.
    const bounded = isByScore(archive.objective) ? { ...others, scoreRange } : others;
    const options = { agent, archive, scoring: bounded, drop, seed, pool, label, signal };
    const scored = await scoreCandidates(different, on, options);
    for (const [index, { trials }] of scored.entries()) this.#note(different[index] as Entry, on.dataset, trials);
    this.#report(different, scored, on);
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
    const { dataset } = this.#parts.scoring.train;
    let next = 0;
    const indices = this.batch.examples.filter((index) => {
      const [own, given] = [dataset[index], examples[next]];
      const isMatch = given !== undefined && own?.input === given.input && own?.info === given.info;
      if (isMatch) next++;
      return isMatch;
    });
    return indices.length === examples.length ? indices : undefined;
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
    emit({
      type: "candidate-selected",
      position: currentPosition(),
      candidate: entry.id,
      changed: entry !== this.current,
      score,
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
    emit({ type: "candidate-proposed", position: id, candidate: entry.id, ...about });
    return entry;
  }

  #note(entry: Entry, dataset: SearchDataset, trials: readonly PlacedTrial[]): void {
    if (trials.length === 0) return;
    const event = measuredEvent({ position: currentPosition(), candidate: entry.id, dataset }, trials);
    this.#parts.archive.fold(event);
    emit(event);
  }

  /** Reports what the candidates came to, and has the optimizer learn from it. */
  #report(entries: readonly Entry[], scored: readonly ScoredCandidate[], on: Sample): void {
    const { archive, optimizer, observes } = this.#parts;
    const position = currentPosition();
    const compared = archive.compared(entries, on);
    const scores = compared.map(({ score }) => score);
    this.#scores = new Map(entries.map((entry, index) => [entry, scores[index] ?? null]));
    for (const [index, entry] of entries.entries()) {
      const { dropped, trials } = scored[index] as ScoredCandidate;
      const { counts } = compared[index] as Compared;
      const { total } = counts;
      const examples = counts.scored + counts.failed;
      const about = { position, candidate: entry.id, examples, total };
      const score = scores[index] ?? null;
      const metrics = severalOf((compared[index] as Compared).means);
      if (dropped === undefined) emit({ type: "candidate-scored", ...about, score, ...metrics });
      else emit({ type: "candidate-dropped", ...about, score: archive.mean(entry, on)?.score ?? null, reason: dropped.reason });
      const shortfall = describeShortfall(entry.id, compared[index] as Compared, index === 0);
      if (shortfall !== undefined) emit({ type: "warning", message: shortfall });
      if (trials.length === 0 || on.dataset !== observes) continue;
      const lesson = lessonOf(archive, { entries, scores, on }, entry, dropped);
      if (lesson.score === null) continue;
      reportScore(optimizer, this.#names.toOptimizer(entry.values), lesson.score, lesson.feedback);
    }
  }
}

/** Where a candidate comes from. */
type Origin = Pick<Entry, "origin"> & { readonly parents: readonly Entry[]; readonly reasoning?: string | undefined };

function emit(event: RunEvent): void {
  emitEvent(event as { readonly type: string } & { readonly [key: string]: JsonValue | undefined });
}
