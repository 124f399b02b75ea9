/**
 * `samplesOf`: the rollouts of an evaluation, one by one.
 *
 * @module
 */
import type { Example } from "../data/dataset.ts";
import { checkExample, type Examples } from "./example-source.ts";

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
