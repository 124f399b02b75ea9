/**
 * The parts that find out what a provider takes: the window, the fitted knee, the spacing, the signs of a block.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { Random } from "../../data/random.ts";
import { AdaptiveWindow, BlockDetector, fitKnee, type LoadSample } from "./adaptive-window.ts";
import { PerMinute, Spacing } from "./rate-limit-headers.ts";

/** Rounds in which all places are taken and a share of the requests fails that depends on how many there are. */
function rounds(window: AdaptiveWindow, count: number, failing: (load: number) => number, random: Random): number[] {
  return Array.from({ length: count }, () => {
    window.press();
    const load = Math.max(1, Math.round(window.limit));
    const marks = Array.from({ length: Math.max(20, Math.ceil(window.limit)) }, () => window.sent(load));
    for (const mark of marks) window.ended(mark, random.next() < failing(load));
    return window.limit;
  });
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

describe("AdaptiveWindow", () => {
  it.each([0, 0.1, 0.3, 0.5])("grows however many of the requests fail by chance: %d", (share) => {
    const window = new AdaptiveWindow();
    rounds(window, 8, () => share, new Random(1, `share/${share}`));
    expect(window.limit).toBeGreaterThan(64);
  });

  it.each([
    [4, 0],
    [16, 0],
    [16, 0.3],
    [100, 0],
    [100, 0.3],
  ])("settles near the %d that are taken, with %d failing by chance", (most, chance) => {
    const window = new AdaptiveWindow();
    const failing = (load: number): number => 1 - (1 - chance) * Math.min(1, most / load);
    const limits = rounds(window, 150, failing, new Random(2, `most/${most}/${chance}`)).slice(50);
    expect(mean(limits)).toBeGreaterThan(most * 0.8);
    expect(mean(limits)).toBeLessThan(most * 1.6);
  });

  it("follows a provider that takes less, and more again", () => {
    const window = new AdaptiveWindow();
    const random = new Random(3, "change");
    const among = (most: number) => (load: number) => 1 - 0.7 * Math.min(1, most / load);
    for (const most of [40, 8, 40]) {
      const limits = rounds(window, 120, among(most), random).slice(60);
      expect(mean(limits)).toBeGreaterThan(most * 0.7);
      expect(mean(limits)).toBeLessThan(most * 2);
    }
  });

  it("recovers from a first knee that was imagined", () => {
    const window = new AdaptiveWindow();
    const round = (sent: number, failed: number): number => {
      window.press();
      const load = Math.max(1, Math.round(window.limit));
      const marks = Array.from({ length: sent }, () => window.sent(load));
      for (const [index, mark] of marks.entries()) if (index < failed + 5) window.ended(mark, index < failed);
      return window.limit;
    };
    // Half of the first few refused by chance, two bold steps, and then one too far.
    for (const [sent, failed] of [
      [8, 4],
      [28, 15],
      [16, 16],
    ] as const)
      round(sent, failed);
    expect(window.limit).toBeGreaterThanOrEqual(4);
    rounds(window, 4, () => 0.4, new Random(5, "again"));
    expect(window.limit).toBeGreaterThan(8);
  });

  it("shrinks when more run out of time than are answered, and does not grow while many do", () => {
    const window = new AdaptiveWindow();
    rounds(window, 3, () => 0, new Random(1, "late"));
    expect(window.limit).toBe(64);
    for (let index = 0; index < 24; index++) window.late();
    expect(window.limit).toBe(8);
    for (let index = 0; index < 5; index++) window.late();
    rounds(window, 1, () => 0, new Random(1, "late"));
    expect(window.limit).toBe(8);
  });

  it("does not grow while nobody waits", () => {
    const window = new AdaptiveWindow();
    for (let index = 0; index < 200; index++) window.ended(window.sent(2), false);
    expect(window.limit).toBe(8);
  });

  it("does not look at attempts that were sent before the last change", () => {
    const window = new AdaptiveWindow();
    const old = Array.from({ length: 100 }, () => window.sent(8));
    window.blocked();
    for (const mark of old) window.ended(mark, true);
    expect(window.limit).toBe(4);
  });
});

describe("fitKnee", () => {
  const sample = (load: number, failed: number): LoadSample => ({ load, sent: 100, failed, weight: 1 });

  it.each<[string, LoadSample[], number, number]>([
    ["no failures", [sample(8, 0), sample(16, 0)], 0.995, Number.POSITIVE_INFINITY],
    ["failures that do not depend on the load", [sample(8, 31), sample(16, 29), sample(32, 30)], 0.7, Number.POSITIVE_INFINITY],
    ["failures above 16", [sample(8, 0), sample(16, 0), sample(32, 50)], 0.995, 16],
    ["both", [sample(8, 30), sample(16, 30), sample(32, 65)], 0.7, 16],
  ])("finds %s", (_, samples, share, load) => {
    const knee = fitKnee(samples);
    expect(knee.share).toBeCloseTo(share, 1);
    if (load === Number.POSITIVE_INFINITY) expect(knee.load).toBe(load);
    else expect(Math.abs(knee.load / load - 1)).toBeLessThan(0.12);
  });
});

describe("Spacing", () => {
  it.each<[string, number, number, boolean]>([
    ["close followers are refused", 0.8, 0.05, true],
    ["close followers are refused, among chance refusals", 0.86, 0.3, true],
    ["all are refused alike", 0.4, 0.4, false],
    ["few are refused", 0.2, 0.05, false],
  ])("when %s", (_, close, apart, even) => {
    const random = new Random(1, "spacing");
    const spacing = new Spacing();
    for (let index = 0; index < 200; index++) {
      const gap = random.next();
      spacing.ended(gap, random.next() < (gap < 0.5 ? close : apart));
    }
    expect(spacing.even).toBe(even);
  });
});

describe("BlockDetector", () => {
  const refuse = (detector: BlockDetector, count: number, inFlight: number, from = 100): boolean[] =>
    Array.from({ length: count }, (_, index) => {
      const now = from + index * 10;
      return detector.refused(detector.sent(now), { now, inFlight, usualMs: 500 });
    });

  it("takes six refusals in a row, with nothing under way, for a block", () => {
    const detector = new BlockDetector();
    expect(refuse(detector, 6, 0)).toEqual([false, false, false, false, false, true]);
    expect([detector.pauses, detector.refusingSince]).toEqual([1, 100]);
    detector.answered(1000);
    expect([detector.pauses, detector.refusingSince]).toEqual([0, undefined]);
  });

  it("takes refusals beside requests that are being answered for what comes with load", () => {
    const detector = new BlockDetector();
    expect(refuse(detector, 20, 16)).not.toContain(true);
    expect(refuse(detector, 6, 16, 5000).at(-1)).toBe(false);
  });

  it("waits for what is still under way", () => {
    const detector = new BlockDetector();
    refuse(detector, 5, 0);
    const pending = detector.sent(200);
    expect(refuse(detector, 5, 0, 210)).not.toContain(true);
    expect(detector.refused(pending, { now: 300, inFlight: 0, usualMs: 500 })).toBe(true);
  });
});

describe("PerMinute", () => {
  it.each([1, 30, 600, 6000])("lets %d pass in a minute, not more", (limit) => {
    const bucket = new PerMinute(limit, 0);
    const times: number[] = [];
    for (let now = 0; now < 180_000; ) {
      const wait = bucket.waitMs(1, now);
      if (wait === 0) {
        bucket.use(1, now);
        times.push(now);
      } else now += Math.max(1, Math.ceil(wait));
    }
    const counts = [0, 30_000, 60_000, 100_000].map((from) => times.filter((at) => at >= from && at < from + 60_000).length);
    expect(Math.max(...counts)).toBeLessThanOrEqual(limit);
    expect(Math.max(...counts)).toBeGreaterThanOrEqual(limit * 0.8);
  });

  it("lets a large use pass and has the next one wait for it", () => {
    const bucket = new PerMinute(600, 0);
    expect(bucket.waitMs(100, 0)).toBe(0);
    bucket.use(100, 0);
    expect(bucket.waitMs(1, 0)).toBeGreaterThan(9000);
    bucket.use(-90, 0);
    expect(bucket.waitMs(1, 0)).toBeLessThan(200);
  });
});
