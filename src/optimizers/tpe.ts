/**
 * `TPE`: the optimizer that needs no language model. It searches parameters that declare a domain.
 *
 * @module
 */
import { canonicalJson, describeValue, isPlainObject, type JsonValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { isSeed, Random, type Seed } from "../data/random.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { ParameterOwner } from "../graph/parameter-names.ts";
import type { TraceGraph } from "../graph/trace-graph.ts";
import { type Candidate, currentCandidate, resolveCandidate } from "../graph/with-values.ts";
import { Optimizer, type StepCalls, type Suggestion, type SuggestionRequest } from "./optimizer.ts";
import type { Density } from "./parzen.ts";
import { summary } from "./problem/describe-feedback.ts";
import { type Dimension, type Point, SearchSpace } from "./search-space.ts";

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

/** What is known of one configuration. */
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

/**
 * A Tree-structured Parzen Estimator (Bergstra, Bardenet, Bengio, Kégl 2011): the observed values are split into good
 * ones and the rest, a density is fitted to each, and values are drawn where good ones are likely and others are not.
 *
 * With many parameters a proposal keeps most of the best values and draws anew in a block of dimensions, whose size
 * follows a power law (Doerr, Le, Makhmara, Nguyen 2017, "Fast genetic algorithms"): mostly small steps, now and then
 * a large one. Every element of a `subset` is a dimension of its own.
 *
 * It learns from `observe(candidate, score)`, higher is better; repeated observations of the same values are averaged.
 * When nobody calls `observe`, the scores of feedback count for the values that were current when it was given; from
 * the first `observe` on they do not, because they were measured on other examples.
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
  /** From `observe`, by canonical values, in order of the latest observation. */
  #told = new Map<string, Trial>();
  /** From the scores of feedback. */
  #heard = new Map<string, Trial>();

  /** @throws InvalidArgumentError when no trainable parameter has a domain, and for a bad option */
  constructor(parameters: ParameterOwner, options: TPEOptions = {}) {
    checkOptions(options, ["seed", "startupTrials", "gamma", "candidatesPerStep", "priorWeight"], "TPE");
    super(parameters);
    const { seed = 0, startupTrials = 10, gamma = 0.1, candidatesPerStep = 8, priorWeight = 1 } = options;
    if (!isSeed(seed)) refuse("seed", "a whole number or a string", seed);
    if (!Number.isSafeInteger(startupTrials) || startupTrials < 1)
      refuse("startupTrials", "a whole number of at least 1", startupTrials);
    if (!(gamma > 0 && gamma < 1)) refuse("gamma", "a number between 0 and 1", gamma);
    if (!Number.isSafeInteger(candidatesPerStep) || candidatesPerStep < 1) {
      refuse("candidatesPerStep", "a whole number of at least 1", candidatesPerStep);
    }
    if (!(priorWeight > 0 && Number.isFinite(priorWeight))) refuse("priorWeight", "a positive number", priorWeight);
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
  }

  /** The mean score counts for the values that the outputs were computed from, whatever the parameters hold by now. */
  protected override feedbackArrived(graph: TraceGraph): void {
    const { score } = summary(graph);
    if (score === null) return;
    const read = [...this.parameters].filter(([, parameter]) => graph.parameters.includes(parameter));
    const values = read.map(([name, parameter]) => [name, graph.valueOf(parameter) as JsonValue]);
    record(this.#heard, { ...currentCandidate(this), ...Object.fromEntries(values) }, score);
  }

  /** @throws InvalidArgumentError for a score that is not finite, an unknown name or a value outside its domain */
  override observe(candidate: Candidate, score: number): void {
    resolveCandidate(this, candidate);
    if (!Number.isFinite(score)) refuse("score", "a finite number", score);
    record(this.#told, { ...currentCandidate(this), ...candidate }, score);
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
    return { ...(super.state() as Record<string, JsonValue>), told: dump(this.#told), heard: dump(this.#heard) };
  }

  override forgetScores(): void {
    this.#told.clear();
    this.#heard.clear();
  }

  /** @throws InvalidArgumentError for a state of another kind, or a trial that does not fit the parameters; nothing is changed then */
  override restore(state: JsonValue): void {
    if (!isPlainObject(state) || !Array.isArray(state.told) || !Array.isArray(state.heard)) {
      throw new InvalidArgumentError(`Expected the state of a TPE optimizer, got ${describeValue(state)}`);
    }
    const told = undump(this, state.told);
    const heard = undump(this, state.heard);
    super.restore(state as JsonValue);
    this.#told = told;
    this.#heard = heard;
  }

  protected suggest({ position, attempt }: SuggestionRequest): Suggestion {
    const random = this.#random.fork(`${position === "" ? "step" : position}/attempt/${attempt}`);
    const current = this.#space.encode(currentCandidate(this));
    const trials = this.#ranked();
    const tried = new Set([...trials.map(({ point }) => point), current].map(String));
    const base = trials[0]?.point ?? current;
    const draw = this.#sampler(trials);
    let candidate: Candidate = {};
    for (let number = 0; number < attemptsAtNew; number++) {
      const stream = random.fork(`draw/${number}`);
      candidate = this.#space.decode(vary(base, draw, stream), stream);
      if (!tried.has(String(this.#space.encode(candidate)))) break;
    }
    return { values: new Map(Object.entries(candidate)) };
  }

  /** The trials as points, best first; of equals the latest first, so that the search drifts over plateaus. */
  #ranked(): RankedTrial[] {
    const trials = [...(this.#told.size > 0 ? this.#told : this.#heard).values()].reverse();
    return trials
      .map(({ values, mean }) => ({ point: this.#space.encode(values), score: mean }))
      .sort((a, b) => b.score - a.score);
  }

  /** Draws a value in a dimension: from the prior at first, then where good values are likelier than others. */
  #sampler(trials: readonly RankedTrial[]): Draw {
    const { dimensions } = this.#space;
    const isModelled = trials.length >= this.#startupTrials;
    const numGood = isModelled ? Math.min(mostGood, Math.max(1, Math.ceil(this.#gamma * trials.length))) : 0;
    const fitted = new Map<number, { readonly good: Density; readonly others: Density }>();
    const densitiesOf = (index: number): { readonly good: Density; readonly others: Density } => {
      const known = fitted.get(index);
      if (known !== undefined) return known;
      const column = trials.map(({ point }) => point[index] as number);
      const dimension = dimensions[index] as Dimension;
      const densities = {
        good: dimension.fit(column.slice(0, numGood), this.#priorWeight),
        others: dimension.fit(isModelled ? column.slice(numGood) : [], this.#priorWeight),
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

interface RankedTrial {
  readonly point: Point;
  readonly score: number;
}

type Draw = (dimension: number, random: Random) => number;

/** `base` with new values in a random block of dimensions. */
function vary(base: Point, draw: Draw, random: Random): Point {
  const sizes = base.map((_, index) => (index + 1) ** -blockExponent);
  const block = random.sample(
    base.map((_, index) => index),
    random.weightedIndex(sizes) + 1,
  );
  const point = [...base];
  for (const index of block.sort((a, b) => a - b)) point[index] = draw(index, random);
  return point;
}

/** Adds an observation; the trial moves to the end, as the latest. */
function record(trials: Map<string, Trial>, values: Candidate, score: number): void {
  const key = canonicalJson(values);
  const before = trials.get(key) ?? { mean: 0, count: 0 };
  const count = before.count + 1;
  // Scores may be so large that their sum is not finite.
  const mean = before.mean * (before.count / count) + score / count;
  trials.delete(key);
  trials.set(key, { values, mean, count });
}

function dump(trials: ReadonlyMap<string, Trial>): JsonValue {
  return [...trials.values()].map(({ values, mean, count }) => ({ values, mean, count }));
}

function undump(owner: TPE, trials: readonly unknown[]): Map<string, Trial> {
  return new Map(trials.map((trial) => checkedTrial(owner, trial)).map((trial) => [canonicalJson(trial.values), trial]));
}

/** A trial as `observe` would have made it: every parameter named, every value allowed, a finite mean of some scores. */
function checkedTrial(owner: TPE, trial: unknown): Trial {
  const { values, mean, count } = (isPlainObject(trial) ? trial : {}) as Partial<Record<keyof Trial, unknown>>;
  if (!isPlainObject(values) || !Number.isFinite(mean) || !Number.isSafeInteger(count) || (count as number) < 1) {
    refuse("trial", "an object with values, a finite mean and a count of at least 1", trial);
  }
  resolveCandidate(owner, values as Candidate);
  const missing = [...owner.parameters.keys()].filter((name) => !Object.hasOwn(values, name));
  if (missing.length > 0) refuse("trial", `one with a value for ${missing.join(", ")}`, trial);
  return { values: values as Candidate, mean: mean as number, count: count as number };
}

function refuse(name: string, expected: string, value: unknown): never {
  throw new InvalidArgumentError(`Expected \`${name}\` to be ${expected}, got ${describeValue(value)}`);
}
