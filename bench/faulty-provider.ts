/**
 * How much of what a faulty provider allows is left unused: 16 requests in flight, of which 30% are refused by chance, half with
 * `Retry-After`, 5% answered with garbage, 5% cut off and 2% never answered.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFaultyServer } from "../test/runs/faulty-server.ts";
import { questions, trainSupport } from "../test/runs/train-support.ts";
import type { Benchmark } from "./benchmark.ts";

const [limit, latencyMs, numThreads, examples] = [16, 150, 64, 700];
const faults = { refused: 0.3, malformed: 0.05, reset: 0.05, hang: 0.02 };
let rounds = 0;

export const faultyProvider: readonly Benchmark[] = [
  { name: "limit of a faulty provider left unused", unit: "%", limit: 30, sample: unusedShare },
];

/** As the server sees it: useful answers in a second, over its limit divided by how long an answer takes. */
async function unusedShare(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "opto-bench-"));
  await using server = await startFaultyServer({ seed: ++rounds, faults, limit, latencyMs });
  try {
    await trainSupport(server, {
      run: { dir: folder },
      guide: () => 1,
      algorithm: "MinibatchAlgorithm",
      testDataset: questions(examples, 100),
      // The evaluation at the start is all that is measured, and then one small step.
      evalFrequency: 2,
      stop: { maxIterations: 1 },
      numThreads,
      calls: { timeoutMs: 450, retry: { maxRetries: 30, initialDelayMs: 20, maxDelayMs: 500 } },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  // The limit is found out during the first quarter. At the end there are fewer calls left than could be in flight.
  const [first, last] = [examples / 4, examples - numThreads];
  const timeOf = (index: number): number => server.answers[index - 1]?.at ?? Number.NaN;
  return (1 - ((last - first) / (timeOf(last) - timeOf(first))) * (latencyMs / limit)) * 100;
}
