/**
 * The run of the quickstart: the mail filter, learned with TPE.
 *
 * @module
 */
import { TPE, type TrainResult, train } from "opto";
import { loadCorpus } from "../../examples/mail-filter/corpus.ts";
import { MailFilter } from "../../examples/mail-filter/filter.ts";
import { MailGuide } from "../../examples/mail-filter/guide.ts";

/**
 * Trains as `npm run quickstart` does, with scores on the held-out mails as well.
 *
 * @param maxIterations @default all of them
 */
export async function trainFilter(dir: string, id: string, maxIterations?: number): Promise<Pick<TrainResult, "report">> {
  const { train: trainDataset, validation: validateDataset, heldOut } = await loadCorpus({ seed: 0 });
  const filter = new MailFilter();
  return train({
    agent: filter,
    guide: new MailGuide(),
    trainDataset,
    validateDataset,
    testDataset: heldOut,
    optimizer: new TPE(filter, { seed: 0 }),
    numProposals: 8,
    batchSize: 5,
    evalFrequency: 10,
    numThreads: 16,
    seed: 0,
    logger: [],
    stop: { maxIterations },
    run: { dir, id, resume: false },
  });
}
