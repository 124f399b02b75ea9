/**
 * The clocks of a run: the deadline goes by the wall's, the budget of time by the one that never jumps.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Clock } from "../data/clock.ts";
import { toDataset } from "../data/dataset.ts";
import { range } from "../graph/domain.ts";
import { Module } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { toGuide } from "../guides/guide.ts";
import { TPE } from "../optimizers/tpe.ts";
import type { MinibatchTrainOptions } from "./algorithm-options.ts";
import { readTrainOptions, toLoader } from "./train-settings.ts";
import { TrainingRun } from "./training-run.ts";

class Constant extends Module<number, number> {
  a = parameter(0, { domain: range(-3, 3) });

  forward(): number {
    return this.a.value;
  }
}

/** A clock of its own for the wall, while timers wait by `passed`. */
class SetClock implements Clock {
  offset = 0;
  passed = 0;

  now(): number {
    return begin + this.offset + this.passed;
  }

  monotonic(): number {
    return this.passed;
  }
}

const begin = Date.UTC(2030, 0, 31);
const hour = 3_600_000;
let clock: SetClock;

function start(options: MinibatchTrainOptions<number, number>): TrainingRun<number, number, number> {
  const agent = new Constant();
  const settings = readTrainOptions(options, "Test", 1);
  const dataset = toDataset([{ input: 1, info: 1 }], "trainDataset");
  const loader = toLoader(dataset, settings);
  const guide = toGuide<number, number, number>((_x, y) => y);
  const run = new TrainingRun({ agent, optimizer: new TPE(agent), guide, loader, testSet: dataset, settings }, clock);
  run.watch(() => {});
  return run;
}

function pass(ms: number): void {
  for (let left = ms; left > 0; left -= 30_000) {
    clock.passed += Math.min(left, 30_000);
    vi.advanceTimersByTime(Math.min(left, 30_000));
  }
}

beforeEach(() => {
  clock = new SetClock();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a deadline", () => {
  it("ends the run when it has come, not before, however far away it is", async () => {
    const run = start({ stop: { deadline: new Date(begin + 40 * 24 * hour) } });
    pass(40 * 24 * hour - 1000);
    expect(run.control.stopped).toBeUndefined();
    pass(1000);
    expect(run.control.stopped).toMatchObject({
      reason: "deadline",
      message: "The deadline 2030-03-12T00:00:00.000Z was reached",
    });
    await run.close("deadline", run.control.stopped);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is noticed in the middle of an iteration when the clock is set forward", () => {
    const run = start({ stop: { deadline: new Date(begin + 10 * hour) } });
    pass(hour);
    clock.offset = 9 * hour;
    pass(30_000);
    expect(run.control.stopped).toMatchObject({ reason: "deadline" });
  });

  it("is later when the clock is set back", () => {
    const run = start({ stop: { deadline: new Date(begin + 2 * hour) } });
    pass(hour);
    clock.offset = -5 * hour;
    pass(3 * hour);
    expect(run.control.stopped).toBeUndefined();
    pass(3 * hour);
    expect(run.control.stopped).toMatchObject({ reason: "deadline" });
  });

  it("that is past already stops the run before its first call", () => {
    expect(start({ stop: { deadline: new Date(begin - 1) } }).control.stopped).toMatchObject({ reason: "deadline" });
  });
});

describe("a budget of time", () => {
  it("goes by the time that has passed, whatever the clock says", () => {
    const run = start({ budget: { wallClockMs: hour } });
    for (const hours of [-400, 0, 30, -3]) {
      clock.offset = hours * hour;
      pass(hour / 5);
      run.ledger.checkTime();
    }
    expect(run.ledger.spent().elapsedMs).toBe(0.8 * hour);
    pass(hour / 5);
    expect(() => run.ledger.checkTime()).toThrow("The budget of 3,600 s of training is spent");
  });
});
