/**
 * Batches for feedback that have a failure in them, and a success: an optimizer learns nothing from answers that are all right.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import { type OptionTable, oneOf, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Archive, Entry, Sample, SearchPolicy, Step } from "../search/search.ts";
import { orientedScore } from "./standing.ts";

/** How a feedback batch is put together. */
export interface FeedbackBatchOptions {
  /** The fewest examples. @default 3 */
  readonly least?: number | undefined;
  /** The most. @default the size of the batch */
  readonly most?: number | undefined;
  /** How much of the batch may be known failures: one, or all but the success. @default "one" */
  readonly failures?: "one" | "most" | undefined;
}

const feedbackTable: OptionTable<FeedbackBatchOptions> = {
  least: wholeFrom(1),
  most: wholeFrom(1),
  failures: oneOf(["one", "most"]),
};

/**
 * Any search, with batches that have failures of the current candidate in them. The batch size is the most examples of one.
 *
 * @example
 * const algorithm = withFeedbackBatches(beamSearch());
 */
export function withFeedbackBatches<Memo extends JsonValue>(
  policy: SearchPolicy<Memo>,
  options: Omit<FeedbackBatchOptions, "most"> = {},
): SearchPolicy<Memo> {
  checkTable<FeedbackBatchOptions>(options, feedbackTable, "withFeedbackBatches");
  const { least = 3, failures = "one" } = options;
  return {
    ...policy,
    settings: { ...policy.settings, feedbackBatches: { least, failures } },
    // What is run may be less than the batch.
    appetite: () => ({ ...policy.appetite(), mayRest: true }),
    async iterate(step, memo) {
      const batch = feedbackBatch(step, [step.current], { least: Math.min(least, step.batch.examples.length), failures });
      const onBatch: Step = {
        ...step,
        batch,
        get history() {
          return step.history;
        },
        forward: (parents, on = batch) => step.forward(parents, on),
        propose: (parents, { on = batch, ...rest } = {}) => step.propose(parents, { on, ...rest }),
      };
      return policy.iterate(onBatch, memo);
    },
  };
}

/** The probability that a batch of fresh examples has no failure. */
const missProbability = 0.1;

/**
 * Train examples for feedback on some candidates: as many as are likely to have a failure among them, by how often the candidates have failed so
 * far, within limits. One is an example that one of them, or the closest ancestor that was run on it, has failed on; one is an example that it has
 * succeeded on; the others are the next of the loader, or with `failures: "most"` further failures. A failure is a score that is worse by the
 * objective than the best that there was on the train data.
 */
export function feedbackBatch(step: Step, parents: readonly Entry[], options: FeedbackBatchOptions = {}): Sample {
  const { archive, batch, random } = step;
  const { most = batch.examples.length, least = 3, failures = "one" } = options;
  const best = bestScore(archive);
  const known = archive.measured("train").flatMap((example) => {
    const scores = parents.flatMap((parent) => latestScore(archive, parent, example) ?? []);
    return scores.length === 0 ? [] : [{ example, isFailure: scores.some((score) => score < best) }];
  });
  const rate = known.length === 0 ? 0.5 : known.filter(({ isFailure }) => isFailure).length / known.length;
  const needed = rate >= 1 ? least : Math.ceil(Math.log(missProbability) / Math.log(1 - Math.max(rate, 1e-3)));
  const size = Math.min(most, Math.max(least, needed));
  const [failing, passing] = [true, false].map((wanted) => {
    return random.shuffle(known.filter(({ isFailure }) => isFailure === wanted).map(({ example }) => example));
  }) as [number[], number[]];
  const chosen = new Set(
    [...failing.slice(0, failures === "one" ? 1 : Math.max(1, size - 1)), ...passing.slice(0, 1)].slice(0, size),
  );
  for (const example of [...batch.examples, ...failing, ...passing]) if (chosen.size < size) chosen.add(example);
  return { dataset: "train", examples: [...chosen].sort((a, b) => a - b) };
}

/** What an entry came to last on a train example; where it was not run, its closest ancestor. A rollout that failed is the lowest. */
function latestScore(archive: Archive, entry: Entry, example: number): number | undefined {
  for (const one of archive.lineage(entry)) {
    const trial = archive.trials(one, { dataset: "train", examples: [example] })[0]?.at(-1);
    if (trial?.failed === true) return Number.NEGATIVE_INFINITY;
    const score = orientedScore(archive, trial);
    if (score !== null) return score;
  }
  return undefined;
}

/** The best score by the objective that any candidate has had on a train example. */
export function bestScore(archive: Archive): number {
  const on: Sample = { dataset: "train", examples: archive.measured("train") };
  const scores = archive.entries.flatMap((entry) =>
    archive
      .trials(entry, on)
      .flat()
      .flatMap((trial) => orientedScore(archive, trial) ?? []),
  );
  return scores.reduce((best, score) => Math.max(best, score), Number.NEGATIVE_INFINITY);
}
