/**
 * `TPE`: the optimizer that needs no language model. It searches parameters that declare a domain.
 *
 * @module
 */
import { canonicalJson, describeValue, isPlainObject, type JsonValue } from "../data/json.ts";
import { minimizesScore } from "../data/objectives.ts";
import { finiteNumber, numberWithin, type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable, checkValue, refuse } from "../data/options.ts";
import { Random, type Seed, seedRule } from "../data/random.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { ParameterOwner } from "../graph/parameter-names.ts";
import { currentRun } from "../graph/scope.ts";
import type { TraceGraph } from "../graph/trace-graph.ts";
import { type Candidate, currentCandidate, resolveCandidate } from "../graph/with-values.ts";
import { type HistoryView, Optimizer, type StepCalls, type Suggestion, type SuggestionRequest } from "./optimizer.ts";
import { summary } from "./problem/describe-variable.ts";
import { type Density, type Dimension, type Point, type Region, SearchSpace } from "./search-space.ts";
import { type Report, TrialRanking } from "./trial-ranking.ts";

/** Options of `TPE`. */
export interface TPEOptions {
  /** Decides all draws, together with the position of the proposal. @default 0 */
  readonly seed?: Seed | undefined;
  /** Observations before the model guides the search; until then proposals vary the best values at random. @default 10 */
  readonly startupTrials?: number | undefined;
  /** The share of observations that counts as good, above 0 and below 1; at most 25 do. @default 0.1 */
  readonly gamma?: number | undefined;
  /** Draws from the good values in each dimension, of which the most promising is taken. @default 8 */
  readonly candidatesPerStep?: number | undefined;
  /** The weight of the prior, in observations. @default 1 */
  readonly priorWeight?: number | undefined;
}

const tpeTable: OptionTable<TPEOptions> = {
  seed: seedRule,
  startupTrials: wholeFrom(1),
  gamma: numberWithin({ above: 0, below: 1 }),
  candidatesPerStep: wholeFrom(1),
  priorWeight: numberWithin({ above: 0 }),
};

/** What was reported of one configuration. */
interface Trial {
  readonly values: Candidate;
  /** Of its scores. */
  readonly mean: number;
  readonly count: number;
}

const mostGood = 25;
/** Exponent of the power law of block sizes; 1.5 is that of Doerr et al. 2017. */
const blockExponent = 1.5;
const attemptsAtNew = 20;

/** Trials that were taken over from the log of a history. */
interface Copied {
  readonly ranking: TrialRanking;
  /** How much of the log. */
  length: number;
}

/**
 * A Tree-structured Parzen Estimator (Bergstra, Bardenet, Bengio, Kégl 2011): the observed values are split into good
 * ones and the rest, a density is fitted to each, and values are drawn where good ones are likely and others are not.
 *
 * With many parameters a proposal keeps most of the values that it starts from and draws new ones only for a block of dimensions. The size of
 * the block follows a power law (Doerr, Le, Makhmara, Nguyen 2017, "Fast genetic algorithms"): mostly small steps, sometimes a large one. Every
 * element of a `subset` is a dimension of its own. It starts from the values that `propose` receives, or else from the best known ones. If
 * `propose` receives `others`, it first takes about as many parameters from each of them.
 *
 * It learns from the history of a search. Without one it learns from `observe(candidate, score)`, where higher is better; repeated observations
 * of the same values are averaged. Until the first `observe`, it learns from the scores of feedback, for the values that were current at that
 * time; afterwards it ignores these, because they were measured on other examples.
 *
 * A proposal costs the same however many trials there are: the best are kept in order, and all others are counted in cells.
 *
 * @example
 * const threshold = parameter(0.5, { domain: range(0, 1) });
 * const optimizer = new TPE([threshold], { seed: 1 });
 */
export class TPE extends Optimizer {
  readonly #space: SearchSpace;
  readonly #random: Random;
  readonly #startupTrials: number;
  readonly #gamma: number;
  readonly #candidatesPerStep: number;
  readonly #priorWeight: number;
  /** From `observe`. */
  #observed: ReportedTrials;
  /** From the scores of feedback, as the guide gives them. */
  #heard: ReportedTrials;
  /** By the scale of the history that they are from. */
  readonly #copied = new WeakMap<object, Copied>();
  readonly #places = new WeakMap<Candidate, Pick<Report, "key" | "point">>();
  /** Whether the last proposal was made from a history, so that what its search reports is known from there: also after a resume. */
  #readsHistory = false;

  /** @throws InvalidArgumentError when no trainable parameter has a domain, and for a bad option */
  constructor(parameters: ParameterOwner, options: TPEOptions = {}) {
    checkTable(options, tpeTable, "TPE", "");
    super(parameters);
    const { seed = 0, startupTrials = 10, gamma = 0.1, candidatesPerStep = 8, priorWeight = 1 } = options;
    this.#space = new SearchSpace(this.parameters);
    if (this.#space.dimensions.length === 0) {
      throw new InvalidArgumentError(
        `TPE searches parameters that declare a domain, and none of ${[...this.parameters.keys()].join(", ")} does. ` +
          "Declare one: parameter(0.5, { domain: range(0, 1) }), or choices([…]), or subset([…])",
      );
    }
    this.#random = new Random(seed);
    this.#startupTrials = startupTrials;
    this.#gamma = gamma;
    this.#candidatesPerStep = candidatesPerStep;
    this.#priorWeight = priorWeight;
    this.#observed = new ReportedTrials(this.#space);
    this.#heard = new ReportedTrials(this.#space);
  }

  /** The mean score counts for the values that the outputs were computed from, whatever the parameters hold by now. */
  protected override feedbackArrived(graph: TraceGraph): void {
    const { score } = summary(graph);
    if (score === null) return;
    const read = [...this.parameters].filter(([, parameter]) => graph.parameters.includes(parameter));
    const values = read.map(([name, parameter]) => [name, graph.valueOf(parameter) as JsonValue]);
    this.#heard.record({ ...currentCandidate(this), ...Object.fromEntries(values) }, score);
  }

  /** @throws InvalidArgumentError for a score that is not finite, an unknown name or a value outside its domain */
  override observe(candidate: Candidate, score: number): void {
    resolveCandidate(this, candidate);
    checkValue(score, finiteNumber, "`score`");
    const isKnown = this.#readsHistory && currentRun() !== undefined;
    if (!isKnown) this.#observed.record({ ...currentCandidate(this), ...candidate }, score);
  }

  /** It asks no language model. */
  override expectedCalls(): StepCalls {
    return { proposal: [] };
  }

  override settings(): Readonly<Record<string, JsonValue>> {
    return {
      seed: this.#random.seed,
      startupTrials: this.#startupTrials,
      gamma: this.#gamma,
      candidatesPerStep: this.#candidatesPerStep,
      priorWeight: this.#priorWeight,
    };
  }

  override state(): JsonValue {
    const state = { ...(super.state() as Record<string, JsonValue>), told: this.#observed.dump(), heard: this.#heard.dump() };
    return this.#readsHistory ? { ...state, readsHistory: true } : state;
  }

  override forgetScores(): void {
    this.#observed = new ReportedTrials(this.#space);
    this.#heard = new ReportedTrials(this.#space);
  }

  /** @throws InvalidArgumentError for a state of another kind, or a trial that does not fit the parameters; nothing is changed then */
  override restore(state: JsonValue): void {
    if (!isPlainObject(state) || !Array.isArray(state.told) || !Array.isArray(state.heard)) {
      throw new InvalidArgumentError(`Expected the state of a TPE optimizer, got ${describeValue(state)}`);
    }
    const observed = state.told.map((trial) => checkedTrial(this, trial));
    const heard = state.heard.map((trial) => checkedTrial(this, trial));
    super.restore(state as JsonValue);
    this.#readsHistory = state.readsHistory === true;
    this.#observed = new ReportedTrials(this.#space, observed);
    this.#heard = new ReportedTrials(this.#space, heard);
  }

  protected suggest({ position, attempt, from, others = [], parameters, history, comparedBy }: SuggestionRequest): Suggestion {
    const random = this.#random.fork(`${position === "" ? "step" : position}/attempt/${attempt}`);
    const values = currentCandidate(this);
    const current = this.#space.encode(values);
    this.#readsHistory = history !== undefined;
    const heard = minimizesScore(comparedBy) ? this.#heard.turned() : this.#heard;
    const reported = this.#observed.size > 0 ? this.#observed : heard;
    const trials = history === undefined ? reported.ranking : this.#trialsOf(history);
    const best = from === undefined ? trials.best(1)[0]?.point : undefined;
    const mates = others.map((other) => this.#space.encode({ ...values, ...other }));
    const draw = this.#sampler(trials);
    const free = this.#space.regions.filter(({ name }) => parameters.has(name));
    if (free.length === 0) return { values: new Map() };
    const indices = free.flatMap(({ start, dimensions }) => dimensions.map((_, index) => start + index));
    const fixed = new Map(current.map((value, index) => [index, value]));
    for (const index of indices) fixed.delete(index);
    // What may not change is as it is.
    const base = (best ?? current).map((value, index) => fixed.get(index) ?? value);
    let candidate: Candidate = {};
    for (let number = 0; number < attemptsAtNew; number++) {
      const stream = random.fork(`draw/${number}`);
      const start = mates.length === 0 ? base : crossed([base, ...mates], free, stream);
      candidate = this.#space.decode(vary(start, indices, draw, stream), stream);
      const point = this.#space.encode(candidate);
      if (!trials.isTried(point) && String(point) !== String(current)) break;
    }
    return { values: new Map(free.map(({ name }) => [name, candidate[name]])) };
  }

  /** The trials of a history. Of its log only what is new is read. */
  #trialsOf({ log }: HistoryView): TrialRanking {
    const known = this.#copied.get(log.scale);
    const isAhead = known !== undefined && known.length > log.length;
    const copied = known === undefined || isAhead ? { ranking: new TrialRanking(this.#space.dimensions), length: 0 } : known;
    if (!isAhead) this.#copied.set(log.scale, copied);
    if (copied.length < log.length) {
      const reports = log.from(copied.length).map(({ values, score, estimate = null }) => {
        return { ...this.#placeOf(values), score: score ?? estimate };
      });
      copied.ranking.report(reports);
      copied.length = log.length;
    }
    return copied.ranking;
  }

  #placeOf(values: Candidate): Pick<Report, "key" | "point"> {
    const place = this.#places.get(values) ?? { key: canonicalJson(values), point: this.#space.encode(values) };
    this.#places.set(values, place);
    return place;
  }

  /** Draws a value in a dimension: from the prior at first, then where good values are likelier than others. */
  #sampler(trials: TrialRanking): Draw {
    const { dimensions } = this.#space;
    const isModelled = trials.size >= this.#startupTrials;
    const numGood = isModelled ? Math.min(mostGood, Math.max(1, Math.ceil(this.#gamma * trials.size))) : 0;
    const best = trials.best(numGood);
    const fitted = new Map<number, { readonly good: Density; readonly others: Density }>();
    const densitiesOf = (index: number): { readonly good: Density; readonly others: Density } => {
      const known = fitted.get(index);
      if (known !== undefined) return known;
      const dimension = dimensions[index] as Dimension;
      const good = best.map(({ point }) => ({ value: point[index] as number, count: 1 }));
      const densities = {
        good: dimension.fit(good, this.#priorWeight),
        others: dimension.fit(isModelled ? trials.others(index, numGood) : [], this.#priorWeight),
      };
      fitted.set(index, densities);
      return densities;
    };
    return (index, random) => {
      const { good, others } = densitiesOf(index);
      const { snap } = dimensions[index] as Dimension;
      if (!isModelled) return snap(good.draw(random));
      const draws = Array.from({ length: this.#candidatesPerStep }, () => snap(good.draw(random)));
      // Expected improvement grows with l(x) / g(x) (equation 4 of the paper). Taken in proportion to it rather than
      // always the largest, because several proposals are made from the same trials and must not be all alike.
      const ratios = draws.map((value) => Math.exp(good.logOf(value) - others.logOf(value)));
      return draws[random.weightedIndex(ratios)] as number;
    };
  }
}

type Draw = (dimension: number, random: Random) => number;

/** `base` with new values in a random block of those dimensions that may change. */
function vary(base: Point, free: readonly number[], draw: Draw, random: Random): Point {
  const sizes = free.map((_, index) => (index + 1) ** -blockExponent);
  const block = random.sample(free, random.weightedIndex(sizes) + 1);
  const point = [...base];
  for (const index of block.sort((a, b) => a - b)) point[index] = draw(index, random);
  return point;
}

/** The first of some points, with each parameter that may change from any of them, each as likely. */
function crossed(points: readonly Point[], free: readonly Region[], random: Random): Point {
  const point = [...(points[0] as Point)];
  for (const { start, dimensions } of free) {
    const other = random.choice(points);
    for (let index = start; index < start + dimensions.length; index++) point[index] = other[index] as number;
  }
  return point;
}

/** Trials that were reported one by one, several of the same values as their mean. */
class ReportedTrials {
  readonly ranking: TrialRanking;
  readonly #space: SearchSpace;
  /** By canonical values, in order of the latest report. */
  readonly #trials = new Map<string, Trial>();

  constructor(space: SearchSpace, trials: readonly Trial[] = []) {
    this.#space = space;
    this.ranking = new TrialRanking(space.dimensions);
    for (const trial of trials) this.#trials.set(canonicalJson(trial.values), trial);
    this.ranking.report([...this.#trials].map(([key, { values, mean }]) => ({ key, point: space.encode(values), score: mean })));
  }

  get size(): number {
    return this.#trials.size;
  }

  record(values: Candidate, score: number): void {
    const key = canonicalJson(values);
    const before = this.#trials.get(key) ?? { mean: 0, count: 0 };
    const count = before.count + 1;
    // Scores may be so large that their sum is not finite.
    const mean = before.mean * (before.count / count) + score / count;
    this.#trials.delete(key);
    this.#trials.set(key, { values, mean, count });
    this.ranking.report([{ key, point: this.#space.encode(values), score: mean }]);
  }

  /** The same trials with the opposite order: of scores of which less is better. */
  turned(): ReportedTrials {
    return new ReportedTrials(
      this.#space,
      [...this.#trials.values()].map((trial) => ({ ...trial, mean: 0 - trial.mean })),
    );
  }

  dump(): JsonValue {
    return [...this.#trials.values()].map(({ values, mean, count }) => ({ values, mean, count }));
  }
}

/** A trial as `observe` would have made it: every parameter named, every value allowed, a finite mean of some scores. */
function checkedTrial(owner: TPE, trial: unknown): Trial {
  const { values, mean, count } = (isPlainObject(trial) ? trial : {}) as Partial<Record<keyof Trial, unknown>>;
  if (!isPlainObject(values) || !Number.isFinite(mean) || !Number.isSafeInteger(count) || (count as number) < 1) {
    refuse("`trial`", "an object with values, a finite mean and a count of at least 1", trial);
  }
  resolveCandidate(owner, values as Candidate);
  const missing = [...owner.parameters.keys()].filter((name) => !Object.hasOwn(values, name));
  if (missing.length > 0) refuse("`trial`", `one with a value for ${missing.join(", ")}`, trial);
  return { values: values as Candidate, mean: mean as number, count: count as number };
}
