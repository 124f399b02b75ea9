/**
 * Trains the mail filter on the SpamAssassin corpus: `npm run quickstart`.
 *
 * With nothing configured it learns with TPE, which needs no language model; with `OPTO_MODEL` or a provider's key set it
 * learns with OptoPrime, on the very same filter and guide.
 *
 * @module
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConsoleLogger, OptoPrime, TPE, train, withValues } from "opto";
import { configuredModel } from "opto/llm";
import { loadCorpus } from "./corpus.ts";
import { handSet, MailFilter } from "./filter.ts";
import { MailGuide } from "./guide.ts";
import { candidateDiff, confusionOf, confusionTable } from "./report.ts";

const { values: flags } = parseArgs({
  options: {
    seed: { type: "string", default: "0" },
    threads: { type: "string", default: "16" },
    out: { type: "string", default: "runs/mail-filter" },
  },
});
const seed = Number(flags.seed);
const numThreads = Number(flags.threads);

const { train: trainDataset, validation: validateDataset, heldOut } = await loadCorpus({ seed });
console.log(`The SpamAssassin corpus, half of it spam, dealt out by seed ${seed}:`);
console.log(
  `${trainDataset.length} mails to train on, ${validateDataset.length} to validate with, ${heldOut.length} held out.\n`,
);

const filter = new MailFilter();
const start = filter.candidate();
const untrained = await confusionOf(filter, heldOut, { numThreads });
const byHand = await withValues(filter, handSet, () => confusionOf(filter, heldOut, { numThreads }));

const model = configuredModel();
// A language model reads every mail of a batch and costs money; TPE wants many tries, and each takes milliseconds.
const learner =
  model === undefined
    ? { optimizer: new TPE(filter, { seed }), numProposals: 8, batchSize: 5 }
    : { optimizer: new OptoPrime(filter, { model, memorySize: 3, maxValueLength: 600 }), numProposals: 3, batchSize: 16 };
console.log(
  model === undefined
    ? "No language model is configured: learning with TPE. Set OPTO_MODEL or a provider's key to learn with OptoPrime."
    : `Learning with OptoPrime and ${model}.`,
);
const { stopReason } = await train({
  agent: filter,
  guide: new MailGuide(),
  trainDataset,
  validateDataset,
  ...learner,
  evalFrequency: 0,
  logFrequency: 10,
  numThreads,
  seed,
  logger: new ConsoleLogger({ parameters: "none" }),
});
if (stopReason === "interrupted") process.exit(130);

const trained = await confusionOf(filter, heldOut, { numThreads });
const filterPath = join(flags.out, "filter.json");
const resultPath = join(flags.out, "result.json");
await filter.save(filterPath);
await writeFile(
  resultPath,
  `${JSON.stringify({ seed, optimizer: model === undefined ? "TPE" : "OptoPrime", heldOut: { untrained, byHand, trained } }, null, 2)}\n`,
);

console.log(`\nWhat changed:\n${candidateDiff(start, filter.candidate())}`);
console.log(
  `\nThe ${heldOut.length} held-out mails. Score 100: every verdict right; a spam passed costs one verdict, a good mail lost two.`,
);
console.log(confusionTable({ untrained, "set by hand": byHand, trained }));
console.log(`\nSaved: the filter in ${filterPath}, these numbers in ${resultPath}. A program loads the filter so:`);
console.log(`  const filter = await new MailFilter().load(${JSON.stringify(filterPath)});`);
