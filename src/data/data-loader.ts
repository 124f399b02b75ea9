/**
 * Batches of a dataset, epoch after epoch, in an order that only the seed and the epoch decide.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { type Dataset, type DatasetLike, type Example, toDataset } from "./dataset.ts";
import { describeValue, isPlainObject, type JsonValue } from "./json.ts";
import { type OptionTable, trueOrFalse, wholeFrom } from "./option-table.ts";
import { checkTable } from "./options.ts";
import { Random, type Seed, seedRule } from "./random.ts";

/** Options of `DataLoader`. */
export interface DataLoaderOptions {
  /**
   * Examples a batch; the last batch of an epoch may have fewer.
   * @default 1
   */
  readonly batchSize?: number;
  /**
   * Whether every epoch has its own random order, or all have that of the dataset.
   * @default true
   */
  readonly shuffle?: boolean;
  /**
   * Decides the random orders.
   * @default 0
   */
  readonly seed?: Seed;
  /**
   * Leaves out a last batch that would be smaller than `batchSize`.
   * @default false
   */
  readonly dropLast?: boolean;
  /**
   * Draws every example of an epoch from the whole dataset, so that some come twice and some not at all.
   * @default false
   */
  readonly replacement?: boolean;
}

/** Some examples of a dataset, inputs and infos side by side. */
export interface Batch<X, Info> {
  readonly inputs: readonly X[];
  readonly infos: readonly Info[];
  /** The positions of the examples in the dataset. */
  readonly indices: readonly number[];
  /** The epoch the batch belongs to, from 0. */
  readonly epoch: number;
  /** Which batch of its epoch it is, from 0. */
  readonly position: number;
}

/**
 * The examples of a dataset, whichever way it is given.
 *
 * @param name what it is called in the error
 * @throws InvalidArgumentError for what is no dataset
 */
export function datasetOf<X, Info>(given: DatasetLike<X, Info> | DataLoader<X, Info>, name: string): Dataset<X, Info> {
  return given instanceof DataLoader ? given.dataset : toDataset(given, name);
}

const loaderTable: OptionTable<DataLoaderOptions> = {
  batchSize: wholeFrom(1),
  shuffle: trueOrFalse,
  seed: seedRule,
  dropLast: trueOrFalse,
  replacement: trueOrFalse,
};

/**
 * Divides a dataset into batches.
 *
 * Iterating over a loader yields the rest of its current epoch (all of it, unless some batches were already taken); iterating again yields the
 * next epoch. An epoch visits every example exactly once (unless `replacement`), and no batch spans two epochs. The order of an epoch depends
 * only on the seed and the number of the epoch.
 *
 * @example
 * ```ts
 * const loader = new DataLoader({ inputs, infos }, { batchSize: 8, seed: 7 });
 * for (let epoch = 0; epoch < 3; epoch += 1) {
 *   for (const { inputs, infos } of loader) await learn(inputs, infos);
 * }
 * ```
 */
export class DataLoader<X, Info> implements Iterable<Batch<X, Info>> {
  readonly dataset: Dataset<X, Info>;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: Seed;
  readonly dropLast: boolean;
  readonly replacement: boolean;
  readonly #random: Random;
  #epoch = 0;
  #position = 0;
  #order: { readonly epoch: number; readonly indices: readonly number[] } | undefined;

  /**
   * @throws InvalidArgumentError when the dataset is empty or malformed, an option is unknown or out of range, `dropLast`
   * would leave no batch at all, or `replacement` is asked for without `shuffle`.
   */
  constructor(dataset: DatasetLike<X, Info>, options: DataLoaderOptions = {}) {
    checkTable(options, loaderTable, "DataLoader", "");
    const { batchSize = 1, shuffle = true, seed = 0, dropLast = false, replacement = false } = options;
    if (replacement && !shuffle) {
      throw new InvalidArgumentError("Expected `shuffle` to be true with `replacement`, which draws at random, got false");
    }
    this.dataset = toDataset(dataset);
    if (dropLast && batchSize > this.dataset.length) {
      throw new InvalidArgumentError(
        `Expected \`batchSize\` to be at most ${this.dataset.length}, the size of the dataset, because \`dropLast\` would leave no batch, got ${batchSize}`,
      );
    }
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.seed = seed;
    this.dropLast = dropLast;
    this.replacement = replacement;
    this.#random = new Random(seed);
  }

  /** The epoch of the next batch, from 0. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Which batch of its epoch the next one is, from 0. */
  get position(): number {
    return this.#position;
  }

  /** How many batches one epoch has. */
  get batchesPerEpoch(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** The rest of the current epoch. */
  *[Symbol.iterator](): Generator<Batch<X, Info>, void, undefined> {
    const epoch = this.#epoch;
    while (this.#epoch === epoch) yield this.sample();
  }

  /** The next batch. Never ends: the last batch of an epoch is followed by the first of the next. */
  sample(): Batch<X, Info> {
    const epoch = this.#epoch;
    const position = this.#position;
    const start = position * this.batchSize;
    const indices = this.#orderOf(epoch).slice(start, start + this.batchSize);
    const examples = indices.map((index) => this.dataset[index] as Example<X, Info>);
    // Moved on before the batch is handed out, so that a state taken while working on it continues after it.
    const isLast = position + 1 === this.batchesPerEpoch;
    this.#epoch = isLast ? epoch + 1 : epoch;
    this.#position = isLast ? 0 : position + 1;
    return { inputs: examples.map(({ input }) => input), infos: examples.map(({ info }) => info), indices, epoch, position };
  }

  /** The position of the loader, for `restore`. */
  state(): JsonValue {
    return { epoch: this.#epoch, position: this.#position, ...this.#identity() };
  }

  /**
   * Continues exactly after the last batch that was taken before `state` was.
   *
   * @throws InvalidArgumentError when it was taken of a loader with another dataset size or other options.
   */
  restore(state: JsonValue): void {
    if (!isPlainObject(state) || !isCount(state.epoch) || !isCount(state.position)) {
      throw new InvalidArgumentError(`Expected the saved state of a DataLoader, got ${describeValue(state)}`);
    }
    for (const [name, own] of Object.entries(this.#identity())) {
      if (state[name] === own) continue;
      throw new InvalidArgumentError(
        `Expected a DataLoader state with the ${name} ${describeValue(own)} of this loader, got one with ${describeValue(state[name])}`,
      );
    }
    if (state.position >= this.batchesPerEpoch) {
      throw new InvalidArgumentError(
        `Expected the position in a DataLoader state to be below ${this.batchesPerEpoch}, the number of batches, got ${state.position}`,
      );
    }
    this.#epoch = state.epoch;
    this.#position = state.position;
  }

  #identity(): Record<string, number | string | boolean> {
    const { batchSize, shuffle, dropLast, replacement } = this;
    return { datasetSize: this.dataset.length, batchSize, shuffle, seed: String(this.seed), dropLast, replacement };
  }

  #orderOf(epoch: number): readonly number[] {
    if (this.#order?.epoch !== epoch) this.#order = { epoch, indices: this.#drawOrder(epoch) };
    return this.#order.indices;
  }

  #drawOrder(epoch: number): number[] {
    const natural = this.dataset.map((_, index) => index);
    if (!this.shuffle) return natural;
    const random = this.#random.fork(`epoch/${epoch}`);
    return this.replacement ? natural.map(() => random.choice(natural)) : random.shuffle(natural);
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
