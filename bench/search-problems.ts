/**
 * Problems with known answers for optimizers that search: parameters at a start configuration and the true score.
 *
 * @module
 */
import { Random } from "opto/data";
import { type Candidate, choices, type Parameter, parameter, range, subset } from "opto/graph";

/** A function of the values of some parameters. */
export interface SearchProblem {
  readonly parameters: readonly Parameter[];
  /** The true score, more being better. */
  readonly score: (candidate: Candidate) => number;
  /** One measurement of it, where it cannot be measured exactly. */
  readonly measure?: (candidate: Candidate, random: Random) => number;
}

const size = 28;

/** Problems by name, each made anew from a seed. */
export const searchProblems: Readonly<Record<string, (seed: number) => SearchProblem>> = {
  "30 separate whole numbers": separable,
  "30 separate whole numbers, noisy": (seed) => noisy(separable(seed), 10),
  "6 correlated numbers": rosenbrock,
  "8 rotated numbers": rotated,
  "classifier, 28 weights": classifier,
  "classifier, batches of 32": (seed) => batched(seed, 32),
  "choices, scales and words": mixed,
};

/** The sum of squared distances from a hidden point of whole numbers from -3 to 5. */
function separable(seed: number): SearchProblem {
  const random = new Random(seed, "separable");
  const best = list(30, () => random.integer(-3, 5));
  const parameters = best.map(() => parameter(0, { name: "weight", domain: range(-3, 5, { integer: true }) }));
  return { parameters, score: (candidate) => -sum(numbers(candidate).map((value, index) => (value - at(best, index)) ** 2)) };
}

function noisy(problem: SearchProblem, deviation: number): SearchProblem {
  return { ...problem, measure: (candidate, random) => problem.score(candidate) + random.normal(0, deviation) };
}

/** Rosenbrock's curved valley, as the logarithm of the distance in height from its bottom. */
function rosenbrock(): SearchProblem {
  const parameters = list(6, () => parameter(-1, { name: "x", domain: range(-2, 2) }));
  const height = (xs: readonly number[]): number =>
    sum(xs.slice(1).map((next, index) => 100 * (next - at(xs, index) ** 2) ** 2 + (1 - at(xs, index)) ** 2));
  return { parameters, score: (candidate) => -Math.log10(height(numbers(candidate)) + 1e-9) };
}

/** A quadratic bowl whose axes do not lie along the parameters. */
function rotated(seed: number): SearchProblem {
  const random = new Random(seed, "rotated");
  const rows = list(8, () => list(8, () => random.normal(0, 8 ** -0.5)));
  const best = list(8, () => 6 * random.next() - 3);
  const parameters = best.map(() => parameter(0, { name: "x", domain: range(-5, 5) }));
  const offset = (candidate: Candidate): number[] => numbers(candidate).map((value, index) => value - at(best, index));
  return { parameters, score: (candidate) => -sum(rows.map((row) => dot(row, offset(candidate)) ** 2)) };
}

interface RuleFilter {
  readonly parameters: readonly Parameter[];
  /** What the verdict on one message is worth. */
  readonly verdict: (values: readonly number[], index: number) => number;
  readonly messages: readonly (readonly number[])[];
}

/** Rules that fire on messages, to be weighed against a threshold. A false alarm costs two verdicts. */
function classifier(seed: number): SearchProblem {
  const { parameters, verdict, messages } = ruleFilter(seed);
  return { parameters, score: (candidate) => mean(messages.map((_, index) => verdict(numbers(candidate), index))) };
}

function batched(seed: number, batchSize: number): SearchProblem {
  const { parameters, verdict, messages } = ruleFilter(seed);
  return {
    ...classifier(seed),
    parameters,
    measure: (candidate, random) =>
      mean(list(batchSize, () => verdict(numbers(candidate), random.integer(0, messages.length - 1)))),
  };
}

function ruleFilter(seed: number): RuleFilter {
  const random = new Random(seed, "classifier");
  const weights = list(size, () => Math.round(random.normal(0, 2)));
  const rates = list(size, () => 0.05 + 0.4 * random.next());
  const messages = list(400, () => rates.map((rate) => Number(random.next() < rate)));
  const sums = messages.map((fired) => dot(fired, weights) + random.normal());
  const limit = at(
    sums.toSorted((a, b) => a - b),
    240,
  );
  const parameters: Parameter[] = [
    ...weights.map(() => parameter(0, { name: "weight", domain: range(-3, 5, { integer: true }) })),
    parameter(5, { name: "threshold", domain: range(1, 10, { integer: true }) }),
  ];
  const verdict = (values: readonly number[], index: number): number => {
    const alarm = dot(at(messages, index), values.slice(0, size)) >= at(values, size);
    if (alarm === at(sums, index) > limit) return 1;
    return alarm ? -1 : 0;
  };
  return { parameters, verdict, messages };
}

/** Choices of which neighbours work together, numbers, one of them on a logarithmic scale, and a subset of words. */
function mixed(seed: number): SearchProblem {
  const random = new Random(seed, "mixed");
  const sizes = [3, 4, 5, 6, 3, 4, 5, 6];
  const alone = sizes.map((count) => list(count, () => random.next()));
  const together = sizes.map(() => list(36, () => random.next() / 2));
  const best = list(3, () => random.next());
  const rate = Math.exp(Math.log(1e-4) * random.next());
  const worth = list(20, () => 0.3 * random.normal());
  const parameters: Parameter[] = [
    ...sizes.map((count) => parameter(0, { name: "choice", domain: choices(list(count, (index) => index)) })),
    ...best.map(() => parameter(0.5, { name: "x", domain: range(0, 1) })),
    parameter(0.01, { name: "rate", domain: range(1e-4, 1, { log: true }) }),
    parameter<readonly number[]>([], {
      name: "words",
      domain: subset(
        list(20, (index) => index),
        { max: 12 },
      ),
    }),
  ];
  return {
    parameters,
    score: (candidate) => {
      const values = Object.values(candidate) as [...number[], readonly number[]];
      const words = values.at(-1) as readonly number[];
      const [picked, xs, chosen] = [values.slice(0, 8) as number[], values.slice(8, 11) as number[], values[11] as number];
      const pairs = picked.map((one, index) => at(at(together, index), 6 * one + at(picked, (index + 1) % picked.length)));
      return (
        sum(picked.map((one, index) => at(at(alone, index), one))) +
        sum(pairs) -
        2 * sum(xs.map((x, index) => (x - at(best, index)) ** 2)) -
        0.2 * Math.log10(chosen / rate) ** 2 +
        sum(words.map((word) => at(worth, word)))
      );
    },
  };
}

function numbers(candidate: Candidate): readonly number[] {
  return Object.values(candidate) as number[];
}

function list<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function at<T>(items: readonly T[], index: number): T {
  return items[index] as T;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return sum(a.map((value, index) => value * at(b, index)));
}
