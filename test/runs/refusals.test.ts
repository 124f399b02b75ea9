/**
 * Programs at the edge of a run: an agent that catches what it is refused, a guide that throws, a clock that jumps.
 *
 * @module
 */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GuideError, type RunEvent } from "opto";
import { readRunEvents } from "opto/runs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { layered } from "../support/layered.ts";
import { errorBody } from "../support/openai-server.ts";
import { type FaultyServer, startFaultyServer } from "./faulty-server.ts";
import { courseOf, historyOf, modelOf, Support, type SupportOptions, trainSupport } from "./train-support.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-refusals-"));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true, force: true });
});

/** Asks twice, and answers whatever happens. */
class Unmoved extends Support {
  override async forward(question: string): Promise<string> {
    try {
      const first = await super.forward(question);
      return String(await super.forward(`${question} ${first}`));
    } catch {
      return "sorry";
    }
  }
}

/** An excuse would be the best answer of all. */
const gullible = (_question: string, answer: string): number => (answer === "sorry" ? 1 : answer.length / 100);

/** Does something when so many calls have been answered. */
function after(count: number, act: () => void): (event: RunEvent) => void {
  let seen = 0;
  return ({ type }) => {
    if (type === "model-call" && ++seen === count) act();
  };
}

const quota = errorBody("You exceeded your current quota", "insufficient_quota", "insufficient_quota");
const controllers = new Map<string, AbortController>();
const reason = new Error("Enough");

/** Ways to refuse a call in the middle of a run, with what the run then ends with. */
const refusals: [string, string, (run: string) => SupportOptions][] = [
  ["a spent budget", "budget", () => ({ budget: { calls: 21 } })],
  ["a spent quota", "quota", () => ({})],
  ["Ctrl-C", "interrupted", () => ({ stop: { onSignals: true }, onEvent: after(21, () => process.emit("SIGINT")) })],
  [
    "an abort",
    "aborted",
    (run) => {
      const controller = new AbortController();
      controllers.set(run, controller);
      return { signal: controller.signal, onEvent: after(21, () => controller.abort(reason)) };
    },
  ],
];

describe.each([
  ["", false],
  [" whose results are kept", true],
])("a rollout%s of an agent that catches everything", (_, cacheRollouts) => {
  it.each(refusals)("has no score for a call that %s refused", async (_name, stopReason, optionsOf) => {
    await using server = await startFaultyServer({ latencyMs: 2 });
    await using empty = await startFaultyServer({
      latencyMs: 2,
      instead: ({ index }) => (index >= 21 ? { status: 429, body: quota } : undefined),
    });
    const train = (source: FaultyServer, { onEvent, ...options }: SupportOptions) => {
      const scores: (number | null)[] = [];
      const listen = (event: RunEvent): void => {
        onEvent?.(event);
        if (event.type === "rollout-end") scores.push(event.score);
      };
      const agent = new Unmoved(modelOf(source));
      const more = { agent, guide: gullible, run: { dir: folder, cacheRollouts }, onEvent: listen };
      return trainSupport(source, layered(more, options)).finally(() => {
        expect(scores).not.toContain(1);
        expect(scores.length).toBeGreaterThan(0);
      });
    };
    const expected = await train(server, { run: { id: "whole" } });

    const cut = train(stopReason === "quota" ? empty : server, { run: { id: "cut" }, ...optionsOf("cut") });
    if (stopReason === "aborted") await expect(cut).rejects.toBe(reason);
    else expect(await cut).toMatchObject({ stopReason });
    // What a rollout does after the end of its run changes nothing any more.
    await new Promise((resolve) => setTimeout(resolve, 20));

    expect(courseOf(await train(server, { run: { id: "cut" } }))).toEqual(courseOf(expected));
    expect(await historyOf(folder, "cut")).toEqual(await historyOf(folder, "whole"));
  });
});

describe("a guide that throws", () => {
  it("stops the run with the example named, and once it is mended nothing is paid for again", async () => {
    const guide = (question: string, answer: string): number => answer.length / 100 + question.length / 1000;
    await using healthy = await startFaultyServer();
    const expected = await trainSupport(healthy, { guide, run: { dir: folder, id: "whole" } });

    await using server = await startFaultyServer();
    let asked = 0;
    const broken = (question: string, answer: string): number => {
      // In the middle of a validation, and only there.
      if (question.startsWith("Question 2") && ++asked === 3) throw new TypeError("Cannot read properties of undefined");
      return guide(question, answer);
    };
    const failure = await trainSupport(server, { guide: broken, run: { dir: folder, id: "night" } }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(GuideError);
    expect((failure as GuideError).message).toMatch(
      /^The guide failed on the input "Question 2: where is my order\?" \(string\) \(iteration\/\d+\/\S*example\/2\/sample\/0\): Cannot read properties/,
    );
    expect((failure as GuideError).cause).toBeInstanceOf(TypeError);
    const checkpoint = JSON.parse(await readFile(join(folder, "night", "checkpoint.json"), "utf8"));
    expect(checkpoint.status).toEqual({
      state: "unfinished",
      reason: "failed",
      error: expect.stringMatching(/^GuideError: The guide failed on the input "Question 2/),
    });
    expect(server.seen.length).toBeGreaterThan(0);
    expect(server.seen.length).toBeLessThan(healthy.seen.length);

    const result = await trainSupport(server, { guide, run: { dir: folder, id: "night" } });
    expect(courseOf(result)).toEqual(courseOf(expected));
    // It is another guide now, so scores of the old one are forgotten.
    const [night, whole] = await Promise.all([unnumbered("night"), unnumbered("whole")]);
    const changed = night.findIndex((event) => event.includes("code has changed"));
    expect(night[changed]).toMatch(/"type":"warning".*guide\.judge/);
    expect(night[changed + 1]).toBe('{"type":"scores-forgotten"}');
    expect([...night.slice(0, changed), ...night.slice(changed + 2)]).toEqual(whole);
    expect(server.seen).toHaveLength(healthy.seen.length);
    expect(result.usage.requests).toBe(healthy.seen.length);
    // Those of the guide that failed count as well.
    expect(result.usage.rollouts).toBeGreaterThanOrEqual(expected.usage.rollouts);
  });

  const unnumbered = async (run: string): Promise<string[]> =>
    (await historyOf(folder, run)).map((event) => event.replace(/^\{"seq":\d+,/, "{"));
});

const hour = 3_600_000;

/** Sets the clock of the system; timers and what measures time go on as they are. */
function setClock(ms: number): void {
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(ms);
}

describe("a system clock that jumps by hours", () => {
  it("changes neither result nor history nor the time that is counted", async () => {
    const faults = { refused: 0.1, failed: 0.1 };
    const calls = { retry: { initialDelayMs: 1, maxDelayMs: 20 } };
    const options: SupportOptions = { run: { dir: folder }, calls, budget: { wallClockMs: hour } };
    await using healthy = await startFaultyServer();
    const expected = await trainSupport(healthy, { ...options, run: { ...options.run, id: "steady" } });

    await using server = await startFaultyServer({ seed: 6, faults, retryAfter: 0.01 });
    const begin = Date.UTC(2030, 0, 31);
    let events = 0;
    const jump = (): void => setClock(begin + ([0, 7, -5, 30, -400, 2][events++ % 6] as number) * hour);
    // Also from one process to the next.
    const first = await trainSupport(server, {
      ...options,
      run: { ...options.run, id: "jumping" },
      onEvent: jump,
      budget: { wallClockMs: hour, calls: 40 },
    });
    expect(first.stopReason).toBe("budget");
    const result = await trainSupport(server, { ...options, run: { ...options.run, id: "jumping" }, onEvent: jump });

    expect(result.stopReason).toBe("completed");
    expect(courseOf(result)).toEqual(courseOf(expected));
    expect(await historyOf(folder, "jumping")).toEqual(await historyOf(folder, "steady"));
    const lines = await readRunEvents(join(folder, "jumping", "events.jsonl"));
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
    expect(result.usage.elapsedMs).toBeGreaterThan(first.usage.elapsedMs);
    expect(result.usage.elapsedMs).toBeLessThan(hour / 10);
    // The times of the journal are those of the clock, whatever it says.
    const times = lines.map(({ time }) => Date.parse(String(time)));
    expect(times.some((time, index) => index > 0 && time < (times[index - 1] as number))).toBe(true);
  });

  it("ends a run whose deadline it passes, and the run goes on when it is set back", async () => {
    await using server = await startFaultyServer();
    const expected = await trainSupport(server, { run: { dir: folder, id: "whole" } });
    const begin = Date.UTC(2030, 0, 31);
    setClock(begin);
    const options: SupportOptions = { run: { dir: folder, id: "night" }, stop: { deadline: new Date(begin + 2 * hour) } };
    const past = await trainSupport(server, { ...options, onEvent: after(20, () => setClock(begin + 3 * hour)) });
    expect(past.stopReason).toBe("deadline");
    const checkpoint = JSON.parse(await readFile(join(folder, "night", "checkpoint.json"), "utf8"));
    expect(checkpoint.status.error).toBe("StopError: The deadline 2030-01-31T02:00:00.000Z was reached");
    setClock(begin + hour);
    const result = await trainSupport(server, options);
    expect(result.stopReason).toBe("completed");
    expect(courseOf(result)).toEqual(courseOf(expected));
    expect(await historyOf(folder, "night")).toEqual(await historyOf(folder, "whole"));
  });
});
