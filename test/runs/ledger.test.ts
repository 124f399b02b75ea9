/**
 * What a run says it has used is what the provider has seen, and no budget is passed, however the run is cut short and continued.
 *
 * @module
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { RunEvent, TrainResult } from "opto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errorBody } from "../support/openai-server.ts";
import { type FaultyServer, startFaultyServer } from "./faulty-server.ts";
import { roleOf } from "./model-server.ts";
import { type ProgramEnd, startProgram } from "./start-program.ts";
import { courseOf, historyOf, modelName, questions, type SupportOptions, trainSupport } from "./train-support.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-ledger-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const calls = { retry: { initialDelayMs: 1, maxDelayMs: 20, maxRetries: 30 } };
const faults = { refused: 0.1, failed: 0.15 };
const roles = ["agent", "judge", "optimizer"] as const;

/** Requests, answers and tokens as the server has counted them, in all and by role. */
function seenBy({ seen, answers }: FaultyServer): object {
  const lineOf = (role?: string): object => {
    const given = answers.filter((answer) => role === undefined || answer.role === role);
    return {
      requests: seen.filter((request) => role === undefined || roleOf(request) === role).length,
      calls: given.length,
      inputTokens: given.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
      outputTokens: given.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
    };
  };
  const asked = new Set(seen.map(roleOf));
  return { ...lineOf(), byRole: Object.fromEntries([...asked].map((role) => [role, lineOf(role)])) };
}

const resultOf = ({ output, errors, code }: ProgramEnd): TrainResult => {
  expect(code, errors).toBe(0);
  return JSON.parse(output.trimEnd().split("\n").at(-1) as string);
};

describe("the use that a run reports", () => {
  it.each([
    ["undisturbed", {}],
    ["with errors and refusals that are tried again", faults],
  ])("is what the provider has counted: %s", async (_, kinds) => {
    await using server = await startFaultyServer({ seed: 4, faults: kinds, retryAfter: 0.02 });
    const { usage } = await trainSupport(server, { run: { dir: folder }, calls });
    expect(usage).toMatchObject(seenBy(server));
    expect(server.seen.length > server.answers.length).toBe(kinds === faults);
  });

  it("is what the provider has counted in both processes of a run that was stopped", async () => {
    await using server = await startFaultyServer({ seed: 5, faults, retryAfter: 0.02 });
    const options: SupportOptions = { run: { dir: folder, id: "night" }, calls };
    const first = await trainSupport(server, { ...options, budget: { calls: 40 } });
    expect(first.usage).toMatchObject(seenBy(server));
    const { usage, stopReason } = await trainSupport(server, options);
    expect(stopReason).toBe("completed");
    expect(usage).toMatchObject(seenBy(server));
  });

  it("counts what was sent at a SIGKILL, and each answer once", async () => {
    await using healthy = await startFaultyServer();
    const once = resultOf(
      await startProgram(healthy, { run: { dir: join(folder, "whole"), id: "night" }, numEpochs: 1, prunes: false }).ended,
    );
    await using server = await startFaultyServer({ latencyMs: 20 });
    const program = startProgram(server, { run: { dir: folder, id: "night" }, numEpochs: 1, prunes: false });
    await expect.poll(() => server.seen.length, { interval: 1, timeout: 120_000 }).toBeGreaterThan(60);
    program.kill("SIGKILL");
    await program.ended;
    const records = (await readFile(join(folder, "night", "calls.jsonl"), "utf8")).split("\n").slice(0, -1);
    const sent = records.filter((line) => line.includes('"call":"sent"')).length;
    const inFlight = 2 * sent - records.length;
    const { usage } = resultOf(
      await startProgram(server, { run: { dir: folder, id: "night" }, numEpochs: 1, prunes: false }).ended,
    );

    // Requests: those of an undisturbed run, and those in flight at the kill once more.
    expect(usage.requests).toBe(once.usage.requests + inFlight);
    // A request that is noted just before the kill may never leave.
    expect(server.seen.length).toBeLessThanOrEqual(usage.requests);
    expect(server.seen.length).toBeGreaterThanOrEqual(usage.requests - inFlight);
    // Answers: each as the undisturbed run has got it.
    for (const role of roles) {
      const { requests: _found, ...found } = usage.byRole[role] as object & { requests: number };
      const { requests: _expected, ...expected } = once.usage.byRole[role] as object & { requests: number };
      expect(found).toEqual(expected);
    }
    expect(healthy.answers).toHaveLength(once.usage.calls);
    expect(server.answers.length).toBeLessThanOrEqual(usage.calls + inFlight);
  });
});

/** Tokens per million cost so much that a small run costs some dollars. */
const prices = { [modelName]: { inputPerMillion: 100, outputPerMillion: 1_000 } };
const numThreads = 4;

/** The largest call of the runs here, in tokens and dollars. Replies that are thought about are longer than is expected. */
function largest(server: FaultyServer): { tokens: number; usd: number } {
  const tokens = Math.max(...server.answers.map(({ inputTokens, outputTokens }) => inputTokens + outputTokens));
  const usd = Math.max(
    ...server.answers.map(({ inputTokens, outputTokens }) => (100 * inputTokens + 1_000 * outputTokens) / 1e6),
  );
  return { tokens, usd };
}

const whole = (max: number): fc.Arbitrary<number> => fc.noBias(fc.integer({ min: 1, max }));
const budgets = fc.oneof(
  fc.record({ calls: whole(70) }),
  fc.record({ tokens: whole(25_000) }),
  fc.record({ usd: whole(12_000).map((thousandths) => thousandths / 1000) }),
  fc.record({ rollouts: whole(30) }),
  fc.record({ wallClockMs: whole(200) }),
  fc.record({ calls: whole(70), rollouts: whole(30), tokens: whole(25_000) }),
);

describe("a budget of any kind", () => {
  it("is kept, ends the run as a result, and what follows comes to what an undisturbed run comes to", async () => {
    await using healthy = await startFaultyServer();
    const options: SupportOptions = {
      run: { dir: folder },
      trainDataset: questions(3),
      calls: { ...calls, prices },
      numThreads,
      prunes: false,
    };
    const expected = await trainSupport(healthy, { ...options, run: { ...options.run, id: "whole" } });
    const history = await historyOf(folder, "whole");
    let runs = 0;
    const stops: string[] = [];
    const kinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(budgets, fc.integer({ min: 0, max: 1000 }), fc.boolean(), async (budget, seed, cacheRollouts) => {
        await using server = await startFaultyServer({ seed, faults: { refused: 0.01, failed: 0.02 }, retryAfter: 0.02 });
        const id = `run-${runs++}`;
        const own: SupportOptions = { ...options, run: { ...options.run, cacheRollouts, id } };
        let ended: RunEvent | undefined;
        const onEvent = (event: RunEvent): void => {
          if (event.type === "run-end") ended = event;
        };
        // Three processes: with the budget, with twice as much, without one.
        for (const factor of [1, 2]) {
          const caps = Object.fromEntries(Object.entries(budget).map(([kind, cap]) => [kind, cap * factor]));
          const { usage, stopReason } = await trainSupport(server, { ...own, onEvent, budget: caps });
          expect(usage).toMatchObject(seenBy(server));
          keepsWithin(caps, usage, largest(healthy));
          if (stopReason === "completed") break;
          stops.push(
            `${JSON.stringify(caps)}: ${usage.requests} requests, ${usage.inputTokens + usage.outputTokens} tokens, $${usage.usd}, ${usage.rollouts} rollouts`,
          );
          kinds.add(Object.keys(caps).join());
          expect(stopReason).toBe("budget");
          expect(ended).toMatchObject({
            reason: "budget",
            error: expect.stringMatching(/^StopError: The budget of .+ is (spent|too small)/),
          });
          expect(ended).toMatchObject({ error: expect.stringMatching(/Raise `?(the )?budget/i) });
        }
        const result = await trainSupport(server, own);
        expect(courseOf(result)).toEqual(courseOf(expected));
        expect(await historyOf(folder, id)).toEqual(history);
        expect(result.usage).toMatchObject({ ...seenBy(server), rollouts: expected.usage.rollouts });
        // Nothing was asked twice.
        expect(server.answers).toHaveLength(healthy.answers.length);
      }),
      { numRuns: 25, seed: 3 },
    );
    if (process.env.SHOW) console.log(stops.join("\n"));
    expect(kinds.size).toBe(6);
  });
});

/** Calls and rollouts are never passed; the others by no more than what was in flight. */
function keepsWithin(
  { calls, rollouts, tokens, usd, wallClockMs }: Readonly<Record<string, number>>,
  usage: TrainResult["usage"],
  call: { tokens: number; usd: number },
): void {
  if (calls !== undefined) expect(usage.requests).toBeLessThanOrEqual(calls);
  if (rollouts !== undefined) expect(usage.rollouts).toBeLessThanOrEqual(rollouts);
  if (tokens !== undefined) expect(usage.inputTokens + usage.outputTokens).toBeLessThanOrEqual(tokens + numThreads * call.tokens);
  if (usd !== undefined) expect(usage.usd).toBeLessThanOrEqual(usd + numThreads * call.usd);
  if (wallClockMs !== undefined) expect(usage.elapsedMs).toBeGreaterThanOrEqual(0);
}

describe("a budget of time", () => {
  it("is for all processes together, also when one ends in the middle of an iteration", async () => {
    await using server = await startFaultyServer({ latencyMs: 20 });
    const options: SupportOptions = {
      run: { dir: folder, id: "night" },
      trainDataset: questions(12),
      budget: { wallClockMs: 60 },
    };
    const { stopReason, usage } = await trainSupport(server, options);
    expect(stopReason).toBe("budget");
    expect(usage.elapsedMs).toBeGreaterThanOrEqual(60);
    const asked = server.seen.length;
    const again = await trainSupport(server, options);
    expect(again.stopReason).toBe("budget");
    expect(again.usage.elapsedMs).toBeGreaterThanOrEqual(usage.elapsedMs);
    expect(server.seen).toHaveLength(asked);
  });
});

describe("a quota that is used up", () => {
  it("ends the run as a result, and the same command goes on when there is more", async () => {
    await using healthy = await startFaultyServer();
    const expected = await trainSupport(healthy, { run: { dir: folder, id: "whole" }, prunes: false });
    let isEmpty = false;
    const body = errorBody("You exceeded your current quota", "insufficient_quota", "insufficient_quota");
    await using server = await startFaultyServer({
      instead: ({ index }) => {
        isEmpty ||= index === 50;
        return isEmpty ? { status: 429, body } : undefined;
      },
    });
    const options: SupportOptions = { run: { dir: folder, id: "night" }, prunes: false };
    const { stopReason, usage } = await trainSupport(server, options);
    expect(stopReason).toBe("quota");
    expect(usage).toMatchObject(seenBy(server));
    const checkpoint = JSON.parse(await readFile(join(folder, "night", "checkpoint.json"), "utf8"));
    expect(checkpoint.status).toEqual({
      state: "unfinished",
      reason: "quota",
      error: expect.stringMatching(
        /StopError: openai\/test-model has no quota left .*You exceeded your current quota.*then resume the run/,
      ),
    });
    // Only what was in flight when it was told came after.
    expect(server.seen.length).toBeLessThanOrEqual(50 + 8);

    await using refilled = await startFaultyServer();
    const result = await trainSupport(refilled, options);
    expect(courseOf(result)).toEqual(courseOf(expected));
    expect(await historyOf(folder, "night")).toEqual(await historyOf(folder, "whole"));
    expect(server.answers.length + refilled.answers.length).toBe(healthy.answers.length);
  });
});

describe("a budget in dollars", () => {
  it("is refused before anything is sent when the price of a model is not known", async () => {
    await using server = await startFaultyServer();
    const training = trainSupport(server, { run: { dir: folder }, budget: { usd: 1 } });
    await expect(training).rejects.toThrow(
      /^`budget\.usd` needs the price of openai\/test-model, but it is in no price table\. Give /,
    );
    expect(server.seen).toHaveLength(0);
  });
});
