/**
 * Seeded randomness whose streams are named by logical position, so that no result depends on scheduling.
 *
 * @module
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { InvalidArgumentError } from "../errors.ts";
import { describeValue, isPlainObject, type JsonValue, jsonEqual } from "./json.ts";
import { nodeCrypto } from "./load-on-demand.ts";
import type { OptionRule } from "./option-table.ts";
import { checkValue } from "./options.ts";

/** What names a whole family of random streams. The number `7` and the text `"7"` are the same seed. */
export type Seed = number | string;

/**
 * A stream of random draws, fully determined by its seed and its label.
 *
 * The generator is xoroshiro128+, started from the first 128 bits of the SHA-256 of seed and label. All of it is
 * integer arithmetic, so every machine and every JavaScript engine draws the same numbers. The one exception is
 * `normal`, which needs a logarithm and a cosine: those agree wherever Node's own engine runs, and may differ in the
 * last digit elsewhere. Not for cryptography.
 *
 * @example
 * ```ts
 * const random = new Random(42).fork("iteration/3").fork("proposal/2");
 * random.next();          // the same number in every run, however much was drawn elsewhere
 * random.label;           // "iteration/3/proposal/2"
 * ```
 */
export class Random {
  /** The seed this stream and all its forks derive from. */
  readonly seed: Seed;
  /** Where in the run this stream belongs, such as `iteration/3/proposal/2`; empty for the root. */
  readonly label: string;
  #generator: ReturnType<typeof xoroshiro128plusFromState>;

  /** @throws InvalidArgumentError when `seed` is neither a finite number nor a string. */
  constructor(seed: Seed, label = "") {
    checkValue(seed, seedRule, "a seed");
    this.seed = seed;
    this.label = label;
    this.#generator = xoroshiro128plusFromState(startingWords(String(seed), label));
  }

  /**
   * The stream of a place below this one. It depends on the seed and the whole label path only, never on what was
   * drawn before: `fork("a").fork("b")` is `fork("a/b")`.
   *
   * @throws InvalidArgumentError when `label` is empty, which would name this very stream again.
   */
  fork(label: string): Random {
    if (label === "") throw new InvalidArgumentError("Expected the label of a random stream, got an empty string");
    return new Random(this.seed, this.label === "" ? label : `${this.label}/${label}`);
  }

  /** A number in [0, 1), one of 2^53 equally likely ones. */
  next(): number {
    return uniformFloat64(this.#generator);
  }

  /**
   * A whole number between `min` and `max`, both included.
   *
   * @throws InvalidArgumentError when the bounds are not safe integers in order, or further apart than 2^53 - 1.
   */
  integer(min: number, max: number): number {
    if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min > max || !Number.isSafeInteger(max - min)) {
      throw new InvalidArgumentError(
        `Expected two whole numbers, the smaller first, got ${describeValue(min)} and ${describeValue(max)}`,
      );
    }
    return uniformInt(this.#generator, min, max);
  }

  /** A number from the normal distribution of the given mean and standard deviation. */
  normal(mean = 0, standardDeviation = 1): number {
    // Both halves of a Box-Muller pair could be used, but a spare one would be hidden state that depends on draw order.
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return mean + standardDeviation * radius * Math.cos(2 * Math.PI * this.next());
  }

  /**
   * One of the items, each equally likely.
   *
   * @throws InvalidArgumentError when there are none.
   */
  choice<T>(items: readonly T[]): T {
    if (items.length === 0) throw new InvalidArgumentError("Expected at least one item to choose from, got none");
    return items[this.integer(0, items.length - 1)] as T;
  }

  /** A new array of the same items in random order. */
  shuffle<T>(items: readonly T[]): T[] {
    return this.sample(items, items.length);
  }

  /**
   * `count` of the items, none twice, in random order.
   *
   * @throws InvalidArgumentError when `count` is not a whole number from 0 to the number of items.
   */
  sample<T>(items: readonly T[], count: number): T[] {
    if (!Number.isInteger(count) || count < 0 || count > items.length) {
      throw new InvalidArgumentError(`Expected to sample between 0 and ${items.length} items, got ${describeValue(count)}`);
    }
    const pool = [...items];
    for (let index = 0; index < count && index < pool.length - 1; index += 1) {
      const other = this.integer(index, pool.length - 1);
      [pool[index], pool[other]] = [pool[other] as T, pool[index] as T];
    }
    return pool.slice(0, count);
  }

  /**
   * An index into `weights`, each as likely as its weight is large. An index of weight zero never comes.
   *
   * @throws InvalidArgumentError when a weight is negative or not finite, or none is positive.
   */
  weightedIndex(weights: readonly number[]): number {
    const total = weights.reduce((sum, weight) => sum + checkWeight(weight), 0);
    if (!(total > 0 && total < Infinity)) {
      throw new InvalidArgumentError(`Expected weights with a positive, finite sum, got ${describeValue(weights)}`);
    }
    let left = this.next() * total;
    let last = -1;
    for (const [index, weight] of weights.entries()) {
      if (weight === 0) continue;
      if (left < weight) return index;
      left -= weight;
      last = index;
    }
    // Rounding can leave a crumb behind the last positive weight.
    return last;
  }

  /** The position of the stream, for `restore`. */
  state(): JsonValue {
    return { seed: String(this.seed), label: this.label, words: [...this.#generator.getState()] };
  }

  /**
   * Continues exactly where `state` was taken.
   *
   * @throws InvalidArgumentError when it was taken of a stream with another seed or label.
   */
  restore(state: JsonValue): void {
    const own = { seed: String(this.seed), label: this.label };
    if (!isPlainObject(state) || !isGeneratorState(state.words)) {
      throw new InvalidArgumentError(`Expected the saved state of a random stream, got ${describeValue(state)}`);
    }
    const { words, ...given } = state;
    if (!jsonEqual(given as JsonValue, own)) {
      throw new InvalidArgumentError(
        `Expected the state of the random stream ${describeValue(own)}, got that of ${describeValue(given)}`,
      );
    }
    this.#generator = xoroshiro128plusFromState(words);
  }
}

/** What can seed a random stream. */
export const seedRule: OptionRule = {
  expected: "a finite number or a string",
  holds: (value) => typeof value === "string" || Number.isFinite(value),
};

function checkWeight(weight: number): number {
  if (Number.isFinite(weight) && weight >= 0) return weight;
  throw new InvalidArgumentError(`Expected a weight to be a finite number of at least 0, got ${describeValue(weight)}`);
}

/** The length in front keeps seed and label apart: ("1", "2/x") and ("1/2", "x") are different streams. */
function startingWords(seed: string, label: string): number[] {
  const digest = nodeCrypto().hash("sha256", `${seed.length}:${seed}/${label}`, "buffer");
  return [0, 4, 8, 12].map((offset) => digest.readInt32LE(offset));
}

function isGeneratorState(words: unknown): words is number[] {
  return Array.isArray(words) && words.length === 4 && words.every((word) => Number.isInteger(word) && (word | 0) === word);
}
