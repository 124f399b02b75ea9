/**
 * A provider that refuses, breaks off, garbles and hangs: the run comes to what it comes to with a healthy one, about as fast as
 * the provider's own limit allows. Set `SHOW=1` to see the numbers.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrainResult } from "opto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FaultyServer, startFaultyServer } from "./faulty-server.ts";
import { courseOf, historyOf, modelOf, questions, Support, type SupportOptions, trainSupport } from "./train-support.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-faults-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const faults = { refused: 0.3, malformed: 0.05, reset: 0.05, hang: 0.02 };
const retry = { maxRetries: 30, initialDelayMs: 20, maxDelayMs: 500 };

function show(what: string, server: FaultyServer, numbers: object = {}): string {
  const report = JSON.stringify({ ...numbers, requests: server.seen.length, answers: server.answers.length, ...server.counts });
  if (process.env.SHOW) console.log(`${what}: ${report}`);
  return report;
}

describe("a run with a faulty provider", () => {
  it("comes to the same candidate, scores and history as with a healthy one", async () => {
    const calls = { timeoutMs: 600, retry };
    const options: SupportOptions = { runDir: folder, testDataset: questions(20, 100), numThreads: 48, calls };
    await using healthy = await startFaultyServer();
    const expected = await trainSupport(healthy, { ...options, run: "healthy" });
    const slow = { limit: 12, latencyMs: 20, retryAfter: 0.1 };
    await using server = await startFaultyServer({ seed: 11, faults, ...slow, hangsInside: true });
    const result = await trainSupport(server, { ...options, run: "faulty" });
    const report = show("whole run", server);

    expect(courseOf(result)).toEqual(courseOf(expected));
    expect(result.parameters).not.toEqual(new Support(modelOf(server)).candidate());
    const history = await historyOf(folder, "faulty");
    expect(history).toEqual(await historyOf(folder, "healthy"));
    expect(history.filter((line) => /"unscored"(?!:0\b)/.test(line))).toEqual([]);
    expect(result.unscored).toBe(0);
    for (const kind of ["refused", "malformed", "reset", "hang"] as const) expect(server.counts[kind], report).toBeGreaterThan(0);
    // Every logical call was answered just once.
    const answered = ({ calls, inputTokens, outputTokens }: TrainResult["usage"]) => ({ calls, inputTokens, outputTokens });
    expect(answered(result.usage)).toEqual(answered(expected.usage));
    expect(result.usage.requests).toBe(server.seen.length);
  }, 60_000);

  it("uses 70% of what the provider's limit allows while there is enough to do", async () => {
    const [limit, latencyMs, numThreads, examples] = [16, 150, 64, 700];
    const numberIn = (answer: string): number => Number(/\d+$/.exec(answer)?.[0]) / 1e6;
    const options: SupportOptions = {
      runDir: folder,
      guide: (_question, answer) => numberIn(answer),
      algorithm: "MinibatchAlgorithm",
      testDataset: questions(examples, 100),
      // The evaluation at the start is all that is measured, and then one small step.
      evalFrequency: 2,
      maxIterations: 1,
      numThreads,
      calls: { timeoutMs: 450, retry },
    };
    await using healthy = await startFaultyServer();
    const expected = await trainSupport(healthy, { ...options, run: "healthy" });
    // A machine that is busy with other things answers late itself; then it is measured again.
    const reports: string[] = [];
    for (const seed of [2, 5, 8]) {
      await using server = await startFaultyServer({ seed, faults, limit, latencyMs });
      const result = await trainSupport(server, { ...options, run: `faulty-${seed}` });
      expect(courseOf(result)).toEqual(courseOf(expected));
      expect(await historyOf(folder, `faulty-${seed}`)).toEqual(await historyOf(folder, "healthy"));

      // The limit is found out during the first quarter. At the end there are fewer calls left than could be in flight.
      const first = examples / 4;
      const last = examples - numThreads;
      const timeOf = (index: number): number => server.answers[index - 1]?.at ?? Number.NaN;
      const allowed = limit / latencyMs;
      const share = (last - first) / (timeOf(last) - timeOf(first)) / allowed;
      const fromTheStart = last / (timeOf(last) - (server.begunAt ?? 0)) / allowed;
      reports.push(show("throughput", server, { share, fromTheStart }));
      if (share >= 0.7) return;
    }
    expect.fail(`Less than 70% of the limit was used, each time:\n${reports.join("\n")}`);
  }, 60_000);
});
