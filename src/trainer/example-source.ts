/**
 * What an agent can be evaluated on: lists, or examples that are made as they are needed.
 *
 * @module
 */
import type { Example } from "../data/dataset.ts";
import { describeValue } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";

/** Examples that are made as they are needed: a generator, lines of a file, rows of a database. A list is one, too. */
export type ExampleSource<X, Info> = Iterable<Example<X, Info>> | AsyncIterable<Example<X, Info>>;

/** What comes after agent and guide: inputs and infos side by side, or examples; then options. */
export type EvaluateArguments<X, Info, Options> =
  | [xs: readonly X[], infos: readonly Info[], options?: Options | undefined]
  | [examples: ExampleSource<X, Info>, options?: Options | undefined];

/** Examples, and how many there are, where that is known. */
export interface Examples<X, Info> {
  readonly items: ExampleSource<X, Info>;
  readonly total: number | null;
}

/**
 * Examples and options of either form.
 *
 * @throws InvalidArgumentError when it is neither, a list is empty, or two lists differ in length
 */
export function readEvaluateArguments<X, Info, Options>(
  given: EvaluateArguments<X, Info, Options>,
): { readonly examples: Examples<X, Info>; readonly options: Options | undefined } {
  const [first, second, third] = given;
  if (Array.isArray(second)) return { examples: sideBySide(first as readonly X[], second as readonly Info[]), options: third };
  const isSource = typeof first === "object" && first !== null && (Symbol.iterator in first || Symbol.asyncIterator in first);
  if (!isSource) {
    throw new InvalidArgumentError(
      `Expected a list of inputs and a list of infos, or an iterable of { input, info }, got ${describeValue(first)}`,
    );
  }
  const items = first as ExampleSource<X, Info>;
  return { examples: Array.isArray(items) ? listed(items) : { items, total: null }, options: second as Options | undefined };
}

/** A list of examples. @throws InvalidArgumentError when it is empty */
export function listed<X, Info>(items: readonly Example<X, Info>[]): Examples<X, Info> {
  if (items.length === 0) refuseNone();
  return { items, total: items.length };
}

/** @throws InvalidArgumentError */
export function refuseNone(): never {
  throw new InvalidArgumentError("Expected at least one example to evaluate on, got none");
}

/** @throws InvalidArgumentError for what is no example */
function checkExample(example: unknown, index: number): void {
  if (typeof example === "object" && example !== null && "input" in example && "info" in example) return;
  throw new InvalidArgumentError(`Expected example ${index} to be { input, info }, got ${describeValue(example)}`);
}

function sideBySide<X, Info>(xs: readonly X[], infos: readonly Info[]): Examples<X, Info> {
  if (!Array.isArray(xs))
    throw new InvalidArgumentError(`Expected a list of inputs along with the infos, got ${describeValue(xs)}`);
  if (xs.length !== infos.length) {
    throw new InvalidArgumentError(`Expected as many infos as inputs, got ${xs.length} inputs and ${infos.length} infos`);
  }
  if (xs.length === 0) refuseNone();
  return { items: pairs(xs, infos), total: xs.length };
}

function* pairs<X, Info>(xs: readonly X[], infos: readonly Info[]): Generator<Example<X, Info>> {
  for (let index = 0; index < xs.length; index++) yield { input: xs[index] as X, info: infos[index] as Info };
}

/** One rollout of an example. */
export interface Sample<X, Info> extends Example<X, Info> {
  readonly example: number;
  readonly sample: number;
}

/** Examples that need not be run, by their position. */
type Known = ((example: number) => unknown) | undefined;

/** Every sample of every example, one by one; those of known examples of a list are left out. */
export function samplesOf<X, Info>(
  { items }: Examples<X, Info>,
  numSamples: number,
  known: Known,
): Iterable<Sample<X, Info>> | AsyncIterable<Sample<X, Info>> {
  return Symbol.iterator in items ? eachSample(items, numSamples, known) : eachSampleLater(items, numSamples);
}

function* eachSample<X, Info>(items: Iterable<Example<X, Info>>, numSamples: number, known: Known): Generator<Sample<X, Info>> {
  let example = 0;
  for (const item of items) {
    checkExample(item, example);
    const { input, info } = item;
    if (known?.(example) === undefined) {
      for (let sample = 0; sample < numSamples; sample++) yield { input, info, example, sample };
    }
    example++;
  }
}

/** No generator: one that waits for a source that hangs would not pass on that the source is let go. */
function eachSampleLater<X, Info>(items: AsyncIterable<Example<X, Info>>, numSamples: number): AsyncIterable<Sample<X, Info>> {
  return {
    [Symbol.asyncIterator]() {
      const source = items[Symbol.asyncIterator]();
      let [example, sample] = [-1, numSamples];
      let item: Example<X, Info>;
      return {
        async next() {
          if (sample === numSamples) {
            const read = await source.next();
            if (read.done) return read;
            item = read.value;
            checkExample(item, ++example);
            sample = 0;
          }
          return { done: false, value: { input: item.input, info: item.info, example, sample: sample++ } };
        },
        async return() {
          await source.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
