/**
 * A provider that refuses, breaks off, garbles and hangs: the run comes to what it comes to with a healthy one. Set `SHOW=1` to
 * see the numbers.
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
/** Long enough for a machine that is busy with something else: a request that is given up before it has left is in no server's count. */
const timeoutMs = 3_000;
const retry = { maxRetries: 30, initialDelayMs: 20, maxDelayMs: 500 };

function show(what: string, server: FaultyServer, numbers: object = {}): string {
  const report = JSON.stringify({ ...numbers, requests: server.seen.length, answers: server.answers.length, ...server.counts });
  if (process.env.SHOW) console.log(`${what}: ${report}`);
  return report;
}

describe("a run with a faulty provider", () => {
  it("comes to the same candidate, scores and history as with a healthy one", async () => {
    const calls = { timeoutMs, retry };
    const options: SupportOptions = { run: { dir: folder }, testDataset: questions(20, 100), numThreads: 48, calls };
    await using healthy = await startFaultyServer();
    const expected = await trainSupport(healthy, { ...options, run: { ...options.run, id: "healthy" } });
    const slow = { limit: 12, latencyMs: 20, retryAfter: 0.1 };
    await using server = await startFaultyServer({ seed: 11, faults, ...slow, hangsInside: true });
    const result = await trainSupport(server, { ...options, run: { ...options.run, id: "faulty" } });
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
  });

  it("is asked by many at once without being hammered, and nothing is lost", async () => {
    // How much of the limit is used is measured in `bench/faulty-provider.ts`, and in virtual time beside the scheduler.
    const [limit, latencyMs] = [16, 60];
    const options: SupportOptions = {
      run: { dir: folder },
      guide: (_question, answer) => Number(/\d+$/.exec(answer)?.[0]) / 1e6,
      algorithm: "MinibatchAlgorithm",
      testDataset: questions(300, 100),
      evalFrequency: 2,
      stop: { maxIterations: 1 },
      numThreads: 64,
      calls: { timeoutMs, retry },
    };
    await using healthy = await startFaultyServer();
    const expected = await trainSupport(healthy, { ...options, run: { ...options.run, id: "healthy" } });
    await using server = await startFaultyServer({ seed: 2, faults, limit, latencyMs });
    const result = await trainSupport(server, { ...options, run: { ...options.run, id: "faulty" } });
    expect(courseOf(result)).toEqual(courseOf(expected));
    expect(await historyOf(folder, "faulty")).toEqual(await historyOf(folder, "healthy"));
    expect(server.counts.overLimit, show("many at once", server)).toBeLessThan(server.answers.length);
  });
});
