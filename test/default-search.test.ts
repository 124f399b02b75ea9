/**
 * What a run by the default search does that only shows from outside: how it ends, how it resumes, and what it says when it begins.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { ConsoleLogger, model, parameter, type RunEvent, range, TPE, type TrainOptions, train } from "opto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "opto-default-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));
afterEach(() => void vi.useRealTimers());

const asked = (count: number) => Array.from({ length: count }, (_, input) => ({ input, info: "yes" }));

/** Trains an agent that answers `level` of 60 questions right. */
async function run(options: Partial<TrainOptions<number, string, string>> = {}, onRollout = () => {}) {
  const agent = model({ level: parameter(5, { domain: range(0, 60, { integer: true }) }) }, ({ level }, x: number) => {
    onRollout();
    return x < level.value ? "yes" : "no";
  });
  const events: RunEvent[] = [];
  const result = await train<number, string, string>({
    ...{ agent, trainDataset: asked(64), guide: "exactMatch", optimizer: new TPE(agent, { seed: 1 }), run: null },
    logger: { onEvent: (event) => void events.push(event) },
    ...options,
  });
  const evaluated = events.flatMap((event) => (event.type === "candidate-tested" ? [event.iteration] : []));
  return { ...result, events, evaluated };
}

describe("a run by the default search", () => {
  it.each<[string, TrainOptions<number, string, string>["stop"], TrainOptions<number, string, string>["stop"]]>([
    ["patience", undefined, { patience: 9 }],
    ["a target score", undefined, { targetScore: 1 }],
    ["neither any more", { patience: 9 }, undefined],
  ])("resumes with %s", async (what, before, after) => {
    const kept = { dir, id: what.replaceAll(" ", "-") };
    const first = await run({ run: kept, stop: { ...before, maxIterations: 3 } });
    expect([first.stopReason, first.events[0]]).toMatchObject(["max-iterations", { algorithm: "RacingSearch" }]);
    const { iterations, evaluated } = await run({ run: kept, stop: after });
    expect(iterations).toBeGreaterThan(3);
    // Where a score is waited for, there is one in every iteration.
    expect(evaluated.includes(4)).toBe(after !== undefined);
  });

  it("does not resume with another frequency of evaluations", async () => {
    const kept = { dir, id: "frequency" };
    await run({ run: kept, stop: { maxIterations: 1 } });
    await expect(run({ run: kept, evalFrequency: 2 })).rejects.toThrow("option evalFrequency: 10 → 2");
  });

  it.each([
    ["a deadline", "deadline", (ms: number) => ({ stop: { deadline: new Date(Date.now() + ms) } })],
    ["budgeted time", "budget", (wallClockMs: number) => ({ budget: { wallClockMs } })],
  ] as const)("returns its leader where %s ends it before an evaluation", async (_, reason, limit) => {
    // Time passes with the rollouts alone.
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    const passes = () => void vi.advanceTimersByTime(1_000);
    const { stopReason, iterations, evaluated, report, best } = await run(
      { ...limit(1_000 * 150), numEpochs: 20, seed: 3 },
      passes,
    );
    expect({ stopReason, evaluated }).toEqual({ stopReason: reason, evaluated: [0] });
    expect([iterations > 2, iterations < 10]).toEqual([true, true]);
    expect(best.parameters).not.toEqual({ level: 5 });
    expect(report.text).toMatch(/^\+/);
  });

  it("does not tell how to evaluate less where it is the search that measures", async () => {
    let text = "";
    const stream = new Writable({
      write(chunk, _encoding, done) {
        text += chunk;
        done();
      },
    });
    const logger = new ConsoleLogger({ stream: stream as never, color: false });
    await run({ logger });
    expect(text).toMatch(/^RacingSearch/);
    expect(text).not.toContain("are evaluation");
    await run({ logger, algorithm: "bestOf", stop: { maxIterations: 2 } });
    expect(text).toContain("rollouts are evaluation; to change that, set `evalFrequency`");
  });
});
